"""Who did it, or asked for it, when and from where."""

from collections.abc import Iterator

from shared.journal import Actor, Notice, NoticeKind, Origin, Report, Request, Trigger, Wish
from shared.notify.line import Exact, Line, Part, fact
from shared.notify.wording import LONG, duration_words, moment_words, tame
from shared.state import place_words

_SECONDS_AN_HOUR = 3600
_NOT_KNOWN = {
    Origin.SWEEP: "not known, found by the regular sweep",
    Origin.APPOINTMENT: "not known, found when it was time to look again",
    Origin.ALERT: "not known, found because of a security alert",
}


# Holdfast itself says these.
_NOBODY = {
    NoticeKind.EXEMPTION_EXPIRING,
    NoticeKind.POLICY_REFUSED,
    NoticeKind.ALERT_RECEIVED,
    NoticeKind.MEASURE_LIFTED,
}


def cause(notice: Notice) -> Iterator[Line]:
    """Who, what, when, from where; or who asked Holdfast for it, and why."""
    report, trigger = notice.report, notice.report.trigger
    if notice.kind not in _NOBODY:
        yield from _somebody(report)
    yield from _what_and_when(report)
    actor = _asker(report) or (trigger.actor if trigger else None)
    if actor is not None and actor.ip:
        yield fact("From", Exact(tame(actor.ip)))
    if trigger is not None and trigger.request is not None:
        yield from _request(trigger.request)


def _somebody(report: Report) -> Iterator[Line]:
    trigger = report.trigger
    if asked_by(report):
        yield fact("Asked by" if trigger and trigger.request else "By", *_named(_asker(report)))
    elif who(trigger):
        yield fact("Who", *_named(trigger.actor if trigger else None))
    elif report.findings and not report.answers:
        yield fact("Who", _NOT_KNOWN.get(trigger.origin, "not known") if trigger else "not known")


def who(trigger: Trigger | None) -> str:
    """The actor in a few words, empty when nobody is named."""
    return _person(trigger.actor if trigger else None)


def asked_by(report: Report) -> str:
    """The person who asked Holdfast for what is reported, empty when nobody did."""
    return _person(_asker(report))


def is_undo(trigger: Trigger) -> bool:
    """Whether a person asked for a change to be taken back."""
    return trigger.request is not None and trigger.request.wish is Wish.UNDO


def _what_and_when(report: Report) -> Iterator[Line]:
    trigger = report.trigger
    if trigger is None:
        yield fact("When", Exact(moment_words(report.at)))
    elif trigger.origin is Origin.EVENT:
        verb = trigger.operation.rpartition("/")[2]
        yield fact(
            "What", f"{tame(verb)} of ", Exact(tame(place_words(trigger.child))) if trigger.child else "the server"
        )
        yield fact("When", Exact(moment_words(trigger.at)))
    elif trigger.origin is Origin.PERSON:
        yield fact("When", Exact(moment_words(trigger.at)))
    else:
        yield fact("Seen", Exact(moment_words(report.at)))


def _request(request: Request) -> Iterator[Line]:
    if request.reason:
        yield fact("Reason", tame(request.reason, LONG))
    if request.exempt_hours:
        yield fact("Exempt for", duration_words(request.exempt_hours * _SECONDS_AN_HOUR))


def _asker(report: Report) -> Actor | None:
    trigger = report.trigger
    if trigger is None or trigger.origin is not Origin.PERSON:
        return None
    return trigger.request.by if trigger.request else trigger.actor


def _person(actor: Actor | None) -> str:
    return "".join(part.text if isinstance(part, Exact) else part for part in _named(actor))


def _named(actor: Actor | None) -> tuple[Part, ...]:
    """The name and what kind of identity it is; nothing for nobody."""
    if actor is None:
        return ()
    name = tame(actor.name) or tame(actor.object_id) or tame(actor.app_id)
    kind = f" ({tame(actor.kind)})" if name and actor.kind != "unknown" else ""
    return (Exact(name), kind) if name else ()
