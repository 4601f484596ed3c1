"""Security alerts on a terminal: what a pull brought, a list, and one whole."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from cli.view.history import listing as records_listed
from cli.view.history import plain as plain_record
from cli.view.text import SEVERITIES, Pairs, moment, said, short
from shared.alert import Alert, AlertStatus, Entity
from shared.alert_door import Fate, Weighed
from shared.alerts.known import Known
from shared.journal import Entry, encode
from shared.notify.wording import tame
from shared.target import parse_subject

type Records = Sequence[Sequence[Entry]]
_MOST = 20
_STATUSES = {
    AlertStatus.ACTIVE: "active",
    AlertStatus.IN_PROGRESS: "in progress",
    AlertStatus.RESOLVED: "resolved",
    AlertStatus.DISMISSED: "dismissed",
}
_SIGNS = {
    Fate.TAKEN: ("✓ ", "green"),
    Fate.TOLD: ("● ", "yellow"),
    Fate.UNREADABLE: ("✗ ", "red"),
    Fate.KNOWN: ("· ", "dim"),
}


def weighed(found: Sequence[Weighed], dry: bool) -> RenderableType:
    """A line for each alert that matters, and how many there were of each sort."""
    lines = [Text.assemble(_SIGNS[one.fate], _pulled(one)) for one in found if one.fate in _SIGNS]
    counts = Counter(one.fate for one in found)
    sums = ", ".join(f"{counts[fate]} {fate}" for fate in Fate if counts[fate])
    end = "; nothing was done, this was a dry run" if dry else ""
    return Group(*lines, Text(f"{sums or 'Defender lists nothing that was raised since then'}{end}", "dim"))


def plain_weighed(one: Weighed) -> dict[str, Any]:
    """What became of a record, for programs."""
    alert = json.loads(encode(one.alert)) if one.alert else None
    return {"fate": str(one.fate), "said": one.said, "alert": alert}


def listing(found: Sequence[tuple[Known, Records]]) -> RenderableType:
    """Three lines for each alert: when, how bad and where; what it says; what was done."""
    rows: list[tuple[str, Text]] = []
    for known, records in found:
        alert = known.alert
        when = f"{known.heard[0].at:%Y-%m-%d %H:%M}  " if known.heard else ""
        status, name = _STATUSES[alert.status], parse_subject(known.target).name
        line = Text.assemble(when, _severity(alert), "  ", (status, "cyan"), "  ", (name, "bold"))
        rows.append((short(alert.id), line))
        rows.append(("", said(f"{_marks(alert)}{alert.title or alert.type}")))
        rows.append(("", _done(known, records)))
    return Pairs(tuple(rows), indent=0)


def plain(known: Known, records: Records) -> dict[str, Any]:
    """An alert with what was done, for programs."""
    found: dict[str, Any] = json.loads(encode(known))
    return {**found, "records": [plain_record(record) for record in records]}


def sheet(known: Known, records: Records) -> RenderableType:
    """One alert whole."""
    parts: list[RenderableType] = [Pairs(tuple(_facts(known)), indent=0)]
    if records:
        parts += [Text(), Text("What was done", "bold"), records_listed(records)]
    return Group(*parts)


def _facts(known: Known) -> Iterator[tuple[str, Text]]:
    alert, subject = known.alert, parse_subject(known.target)
    yield "alert", Text.assemble((tame(alert.title) or tame(alert.type), "bold"), "  ", _severity(alert))
    yield "id", said(alert.id)
    yield "type", said(alert.type)
    yield "about", Text.assemble((subject.name, "bold"), "  ", (tame(alert.resource, 300), "dim"))
    yield "status", Text(f"{_STATUSES[alert.status]}{', a sample: nothing is changed for it' if alert.sample else ''}")
    if alert.raised_at is not None:
        yield "raised", Text(moment(alert.raised_at))
    if alert.intent:
        yield "intent", said(alert.intent)
    if alert.part_of:
        yield "incident", said(f"{'this groups others: ' if alert.incident else 'part of '}{alert.part_of}")
    yield "says", said(alert.description)
    yield from _entities(alert)
    for name, fact in list(alert.facts.items())[:_MOST]:
        yield "", Text.assemble((f"{tame(name)}: ", "dim"), said(fact))
    if alert.link:
        yield "portal", Text(alert.link, no_wrap=True, overflow="ignore")
    for heard in known.heard:
        yield "heard", Text(f"{moment(heard.at)}: {_STATUSES[heard.status]}, by {heard.door}")
    if known.note:
        yield "note", said(known.note)


def _entities(alert: Alert) -> Iterator[tuple[str, Text]]:
    for entity in alert.entities[:_MOST]:
        yield "entity", _entity(entity)
    more = len(alert.entities[_MOST:]) + alert.more_entities
    if more:
        yield "", Text(f"and {more} more", "dim")


def _entity(entity: Entity) -> Text:
    details = ", ".join(f"{name} {text}" for name, text in entity.details.items())
    return Text.assemble((f"{tame(entity.kind)} ", "dim"), said(entity.name, "bold"), "  ", said(details, "dim"))


def _pulled(one: Weighed) -> Text:
    alert = one.alert
    if alert is None:
        return said(f"{one.fate}: {one.said}")
    named = f"{_marks(alert)}{alert.title or alert.type}"
    where = (
        "" if one.found is None or not hasattr(one.found, "target") else f" on {parse_subject(one.found.target).name}"
    )
    return Text.assemble(said(named), f"{where}  ", (f"{one.fate}  {short(alert.id)}", "dim"))


def _done(known: Known, records: Records) -> Text:
    """How the latest record about it ended, or why there is none."""
    if known.note:
        return said(f"told to people: {known.note}", "dim")
    if not records:
        return Text("nothing is recorded about it", "dim")
    more = f", {len(records) - 1} more before" if len(records) > 1 else ""
    last = plain_record(records[-1])
    outcome = last["error"] or last["outcome"] or last["stages"][-1]
    return Text.assemble(said(str(outcome)), (f"  record {short(str(last['record']))}{more}", "dim"))


def _severity(alert: Alert) -> Text:
    return said(alert.severity, SEVERITIES.get(alert.severity, ""))


def _marks(alert: Alert) -> str:
    return "incident: " if alert.incident else ""
