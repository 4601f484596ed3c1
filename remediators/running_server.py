"""server-running-state: the server runs.

Why      A server that somebody stopped answers nobody, and takes no change that would make it safer.
Fix      Start it. Stopping may have been meant to save money, so a person approves.
Refuses  What is on its way, and servers that are down for other reasons, are not stopped.
Undo     Stop it again.
"""

from shared.control import Control, Disposition, Drift, Finding, NotApplicable, Parameters, Remediator, Severity
from shared.state import RUNNING, SERVER, STOPPED, Setting, SettingKind, State
from shared.target import Kind

_SETTING = Setting(SettingKind.POWER)
CONTROL = Control(
    id="server-running-state",
    title="Server is running (not stopped)",
    domain="Resilience & Recovery / Compute High Availability",
    severity=Severity.MEDIUM,
    facets=(SERVER,),
    operations=frozenset({"stop/action"}),
    permissions=frozenset({"start/action", "stop/action"}),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.NOTIFY,
    kinds=frozenset({Kind.FLEXIBLE, Kind.CITUS}),
    optional=True,
)


def detect(state: State, _: Parameters) -> Finding:
    """Find a server that somebody stopped."""
    found = state.value(_SETTING)
    if found is None:
        return NotApplicable("the server was not read")
    return (Drift(CONTROL.id, _SETTING, found, RUNNING, "nobody can reach the data"),) if found == STOPPED else ()


REMEDIATORS = (Remediator(CONTROL, detect),)
