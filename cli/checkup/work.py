"""What lies about in the store: work that waits, messages that wait, letters, and when servers were last looked at."""

from datetime import timedelta

from cli.checkup.model import Finding, Patient
from shared.errors import Retry, Stop
from shared.ports import Dossier, read_document
from shared.sweeping import DOCUMENT, Sweep
from shared.target import FLEET, Target

_WORK_WAITS = timedelta(minutes=15)
_MESSAGE_WAITS = timedelta(hours=1)
# An hourly timer may be late, and a sweep needs its time; whoever waits longer than this beyond it was forgotten.
_SWEEP = timedelta(hours=2)
_RESTART = "az functionapp restart, then look at the app's log"


async def store(patient: Patient) -> list[Finding]:
    """The store can be read and written."""
    await patient.store.ping()
    return [Finding("store", "the store answers")]


async def letters(patient: Patient) -> list[Finding]:
    """Everything could be handled."""
    found, wanted = await patient.store.dead_letters(1000), "no dead letters"
    if not found:
        return [Finding("dead letters", wanted)]
    text = f"{len(found)}, the newest from {found[0].source}: {found[0].reason[:160]}"
    return [Finding("dead letters", wanted, text, "holdfast dead-letters list")]


async def sweep(patient: Patient) -> list[Finding]:
    """Sweeps follow each other."""
    found, wanted = await _last_sweep(patient), "a sweep began within two hours, or is under way"
    if found is None:
        return [Finding("sweep", wanted, "none ever began", _RESTART)]
    said = f"the last one began at {found.began_at:%Y-%m-%d %H:%M} UTC, over {found.servers} servers"
    if found.is_under_way(patient.at) or patient.at - found.began_at <= _SWEEP:
        return [Finding("sweep", f"{wanted}: {said}, until {found.until:%H:%M} UTC")]
    return [Finding("sweep", wanted, said, _RESTART)]


async def _last_sweep(patient: Patient) -> Sweep | None:
    found = await patient.store.document(DOCUMENT)
    return read_document(Sweep, found) if found is not None else None


async def servers(patient: Patient) -> list[Finding]:
    """There are servers, each was looked at lately, and nothing waits for long."""
    try:
        targets = [target async for target in patient.servers()]
    except (Retry, Stop) as error:
        mend = "holdfast role --format json > role.json; az role definition create; az role assignment create"
        return [Finding("servers", "the fleet can be listed", str(error), mend)]
    if not targets:
        mend = "az role assignment create --role Reader --scope /subscriptions/ID for the app's identity"
        return [Finding("servers", "at least one server is seen", "none", mend)]
    findings, last = [Finding("servers", f"{len(targets)} servers are seen")], await _last_sweep(patient)
    patience = _SWEEP + (last.until - last.began_at if last is not None else timedelta())
    for target in targets:
        findings += _of_server(patient, target, await patient.store.load(target), patience)
    return [*findings, *_outbox(patient, "fleet", await patient.store.load(FLEET))]


def _of_server(patient: Patient, target: Target, dossier: Dossier, patience: timedelta) -> list[Finding]:
    memory, found = dossier.memory, _outbox(patient, target.name, dossier)
    seen = memory.summary.at if memory.summary is not None else None
    if seen is None or patient.at - seen > patience:
        when = f"last at {seen:%Y-%m-%d %H:%M} UTC" if seen else "never"
        hours = f"{patience.total_seconds() / 3600:.3g} hours: two, and what the last sweep took"
        found.append(Finding(f"looks at {target.name}", f"a look within {hours}", when, f"holdfast plan {target.name}"))
    waits = min((one.received_at for one in dossier.triggers if one.received_at), default=None)
    if waits is not None and patient.at - waits > _WORK_WAITS:
        text = f"waits since {waits:%Y-%m-%d %H:%M} UTC"
        found.append(Finding(f"queue of {target.name}", "work is taken up within 15 minutes", text, _RESTART))
    if memory.trouble is not None:
        text = f"{memory.trouble.times} looks failed: {memory.trouble.reason}"
        found.append(Finding(f"looks at {target.name}", "looks succeed", text, f"holdfast plan {target.name}"))
    return found


def _outbox(patient: Patient, name: str, dossier: Dossier) -> list[Finding]:
    old = [one for one in dossier.outbox if patient.at - one.created_at > _MESSAGE_WAITS]
    if not old:
        return []
    text = f"{len(old)} wait for more than an hour; {old[0].last_error or 'never tried'}"
    return [Finding(f"messages of {name}", "messages leave within an hour", text, "holdfast doctor --test-message")]
