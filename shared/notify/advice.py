"""What the reader of a message can do next: a link where there is a page, else the command."""

from collections.abc import Callable, Iterator, Mapping

from shared.control import Risk
from shared.journal import Notice, NoticeKind
from shared.notify.line import Exact, Line, Link, fact
from shared.notify.links import Links
from shared.notify.wording import LONG, tame
from shared.target import FLEET, parse_subject

_FEW = 3
type _Step = Callable[[Notice, Links], Iterator[Line]]


def advice(notice: Notice, links: Links) -> Iterator[Line]:
    """The steps that make sense after a notice of this kind, the most likely one first."""
    for step in _STEPS.get(notice.kind, ()):
        yield from step(notice, links)
    page = links.record(notice.report.record)
    if page:
        yield Link("Undo it, or see the record" if _can_undo(notice) else "See the record", page)
    elif _can_undo(notice):
        yield _command("Undo it", "undo", notice.report.record)


def _decide(notice: Notice, links: Links) -> Iterator[Line]:
    page, approval = links.approval(notice), notice.report.approval
    if page:
        yield Link("Approve or deny", page)
    elif approval:
        yield _command("Approve", "approvals approve", approval)
        yield _command("Deny", "approvals deny", f"{approval} --reason WHY")


def _apply(notice: Notice, _links: Links) -> Iterator[Line]:
    if notice.report.changes:
        yield _command("Mend it", "apply", _name(notice))


def _apply_now(notice: Notice, _links: Links) -> Iterator[Line]:
    yield _command("Mend it now", "apply", _name(notice))


def _exempt(notice: Notice, _links: Links) -> Iterator[Line]:
    controls = dict.fromkeys(line.control for line in notice.report.findings)
    which = " ".join(f"--control {control}" for control in controls) if len(controls) <= _FEW else "--control ID"
    yield _command("Let it stand", "exemptions add", f"{_name(notice)} {which} --reason WHY --owner WHO --expires 7d")


def _prolong(_notice: Notice, _links: Links) -> Iterator[Line]:
    yield fact("If it is still needed", "give it a later end, and a reason")
    yield fact("If not", "put the setting right before Holdfast does")


def _release(notice: Notice, _links: Links) -> Iterator[Line]:
    if notice.report.target == FLEET.id:
        yield _command("See what is held", "holds")
        yield _command("Release it", "release --everything")
    else:
        yield _command("Release it", "release", _name(notice))


def _look_again(_notice: Notice, _links: Links) -> Iterator[Line]:
    said = "Holdfast tries again with the next change, and with the next sweep"
    yield fact("Put right what the error names", said)


def _watch(notice: Notice, _links: Links) -> Iterator[Line]:
    yield _command("See how far it is, or go on with it", "failover", _primary(notice))


def _switch_back(notice: Notice, _links: Links) -> Iterator[Line]:
    if notice.kind is NoticeKind.FAILED_OVER and any(line.risk != Risk.IRREVERSIBLE for line in notice.report.changes):
        yield _command("Switch back", "undo", f"{notice.report.record} --reason WHY")


def _try_again(notice: Notice, _links: Links) -> Iterator[Line]:
    yield _command("Look again, without changing anything", "failover", f"{_primary(notice)} --rehearse")


def _primary(notice: Notice) -> str:
    """The server whose place is taken, as the change names it."""
    sources = [line.before["source"] for line in notice.report.changes if isinstance(line.before, Mapping)]
    return sources[0].rpartition("/")[2] if sources else "PRIMARY"


def _check(_notice: Notice, _links: Links) -> Iterator[Line]:
    yield _command("Check a version before it is used", "policy check", "FILE")


def _open_alert(notice: Notice, _links: Links) -> Iterator[Line]:
    trigger = notice.report.trigger
    alert = trigger.alert if trigger else None
    if alert is None:
        return
    yield _command("See all that it says", "alerts show", alert.id)
    if alert.link:
        yield Link("Open the alert in Defender for Cloud", alert.link)


def _command(label: str, name: str, argument: str = "") -> Line:
    return fact(label, Exact(tame(f"holdfast {name} {argument}", LONG)))


def _name(notice: Notice) -> str:
    """The server's name, which is enough: Azure gives each only once."""
    return parse_subject(notice.report.target).name


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
    NoticeKind.FAILOVER_BEGUN: (_watch,),
    NoticeKind.FAILED_OVER: (_switch_back,),
    NoticeKind.FAILOVER_FAILED: (_try_again,),
    NoticeKind.CANNOT_OBSERVE: (_look_again,),
    NoticeKind.EXEMPTION_EXPIRING: (_prolong,),
    NoticeKind.POLICY_REFUSED: (_check,),
    NoticeKind.ALERT_RECEIVED: (_open_alert,),
}
