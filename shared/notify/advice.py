"""What the reader of a message can do next: a link where there is a page, else the command."""

from collections.abc import Callable, Iterator, Mapping

from shared.journal import Notice, NoticeKind
from shared.notify.line import Form, Line
from shared.notify.links import Links
from shared.notify.wording import LONG, tame
from shared.target import FLEET, parse_subject

type _Step = Callable[[Notice, Links], Iterator[Line]]


def advice(notice: Notice, links: Links) -> Iterator[Line]:
    """The steps that make sense after a notice of this kind, the most likely one first."""
    for step in _STEPS.get(notice.kind, ()):
        yield from step(notice, links)
    page = links.record(notice.report.record)
    if page:
        yield Line("Undo it, or see the record" if _can_undo(notice) else "See the record", page, Form.LINK)
    elif _can_undo(notice):
        yield Line("Undo it", tame(f"holdfast undo {notice.report.record}"))


def _decide(notice: Notice, links: Links) -> Iterator[Line]:
    page, approval = links.approval(notice), tame(notice.report.approval)
    if page:
        yield Line("Decide: approve or deny", page, Form.LINK)
    elif notice.report.approval:
        yield Line("Approve", f"holdfast approvals approve {approval}")
        yield Line("Deny", f"holdfast approvals deny {approval}")


def _apply(notice: Notice, _links: Links) -> Iterator[Line]:
    if notice.report.changes:
        yield Line("Mend it", _command("apply", notice))


def _apply_now(notice: Notice, _links: Links) -> Iterator[Line]:
    yield Line("Mend it now", _command("apply", notice))


def _exempt(_notice: Notice, _links: Links) -> Iterator[Line]:
    yield Line("Let it stand", "write an exemption into the policy, with an owner and an end", Form.SENTENCE)


def _prolong(_notice: Notice, _links: Links) -> Iterator[Line]:
    yield Line("If it is still needed", "give it a later end, and a reason", Form.SENTENCE)
    yield Line("If not", "put the setting right before Holdfast does", Form.SENTENCE)


def _release(notice: Notice, _links: Links) -> Iterator[Line]:
    yield Line("Release", _command("release", notice))


def _look_again(_notice: Notice, _links: Links) -> Iterator[Line]:
    said = "Holdfast tries again with the next change, and with the next sweep"
    yield Line("Put right what the error names", said, Form.SENTENCE)


def _check(_notice: Notice, _links: Links) -> Iterator[Line]:
    yield Line("Check a new version before it is used", "holdfast policy check FILE")


def _command(name: str, notice: Notice) -> str:
    """The command about the server; without one, about everything."""
    subject = parse_subject(notice.report.target)
    return f"holdfast {name}" if subject == FLEET else tame(f"holdfast {name} {subject.id}", LONG)


def _can_undo(notice: Notice) -> bool:
    return notice.kind is NoticeKind.REMEDIATED and bool(notice.report.changes)


_STEPS: Mapping[NoticeKind, tuple[_Step, ...]] = {
    NoticeKind.DRIFT_DETECTED: (_apply, _exempt),
    NoticeKind.APPROVAL_NEEDED: (_decide,),
    NoticeKind.APPROVAL_ENDED: (_apply,),
    NoticeKind.REMEDIATION_SCHEDULED: (_apply_now, _exempt),
    NoticeKind.REMEDIATION_FAILED: (_look_again,),
    NoticeKind.HELD: (_release,),
    NoticeKind.UNDONE: (_apply,),
    NoticeKind.CANNOT_OBSERVE: (_look_again,),
    NoticeKind.EXEMPTION_EXPIRING: (_prolong,),
    NoticeKind.POLICY_REFUSED: (_check,),
}
