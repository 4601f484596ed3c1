"""What lies about in the store: work that waits, messages that wait, letters, and when servers were last looked at."""

from datetime import timedelta

from cli.checkup.model import Finding, Patient
from shared.errors import Retry, Stop
from shared.ports import Dossier
from shared.target import FLEET, Target

_WORK_WAITS = timedelta(minutes=15)
_MESSAGE_WAITS = timedelta(hours=1)
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
    findings = [Finding("servers", f"{len(targets)} servers are seen")]
    for target in targets:
        findings += _of_server(patient, target, await patient.store.load(target))
    return [*findings, *_outbox(patient, "fleet", await patient.store.load(FLEET))]


def _of_server(patient: Patient, target: Target, dossier: Dossier) -> list[Finding]:
    memory, found = dossier.memory, _outbox(patient, target.name, dossier)
    seen = max(memory.good_at.values(), default=None)
    if seen is None or patient.at - seen > _SWEEP:
        when = f"last at {seen:%Y-%m-%d %H:%M} UTC" if seen else "never"
        found.append(Finding(f"sweep of {target.name}", "seen without fresh drift within two hours", when, _RESTART))
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
