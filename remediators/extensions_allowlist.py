"""extensions-allowlist: only approved extensions may be created in the databases.

Why      Extensions such as dblink, postgres_fdw and azure_storage carry data out of the server with plain SQL.
Fix      Take what the policy does not name off `azure.extensions`; the rest of the list stays, in its order. Extensions
         that exist already keep working; they cannot be altered or dropped while their name is missing.
Refuses  Not applicable without a list in the policy. An extension whose library is preloaded stays on the list: it is
         in use, and a person takes it out of `shared_preload_libraries` first.
Undo     Write the list as it was.
"""

from shared.condition import listed
from shared.control import Control, Drift, Finding, NotApplicable, Parameters, Remediator, Severity
from shared.state import Setting, SettingKind, State, parameter

_ALLOWED, _PRELOADED = "azure.extensions", "shared_preload_libraries"


class Approved(Parameters):
    """`approved_extensions`: the extensions that may be created; an empty list allows none."""

    approved_extensions: tuple[str, ...] | None = None


CONTROL = Control(
    id="extensions-allowlist",
    title="azure.extensions contains only approved extensions",
    domain="Network Security / Data Exfiltration Prevention & Data Loss Prevention",
    severity=Severity.MEDIUM,
    facets=(parameter(_ALLOWED), parameter(_PRELOADED)),
    operations=frozenset({"configurations/write"}),
    permissions=frozenset({"configurations/write"}),
    parameters=Approved,
    optional=True,
)


def detect(state: State, approved: Approved) -> Finding:
    """Find extensions that the policy does not name."""
    if approved.approved_extensions is None:
        return NotApplicable("the policy names no approved extensions")
    held = state.parameters.get(_ALLOWED)
    if held is None:
        return NotApplicable(f"this server has no parameter {_ALLOWED}")
    good = {name.lower() for name in approved.approved_extensions}
    names = listed(held.value)
    strangers = [name for name in names if name.lower() not in good]
    if not strangers:
        return ()
    in_use = _preloaded(state)
    stay = [name for name in strangers if name.lower() in in_use]
    why = f"not approved: {', '.join(strangers)}"
    wanted = ",".join(name for name in names if name not in strangers or name in stay)
    person = f"take {', '.join(stay)} out of {_PRELOADED} first: the server uses it" if stay == strangers else ""
    return (Drift(CONTROL.id, Setting(SettingKind.PARAMETER, _ALLOWED), held.value, wanted, why, person=person),)


def _preloaded(state: State) -> set[str]:
    held = state.parameters.get(_PRELOADED)
    return {name.lower() for name in listed(held.value)} if held else set()


REMEDIATORS = (Remediator(CONTROL, detect),)
