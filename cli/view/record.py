"""One record whole, from its cause to its last message."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group
from rich.text import Text

from cli.view.history import SIGNS
from cli.view.plan import RISKS, SOURCES, VERBS
from cli.view.text import SEVERITIES, Pairs, said, value, way
from shared.control import Risk
from shared.journal import Entry, FindingLine, Origin, Report, Stage, Trigger, encode
from shared.notify.wording import duration_words, tame
from shared.state import place_words, spoken
from shared.target import parse_subject


@dataclass(frozen=True, slots=True)
class Relation:
    """Another record, and what it has to do with this one."""

    how: str
    record: str


def heading(entry: Entry) -> Group:
    """Which record of which server this is."""
    subject = parse_subject(entry.report.target)
    severity = entry.report.severity
    first = Text.assemble((subject.name, "bold"), "  ", (severity, SEVERITIES.get(severity, "")))
    return Group(first, Text(subject.id, "dim"), Text(f"record {entry.record}, {entry.at:%Y-%m-%d} UTC", "dim"), Text())


def timeline(entries: Sequence[Entry]) -> Pairs:
    """Everything in the order in which it happened."""
    rows = [*_cause(entries[0].report.trigger)]
    rows += [row for line in entries[0].report.findings for row in _finding(line)]
    # What was planned at first may have grown while it was carried out.
    rows += _plan(max((entry.report for entry in entries), key=lambda report: len(report.changes)))
    days = {entry.at.date() for entry in entries}
    pattern = "%H:%M:%S" if len(days) == 1 else "%m-%d %H:%M:%S"
    for entry in sorted(entries, key=lambda entry: (entry.at, entry.number)):
        label, colour = SIGNS.get(entry.stage, ("  told", "dim"))
        rows.append((f"{entry.at:{pattern}}", Text.assemble((label.ljust(10), colour), "  ", _step(entry))))
    return Pairs(tuple(rows))


def relations(related: Sequence[Relation]) -> Group:
    """The other records that belong to it."""
    lines = [Text.assemble((f"  {one.how} ", "dim"), f"{one.record}") for one in related]
    return Group(*([Text(), *lines] if lines else []))


def whole(entries: Sequence[Entry], related: Sequence[Relation]) -> dict[str, Any]:
    """One record with all that is kept of it."""
    return {
        "record": entries[0].record,
        "target": entries[0].report.target,
        "entries": [json.loads(encode(entry)) for entry in entries],
        "related": [{"how": one.how, "record": one.record} for one in related],
    }


def _cause(trigger: Trigger | None) -> Iterator[tuple[str, Text]]:
    if trigger is None:
        return
    label = f"{trigger.at:%H:%M:%S}"
    match trigger.origin:
        case Origin.EVENT:
            verb = trigger.operation.rpartition("/")[2]
            yield label, said(f"event: {verb} of {place_words(trigger.child)}")
        case Origin.SWEEP:
            yield label, Text("the regular sweep looked")
        case Origin.ALERT:
            alert = trigger.alert
            yield label, said(f"security alert: {alert.title} ({alert.severity})" if alert else "a security alert")
        case Origin.APPOINTMENT:
            yield label, Text("something fell due")
        case Origin.PERSON:
            yield label, said(_wish(trigger))
    actor = trigger.actor
    if actor is not None:
        known = " (confirmed by how it was delivered)" if trigger.authentic else ""
        yield "who", said(f"{actor.name} ({actor.kind}){f' from {actor.ip}' if actor.ip else ''}{known}")


def _wish(trigger: Trigger) -> str:
    request = trigger.request
    if request is None:
        decided = trigger.id.startswith("decisions/")
        return "a person decided about a plan" if decided else "a person had it looked at"
    reason = f": {request.reason}" if request.reason else ""
    of = f" of {request.record}" if request.record else ""
    return f"a person asked for {request.wish}{of}{reason}"


def _finding(line: FindingLine) -> Iterator[tuple[str, Text]]:
    severity = Text(f"● {line.severity}", SEVERITIES.get(line.severity, ""))
    yield "found", Text.assemble(severity, "  ", said(line.title or line.control, "bold"), f"  {tame(line.control)}")
    setting = said(spoken(line.setting))
    yield "", Text.assemble(setting, ": found ", value(line.found, "red"), ", wanted ", value(line.wanted, "green"))
    yield "", said(line.why)
    verb, colour = VERBS.get(line.verb, (line.verb, ""))
    where = (f"  {tame(line.where)}", "dim") if line.where else ""
    yield "decision", Text.assemble((verb, colour), ": ", said(line.reason), where)
    if line.person:
        yield "by hand", said(line.person)


def _plan(report: Report) -> Iterator[tuple[str, Text]]:
    for number, line in enumerate(report.changes):
        words = [Text(SOURCES.get(line.source, tame(line.source)))]
        words += [RISKS.get(line.risk, said(line.risk))] if line.risk != Risk.SAFE else []
        why = Text(", ").join(words)
        way_ = way(line.before, line.after)
        yield "" if number else "plan", Text.assemble(said(spoken(line.setting)), ": ", way_, ", ", why)


def _step(entry: Entry) -> Text:
    report = entry.report
    match entry.stage:
        case Stage.INTENDED:
            return Text("the intent is stored before the first write")
        case Stage.PROVEN:
            took = f", {duration_words(report.elapsed_seconds)} after it was heard of" if report.elapsed_seconds else ""
            return said(f"{report.outcome}{took}")
        case Stage.FAILED:
            return said(f"{report.outcome}: {report.error or entry.detail}")
        case _:
            return said(entry.detail or report.outcome)
