"""Who did it, or asked for it, when and from where."""

from collections.abc import Iterator

from shared.journal import Actor, Origin, Report, Trigger
from shared.notify.line import Form, Line
from shared.notify.wording import LONG, duration_words, moment_words, tame

_SECONDS_AN_HOUR = 3600
_NOT_KNOWN = {
    Origin.SWEEP: "not known, found by the regular sweep",
    Origin.APPOINTMENT: "not known, found when it was time to look again",
}


def cause(report: Report) -> Iterator[Line]:
    """Who, what, when, from where; or who asked Holdfast for it, and why."""
    trigger = report.trigger
    if asked_by(report):
        yield Line("Asked by", asked_by(report))
    elif who(trigger):
        yield Line("Who", who(trigger))
    elif report.findings:
        yield Line("Who", _NOT_KNOWN.get(trigger.origin, "not known") if trigger else "not known", Form.SENTENCE)
    yield from _what_and_when(report)
    actor = _asker(report) or (trigger.actor if trigger else None)
    if actor is not None and actor.ip:
        yield Line("From", tame(actor.ip))
    yield from _request(report)


def who(trigger: Trigger | None) -> str:
    """The actor in a few words, empty when nobody is named."""
    return _person(trigger.actor if trigger else None)


def asked_by(report: Report) -> str:
    """The person who asked Holdfast for what is reported, empty when nobody did."""
    return _person(_asker(report))


def _what_and_when(report: Report) -> Iterator[Line]:
    trigger = report.trigger
    if trigger is None:
        yield Line("When", moment_words(report.at))
    elif trigger.origin is Origin.EVENT:
        verb = trigger.operation.rpartition("/")[2]
        yield Line("What", tame(f"{verb} of {trigger.child or 'the server'}"))
        yield Line("When", moment_words(trigger.at))
    elif trigger.origin is Origin.PERSON:
        yield Line("When", moment_words(trigger.at))
    else:
        yield Line("Seen", moment_words(report.at))


def _request(report: Report) -> Iterator[Line]:
    request = report.trigger.request if report.trigger else None
    if request is None:
        return
    if request.reason:
        yield Line("Reason", tame(request.reason, LONG), Form.SENTENCE)
    if request.exempt_hours:
        yield Line("Exempt for", duration_words(request.exempt_hours * _SECONDS_AN_HOUR))


def _asker(report: Report) -> Actor | None:
    trigger = report.trigger
    if trigger is None or trigger.origin is not Origin.PERSON:
        return None
    return trigger.request.by if trigger.request else trigger.actor


def _person(actor: Actor | None) -> str:
    if actor is None:
        return ""
    name = tame(actor.name) or tame(actor.object_id) or tame(actor.app_id)
    kind = tame(actor.kind) if actor.kind != "unknown" else ""
    return f"{name} ({kind})" if name and kind else name
