"""ondemand-backup-retained: backups that somebody asked for are kept for as long as they were to be.

Why      An on-demand backup is made before something risky; whoever deletes it takes the way back.
Fix      None: a deleted backup cannot be brought back.
Refuses  Always. A person finds out who deleted it, and takes a new one while the data is still there. A backup older
         than the server's retention ends by itself and is no finding.
Undo     Nothing is written.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Remediator,
    Revert,
    Severity,
)
from shared.state import SERVER, Facet, FacetKind, State

CONTROL = Control(
    id="ondemand-backup-retained",
    title="On-demand backups are not deleted outside the process",
    domain="Resilience & Recovery / Data Resilience (back-up)",
    severity=Severity.LOW,
    facets=(SERVER, Facet(FacetKind.BACKUPS)),
    operations=frozenset({"backups/write", "backups/delete"}),
    permissions=frozenset(),
    fresh=Disposition.NOTIFY,
    first_sight=Disposition.NOTIFY,
    revert=Revert.PERSON,
    optional=True,
)
_PERSON = "a deleted backup cannot be brought back: find out why it was deleted, and take a new one"


def detect(state: State, _: Parameters) -> Finding:
    """Find backups that are gone before their time."""
    found = state.children.get(FacetKind.BACKUPS)
    if found is None or state.server is None or state.at is None:
        return NotApplicable("the server, its backups and the time of reading are not all known")
    days = state.server.facts.get("backup.retentionDays", "")
    if not days.isdecimal():
        return NotApplicable("Azure does not say how long this server keeps backups")
    oldest = state.at - timedelta(days=int(days))
    return tuple(
        Drift(CONTROL.id, setting, None, backup, "an on-demand backup was deleted before its time", person=_PERSON)
        for setting, backup in state.remembered(FacetKind.BACKUPS)
        if setting.name not in found and _made_after(backup, oldest)
    )


def _made_after(backup: Mapping[str, str], moment: datetime) -> bool:
    try:
        return datetime.fromisoformat(backup.get("completedTime", "")) > moment
    except (ValueError, TypeError):
        return False


REMEDIATORS = (Remediator(CONTROL, detect),)
