"""A plan for people: what is wrong, what is done about it and why, and each change with all that it takes."""

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.text import Text

from cli.view.sheet import Sheet
from cli.view.text import SEVERITIES, Pairs, Paragraph, full_id, said, value, way
from shared.control import Change, Risk, Source
from shared.journal import FindingLine
from shared.state import SettingKind, spoken
from shared.target import Target
from shared.web.shown import RISKS as RISK_WORDS

# By shared.decide.Verb.
VERBS = {
    "act": ("put back", "green"),
    "ask": ("a person is asked", "yellow"),
    "wait": ("put back later", "yellow"),
    "hold": ("held, nothing is written", "red"),
    "tell": ("told, not changed", "yellow"),
    "record": ("only recorded", "dim"),
}
_ALARMING = dict.fromkeys((Risk.CUTS_ONLY_DOOR, Risk.NEEDS_RESTART, Risk.WIDENS_ACCESS, Risk.IRREVERSIBLE), "bold red")
_DOUBTFUL = (Risk.MAY_CUT_CLIENTS, Risk.ENDS_RECORDING)
RISKS: Mapping[str, Text] = {
    risk: Text(words, _ALARMING.get(risk, "yellow" if risk in _DOUBTFUL else "")) for risk, words in RISK_WORDS.items()
}
SOURCES: Mapping[str, str] = {
    Source.LAST_GOOD: "the last known good value",
    Source.POLICY: "the policy's value",
    Source.ORIGINAL: "what its source has",
    Source.PERSON: "what was there before",
}


def heading(target: Target) -> Group:
    """Which server this is about."""
    return Group(Text(target.name, "bold"), full_id(target), Text())


def findings(sheet: Sheet) -> Group:
    """Everything that is wrong, the worst first, and what is done about it."""
    return Group(*(part for line in sheet.findings for part in _finding(line, sheet.rule(line))))


def changes(sheet: Sheet, title: str = "Plan") -> Group:
    """Each change as a diff, with its risk and its request."""
    count = len(sheet.changes)
    words = f"{count} change{'s' * (count != 1)} in {len(sheet.calls)} request{'s' * (len(sheet.calls) != 1)}"
    restart = Text("needs a restart of the server", "bold red") if sheet.restarts else Text("no restart")
    parts: list[RenderableType] = [Text.assemble((title, "bold"), f": {words}, ", restart)]
    parts += [part for change in sheet.changes for part in _change(change, sheet)]
    return Group(*parts)


def good(checked: int) -> Text:
    """Nothing is wrong."""
    return Text.assemble(("✓ nothing to do", "green"), f": {checked} control{'s hold' if checked != 1 else ' holds'}")


def _finding(line: FindingLine, rule: str) -> Iterator[RenderableType]:
    severity = (f"● {line.severity}", SEVERITIES.get(line.severity, ""))
    yield Paragraph(Text.assemble(severity, "  ", said(line.title or line.control, "bold")))
    verb, colour = VERBS.get(line.verb, (line.verb, ""))
    rows = [
        ("control", said(line.control)),
        ("setting", said(spoken(line.setting))),
        ("found", Text.assemble(value(line.found, "red"), ", wanted ", value(line.wanted, "green"))),
        ("why", said(line.why)),
        ("decision", Text.assemble((verb, colour), ": ", said(line.reason))),
    ]
    if line.person:
        rows.append(("by hand", said(line.person)))
    yield Pairs((*rows, ("policy", said(rule))) if rule else tuple(rows))
    yield Text()


def _whence(change: Change) -> str:
    """Where the value comes from. A promotion brings back nothing."""
    return "because a person asks" if change.setting.kind is SettingKind.REPLICATION else SOURCES[change.source]


def _change(change: Change, sheet: Sheet) -> Iterator[RenderableType]:
    sign, colour = (
        ("+", "green") if change.before is None else ("-", "red") if change.after is None else ("~", "yellow")
    )
    call = sheet.call_of(change)
    verb, shade = VERBS.get(sheet.verbs.get(str(change.setting), ""), ("", ""))
    becomes = [Text("  "), Text(verb, shade)] if verb else []
    yield Text.assemble((f"  {sign} ", colour), said(spoken(str(change.setting)), "bold"), *becomes)
    rows = [
        ("change", Text.assemble(way(change.before, change.after), f", {_whence(change)}")),
        ("risk", RISKS[change.risk]),
        ("call", said(f"{call.method} {call.path or 'the server itself'}")),
        ("permission", said(call.permission)),
    ]
    if change.needs:
        rows.append(("after", said(", ".join(spoken(str(need)) for need in change.needs))))
    yield Pairs(tuple(rows), 6)
