"""Taking a change of ours back: from a record to the changes that restore what was there before it. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from shared.control import Change, Source
from shared.errors import Refused
from shared.journal import ChangeLine, Entry, Report, Stage
from shared.risk import risk_of
from shared.state import Facet, Setting, SettingKind, State, spoken
from shared.target import Target

_WROTE = (Stage.APPLIED, Stage.PROVEN, Stage.FAILED, Stage.INTENDED)


def written_in(entries: Sequence[Entry]) -> Report:
    """The report of what the record wrote. Raises Refused for a record that wrote nothing."""
    wrote = [entry for entry in entries if entry.stage in _WROTE and entry.report.changes]
    if not any(entry.stage is Stage.INTENDED for entry in wrote):
        raise Refused("this record changed nothing, so there is nothing to undo")
    return wrote[-1].report


def about(entries: Sequence[Entry], record: str, target: Target) -> Report:
    """The report of what the record wrote on this very server. Raises Refused."""
    if not entries:
        raise Refused(f"there is no record {record}")
    if entries[0].report.target != target.id:
        raise Refused(f"the record {record} is about another server")
    if promoted_in(entries):
        raise Refused("a failover is taken back by another one, after the same checks: use `holdfast undo`")
    return written_in(entries)


def promoted_in(entries: Sequence[Entry]) -> ChangeLine | None:
    """The promotion that the record made, if it made one."""
    lines = [line for entry in entries for line in entry.report.changes]
    return next((line for line in lines if line.setting == SettingKind.REPLICATION), None)


def touched(report: Report) -> frozenset[Facet]:
    """The facets that have to be read."""
    return frozenset(Setting.parse(line.setting).facet for line in report.changes)


def undoing(state: State, report: Report) -> tuple[Change, ...]:
    """The changes that put back what was there before, last change first.

    Raises Refused, naming what is different, when the state has moved on since the record.
    """
    back = tuple(_back(state, line) for line in reversed(report.changes))
    # A session that was ended is opened again by its client.
    restorable = [change for change in back if change.setting.kind is not SettingKind.SESSION]
    if back and not restorable:
        raise Refused("sessions that were ended are opened again by their clients; there is nothing to undo")
    changes = left_of(state, restorable)
    if not changes:
        raise Refused("everything is already as it was before this record")
    return changes


def left_of(state: State, changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes that are still to be made: the others were never needed, or are made already. Raises Refused."""
    for change in changes:
        if change.setting.facet in state.unread:
            raise Refused(f"{spoken(str(change.setting))} cannot be seen now: {state.unread[change.setting.facet]}")
        found = state.value(change.setting)
        if found not in (change.before, change.after):
            raise Refused(
                f"{spoken(str(change.setting))} has changed since: found {found or 'nothing'}, and the record left"
                f" {change.before or 'nothing'} there; what came later is not undone"
            )
    return tuple(change for change in changes if state.value(change.setting) != change.after)


def _back(state: State, line: ChangeLine) -> Change:
    change = Change(Setting.parse(line.setting), line.after, line.before, Source.PERSON)
    return replace(change, risk=risk_of(state, change))
