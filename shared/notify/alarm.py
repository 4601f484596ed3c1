"""What a security alert says, and what became of each response to it. Every text comes from outside: all are tame."""

from collections import Counter
from collections.abc import Iterator, Sequence

from shared.alert import Alert, Entity
from shared.journal import AnswerLine, Report
from shared.notify.line import Exact, Heading, Line, Link, Part, fact
from shared.notify.wording import LONG, moment_words, tame

_MOST = 8
_PLACE = ("location", "asn")
_APPLICATIONS = ("client application", "application", "application name")
_LABELS = {
    "done": "Done",
    "acting": "Under way",
    "asked": "Waits for a decision",
    "told": "Not done, told only",
    "nothing to do": "Nothing to do",
    "not possible": "Not possible",
    "failed": "Failed",
    "ending": "Ends",
    "lifted": "Taken back",
    "ended": "Ended",
    "open": "Not looked at yet",
}


def alert_of(report: Report) -> Alert | None:
    """The alert that the report is about."""
    return report.trigger.alert if report.trigger is not None else None


def alarm(report: Report) -> Iterator[Line]:
    """Who attacks from where, and what Defender makes of it."""
    alert = alert_of(report)
    if alert is None:
        return
    yield Heading(f"{tame(alert.title) or tame(alert.type)} ({tame(alert.severity)})")
    if alert.sample:
        yield fact("Sample", "made for trying: nothing is changed because of it")
    yield from _attackers(alert)
    yield from _context(alert)


def _attackers(alert: Alert) -> Iterator[Line]:
    for entity in _of_kind(alert, "ip"):
        yield fact("From", *_address(entity))
    accounts = [tame(entity.name) for entity in _of_kind(alert, "account") if entity.name]
    if accounts:
        yield fact("Signed in as", Exact(", ".join(accounts)))
    facts = {name.lower(): text for name, text in alert.facts.items()}
    application = next((facts[name] for name in _APPLICATIONS if facts.get(name)), "")
    if application:
        yield fact("Application", Exact(tame(application)))


def _context(alert: Alert) -> Iterator[Line]:
    if alert.intent:
        yield fact("MITRE intent", Exact(tame(alert.intent)))
    if alert.description:
        yield fact("Says", tame(alert.description, LONG))
    if alert.started_at is not None:
        yield fact("Since", Exact(moment_words(alert.started_at)))
    yield fact("Alert", Exact(tame(alert.type)), ", ", Exact(tame(alert.id)))
    if alert.part_of:
        yield fact("Incident", Exact(tame(alert.part_of)))
    if alert.link:
        yield Link("Open the alert in Defender", alert.link)


def answers(report: Report) -> Iterator[Line]:
    """What became of each response."""
    if not report.answers:
        return
    yield Heading("What Holdfast does about it")
    for line in report.answers:
        yield fact(_LABELS.get(line.course, tame(line.course)), *_answer(line))


def summary(lines: Sequence[AnswerLine]) -> str:
    """How far the responses are, in a few words."""
    counts = Counter(_LABELS.get(line.course, line.course).lower() for line in lines)
    return ", ".join(f"{count} {words}" for words, count in counts.items())


def headline(report: Report) -> str:
    """The alert in a few words: its title, and where the attack comes from."""
    alert = alert_of(report)
    if alert is None:
        return ""
    found = [tame(entity.name) for entity in _of_kind(alert, "ip") if entity.name]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{tame(alert.title) or tame(alert.type)}{f', from {found[0]}{more}' if found else ''}"


def _answer(line: AnswerLine) -> Iterator[Part]:
    yield tame(line.does)
    if line.detail:
        yield f": {tame(line.detail, LONG)}"
    if line.until is not None:
        yield f"; taken back by itself at {moment_words(line.until)}"
    if line.undo:
        yield f"; undo: {tame(line.undo)}"


def _of_kind(alert: Alert, kind: str) -> list[Entity]:
    return [entity for entity in alert.entities if entity.kind == kind][:_MOST]


def _address(entity: Entity) -> Iterator[Part]:
    yield Exact(tame(entity.name))
    words = [
        f"{'AS ' if name == 'asn' else ''}{tame(entity.details[name])}" for name in _PLACE if entity.details.get(name)
    ]
    if words:
        yield f" ({', '.join(words)})"
