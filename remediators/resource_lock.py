"""resource-lock-present: a CanNotDelete lock protects the server.

Why      A deleted server takes its backups along within days; a lock makes deleting it two decisions.
Fix      Put the lock back that was there; without one, make a lock named `holdfast` at the server. It is the last
         change of a plan. What is below a locked server, such as a firewall rule, can be changed and not deleted: a fix
         that needs that is refused with the lock's name.
Refuses  To loosen a ReadOnly lock, which forbids every other repair as well. A lock of the resource group or the
         subscription protects the server, too, and is left alone.
Undo     Delete the lock.
"""

from collections.abc import Mapping

from shared.control import Control, Drift, Finding, NotApplicable, Parameters, Remediator, Severity
from shared.state import Facet, FacetKind, Setting, SettingKind, State
from shared.target import Kind

CONTROL = Control(
    id="resource-lock-present",
    title="A CanNotDelete lock protects the server (or its resource group)",
    domain="Identity & Access Management / Privileged Access Management",
    severity=Severity.MEDIUM,
    facets=(Facet(FacetKind.LOCKS),),
    operations=frozenset({"microsoft.authorization/locks/write", "microsoft.authorization/locks/delete"}),
    # Deleting is needed only to take a lock of ours back.
    permissions=frozenset({"Microsoft.Authorization/locks/write", "Microsoft.Authorization/locks/delete"}),
    kinds=frozenset(Kind),
    optional=True,
)
_PROTECTS = "CanNotDelete"
_LOCK = {"level": _PROTECTS, "notes": "Holdfast keeps this lock"}


def detect(state: State, _: Parameters) -> Finding:
    """Find a server that anybody with a delete right can delete at once."""
    locks = state.children.get(FacetKind.LOCKS)
    if locks is None:
        return NotApplicable("the locks were not read")
    levels = {lock.get("level") for lock in locks.values()}
    if _PROTECTS in levels:
        return ()
    if "ReadOnly" in levels:
        name = min(name for name, lock in locks.items() if lock.get("level") == "ReadOnly")
        setting, person = Setting(SettingKind.LOCK, name), "put a CanNotDelete lock in the place of the ReadOnly lock"
        return (Drift(CONTROL.id, setting, locks[name], _LOCK, "a ReadOnly lock forbids every repair", person=person),)
    setting, wanted = _way_back(state)
    return (Drift(CONTROL.id, setting, locks.get(setting.name), wanted, "no lock keeps the server from being deleted"),)


def _way_back(state: State) -> tuple[Setting, Mapping[str, str]]:
    for setting, value in state.remembered(FacetKind.LOCKS):
        if value.get("level") == _PROTECTS:
            return setting, value
    return Setting(SettingKind.LOCK, "holdfast"), _LOCK


REMEDIATORS = (Remediator(CONTROL, detect),)
