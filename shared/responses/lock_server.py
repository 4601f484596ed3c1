"""respond-lock-server: a CanNotDelete lock protects the server while it is attacked.

Why      Deleting a server takes its backups along within days; so an attacker with rights in Azure
         covers tracks.
Fix      A lock named `holdfast-incident` is made at the server. Settings can still be changed, below the server nothing
         can be deleted: it is the last change of a plan.
Refuses  Nothing. Where a lock protects the server already, none is made.
Undo     The lock is taken away.
"""

from shared.control import Case, Change, Control, Drift, Finding, NotApplicable, Proposal, Remediator, Severity, Source
from shared.responses.response import DOMAIN, Brief, Response
from shared.state import Facet, FacetKind, Setting, SettingKind, State
from shared.target import Kind

CONTROL = Control(
    id="respond-lock-server",
    title="A lock keeps the server from being deleted while it is attacked",
    domain=DOMAIN,
    severity=Severity.MEDIUM,
    facets=(Facet(FacetKind.LOCKS),),
    operations=frozenset({"microsoft.authorization/locks/write", "microsoft.authorization/locks/delete"}),
    permissions=frozenset({"Microsoft.Authorization/locks/write", "Microsoft.Authorization/locks/delete"}),
    kinds=frozenset(Kind),
)
_LOCK = Setting(SettingKind.LOCK, "holdfast-incident")
_LONGEST_NOTE = 512


def detect(state: State, brief: Brief) -> Finding:
    """Find a server that can be deleted at once."""
    locks = state.children.get(FacetKind.LOCKS)
    if locks is None:
        return NotApplicable("the locks were not read")
    if any(lock.get("level") in ("CanNotDelete", "ReadOnly") for lock in locks.values()):
        return ()
    lock = {"level": "CanNotDelete", "notes": f"Holdfast, for the alert {brief.said}"[:_LONGEST_NOTE]}
    why = f"no lock keeps the server from being deleted while the alert {brief.said} is open"
    return (Drift(CONTROL.id, _LOCK, None, lock, why),)


def plan(case: Case) -> Proposal:
    """Make it."""
    return tuple(Change(drift.setting, None, drift.wanted, Source.ALERT) for drift in case.drifts)


RESPONSE = Response(
    Remediator(CONTROL, detect, plan),
    does="lock the server against being deleted",
    undo="the lock is taken away",
    idle="a lock protects the server already",
)
