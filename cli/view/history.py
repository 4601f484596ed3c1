"""Records in two lines each."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from cli.view.text import Pairs, named, said, short, value, way
from shared.journal import Entry, Origin, Stage, Trigger
from shared.notify.wording import tame
from shared.state import SettingKind, spoken
from shared.target import FLEET, parse_subject

SIGNS = {
    Stage.DETECTED: ("● drift", "yellow"),
    Stage.ASKED: ("? asked", "yellow"),
    Stage.DECIDED: ("● decided", "cyan"),
    Stage.INTENDED: ("… begun", "yellow"),
    Stage.APPLIED: ("… applied", "yellow"),
    Stage.PROVEN: ("✓ proven", "green"),
    Stage.FAILED: ("✗ not done", "red"),
    Stage.RESOLVED: ("✓ resolved", "green"),
    Stage.ORDERED: ("● ordered", "cyan"),
}
ORIGINS = {
    Origin.EVENT: "event",
    Origin.SWEEP: "sweep",
    Origin.PERSON: "person",
    Origin.APPOINTMENT: "date",
    Origin.ALERT: "alert",
}


def listing(records: Sequence[Sequence[Entry]]) -> Pairs:
    """Two lines for each record: when, how it ended and where; then what, and who caused it."""
    return Pairs(tuple(row for entries in records for row in _listed(entries)), indent=0)


def plain(entries: Sequence[Entry]) -> dict[str, Any]:
    """One record in a few members."""
    last = _last(entries)
    report = last.report
    return {
        "record": last.record,
        "target": report.target,
        "at": entries[0].at.isoformat(),
        "severity": report.severity,
        "stages": [entry.stage.value for entry in entries],
        "settings": list(dict.fromkeys(line.setting for line in report.findings)),
        "by": _by(report.trigger),
        "outcome": report.outcome,
        "error": report.error,
        "told": [entry.detail for entry in entries if entry.stage is Stage.NOTIFIED],
    }


def _listed(entries: Sequence[Entry]) -> Iterator[tuple[str, Text]]:
    last = _last(entries)
    sign, colour = SIGNS[last.stage]
    name = parse_subject(last.report.target).name
    when = f"{entries[0].at:%Y-%m-%d %H:%M}  "
    yield short(last.record), Text.assemble(when, (sign.ljust(10), colour), "  ", (name, "bold"))
    what, by = _what(last), _by(last.report.trigger)
    mentioned = what.plain.startswith(by)
    yield "", what if mentioned else Text.assemble(what, (f"  {tame(by)}", "dim"))


def _last(entries: Sequence[Entry]) -> Entry:
    """The latest entry that says more than who was told."""
    return next((entry for entry in reversed(entries) if entry.stage is not Stage.NOTIFIED), entries[-1])


def _what(entry: Entry) -> Text:
    report = entry.report
    text = report.error or entry.detail or report.outcome
    if entry.stage is Stage.PROVEN and report.changes:
        change, *rest = report.changes
        more = f" and {len(rest)} more" if rest else ""
        return Text.assemble(said(spoken(change.setting)), ": ", way(change.before, change.after), more)
    # What was found before a failover is not what it is about.
    about_roles = any(line.setting == SettingKind.REPLICATION for line in report.changes)
    if not report.findings or about_roles:
        return said(named(text))
    first = report.findings[0]
    more = f" and {len(report.findings) - 1} more" if len(report.findings) > 1 else ""
    found, wanted = value(first.found, "red"), value(first.wanted, "green")
    return Text.assemble(said(spoken(first.setting)), " is ", found, ", wanted ", wanted, more, "; ", said(text))


def _by(trigger: Trigger | None) -> str:
    if trigger is None:
        return ""
    if trigger.actor is None:
        return "" if trigger.origin is Origin.EVENT else f"({ORIGINS[trigger.origin]})"
    if trigger.origin is Origin.PERSON and trigger.request is None and trigger.target != FLEET.id:
        # Nobody has changed anything: a decision, or a release, had the server looked at.
        why = "decided by" if trigger.id.startswith("decisions/") else "looked at for"
        return f"({why} {trigger.actor.name})"
    return trigger.actor.name
