"""respond-take-backup: there is a backup from the time of the alert.

Why      An attacker who is in may destroy data; a backup from now bounds what can be lost, and is evidence.
Fix      An on-demand backup is taken, named after the alert. It ends with the server's own retention.
Refuses  Single servers and Citus clusters, of which nobody can ask for one.
Undo     None: a backup is kept.
"""

import hashlib

from shared.control import Case, Change, Control, Drift, Finding, NotApplicable, Proposal, Remediator, Severity, Source
from shared.responses.response import DOMAIN, Brief, Response
from shared.state import SERVER, Facet, FacetKind, Setting, SettingKind, State

CONTROL = Control(
    id="respond-take-backup",
    title="There is a backup from the time of the alert",
    domain=DOMAIN,
    severity=Severity.MEDIUM,
    facets=(SERVER, Facet(FacetKind.BACKUPS)),
    operations=frozenset(),
    permissions=frozenset({"backups/write"}),
)
_BACKUP = {"backupType": "Customer On-Demand"}


def detect(state: State, brief: Brief) -> Finding:
    """Find alerts without a backup of their own."""
    found = state.children.get(FacetKind.BACKUPS)
    if found is None:
        return NotApplicable("the backups were not read")
    names = {
        attack.alert: f"holdfast-{hashlib.sha256(attack.alert.encode()).hexdigest()[:12]}" for attack in brief.attacks
    }
    why = f"no backup was taken when the alert {brief.said} came"
    wanted = [Setting(SettingKind.BACKUP, name) for name in names.values() if name not in found]
    return tuple(Drift(CONTROL.id, setting, None, _BACKUP, why) for setting in wanted)


def plan(case: Case) -> Proposal:
    """Take one."""
    return tuple(Change(drift.setting, None, drift.wanted, Source.ALERT) for drift in case.drifts)


RESPONSE = Response(
    Remediator(CONTROL, detect, plan),
    does="take a backup",
    undo="none, the backup is kept",
    idle="the backup has been taken already",
    lifts=False,
)
