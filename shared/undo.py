"""Taking a change of ours back: from a record to the changes that restore what was there before it. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from shared.control import Change, Source
from shared.errors import Refused
from shared.journal import ChangeLine, Entry, Report, Stage
from shared.plan import risk_of
from shared.state import Facet, Setting, State

_WROTE = (Stage.APPLIED, Stage.PROVEN, Stage.FAILED, Stage.INTENDED)


def written_in(entries: Sequence[Entry]) -> Report:
    """The report of what the record wrote. Raises Refused for a record that wrote nothing."""
    wrote = [entry for entry in entries if entry.stage in _WROTE and entry.report.changes]
    if not any(entry.stage is Stage.INTENDED for entry in wrote):
        raise Refused("this record changed nothing, so there is nothing to undo")
    return wrote[-1].report


def touched(report: Report) -> frozenset[Facet]:
    """The facets that have to be read."""
    return frozenset(Setting.parse(line.setting).facet for line in report.changes)


def undoing(state: State, report: Report) -> tuple[Change, ...]:
    """The changes that put back what was there before, last change first.

    Raises Refused, naming what is different, when the state has moved on since the record.
    """
    changes = []
    for line in reversed(report.changes):
        setting = Setting.parse(line.setting)
        found = state.value(setting)
        if found == line.before:
            # This part of the fix was never made, or was taken back already.
            continue
        if found != line.after:
            left = line.after or "nothing"
            raise Refused(
                f"{setting} has changed since: found {found or 'nothing'}, and the record left {left} there; what came"
                " later is not undone"
            )
        changes.append(_back(state, line))
    if not changes:
        raise Refused("everything is already as it was before this record")
    return tuple(changes)


def _back(state: State, line: ChangeLine) -> Change:
    change = Change(Setting.parse(line.setting), line.after, line.before, Source.PERSON)
    return replace(change, risk=risk_of(state, change))
