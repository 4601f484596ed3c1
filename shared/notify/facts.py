"""What a notice has to say, as lines of label and value: who, what, when, from where, found → wanted, done or asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote

from shared.journal import Actor, ChangeLine, FindingLine, Notice, NoticeKind, Origin, Report, Trigger
from shared.notify.wording import LONG, duration_words, moment_words, setting_words, tame, value_words
from shared.state import Value
from shared.target import FLEET, Target, parse_subject

_MOST_FINDINGS = 10
_PORTAL = "https://portal.azure.com/#@/resource"
# How a finding's decision is introduced, by its verb (shared.decide.Verb).
_DECIDED = {"act": "Decided", "ask": "Asked because", "tell": "Not changed", "record": "Only recorded"}
# What the changes of a report are to its reader.
_CHANGES = {
    NoticeKind.DRIFT_DETECTED: "What would mend it",
    NoticeKind.APPROVAL_NEEDED: "What is asked",
    NoticeKind.APPROVAL_ENDED: "What was asked",
    NoticeKind.REMEDIATION_SCHEDULED: "What will be done",
    NoticeKind.REMEDIATED: "What was done",
    NoticeKind.REMEDIATION_FAILED: "What was tried",
    NoticeKind.DRIFT_RESOLVED: "What was planned",
    NoticeKind.HELD: "What is not done",
    NoticeKind.UNDONE: "What was done",
    NoticeKind.CANNOT_OBSERVE: "What was planned",
    NoticeKind.EXEMPTION_EXPIRING: "What will be done",
    NoticeKind.POLICY_REFUSED: "What was planned",
    NoticeKind.ORDERS_CHANGED: "What was planned",
}


class Form(Enum):
    """How a line is set."""

    EXACT = "exact"
    SENTENCE = "sentence"
    LINK = "link"
    HEADING = "heading"


@dataclass(frozen=True, slots=True)
class Line:
    """A fact; label and value are tame. A heading has no value."""

    label: str
    value: str = ""
    form: Form = Form.EXACT


def facts(notice: Notice) -> Iterator[Line]:
    """Everything there is to say, in reading order."""
    report = notice.report
    subject = parse_subject(report.target)
    if isinstance(subject, Target):
        yield Line("Server", f"{subject.name}, resource group {subject.resource_group}")
    yield from _cause(report)
    if report.changes:
        yield Line(_CHANGES[notice.kind], form=Form.HEADING)
        yield from map(_change, report.changes[:_MOST_FINDINGS])
        yield from _more(len(report.changes))
    for finding in report.findings[:_MOST_FINDINGS]:
        yield from _finding(finding)
    yield from _more(len(report.findings))
    yield from _ending(report)
    yield Line("Record", tame(report.record))
    if subject != FLEET:
        yield Line("Portal", _PORTAL + quote(subject.id), Form.LINK)


def _cause(report: Report) -> Iterator[Line]:
    trigger = report.trigger
    if asked_by(report):
        yield Line("Asked by", asked_by(report))
    elif who(trigger):
        yield Line("Who", who(trigger))
    elif report.target != FLEET.id:
        yield Line("Who", _unknown(trigger), Form.SENTENCE)
    if trigger is not None and trigger.origin is Origin.EVENT:
        verb = trigger.operation.rpartition("/")[2]
        yield Line("What", tame(f"{verb} of {trigger.child or 'the server'}"))
        yield Line("When", moment_words(trigger.at))
    else:
        yield Line("Seen", moment_words(report.at))
    actor = _asker(report) or (trigger.actor if trigger else None)
    if actor is not None and actor.ip:
        yield Line("From", tame(actor.ip))


def who(trigger: Trigger | None) -> str:
    """The actor in a few words, empty when nobody is named."""
    return _person(trigger.actor if trigger else None)


def asked_by(report: Report) -> str:
    """The person who asked Holdfast for what is reported, empty when nobody did."""
    return _person(_asker(report))


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


def _unknown(trigger: Trigger | None) -> str:
    if trigger is not None and trigger.origin is Origin.SWEEP:
        return "not known, found by the regular sweep"
    return "not known"


def _finding(finding: FindingLine) -> Iterator[Line]:
    title = tame(finding.title) or tame(finding.control)
    yield Line(f"{title} ({tame(finding.severity)})", form=Form.HEADING)
    yield Line("Found → wanted", _step(finding.setting, finding.found, finding.wanted))
    yield Line("Why", tame(finding.why, LONG), Form.SENTENCE)
    yield Line(_DECIDED.get(finding.verb, "Decided"), tame(finding.reason, LONG), Form.SENTENCE)
    yield Line("Control", tame(finding.control))


def _change(change: ChangeLine) -> Line:
    said = _step(change.setting, change.before, change.after)
    return Line("Change", f"{said} ({tame(change.source)}, {tame(change.risk)})")


def _step(setting: str, before: Value, after: Value) -> str:
    """A setting's way from one value to another."""
    return f"{setting_words(setting)}: {value_words(before)} → {value_words(after)}"


def _more(count: int) -> Iterator[Line]:
    if count > _MOST_FINDINGS:
        yield Line("And", f"{count - _MOST_FINDINGS} more, see the record", Form.SENTENCE)


def _ending(report: Report) -> Iterator[Line]:
    yield Line("Result", form=Form.HEADING)
    if report.outcome:
        yield Line("Outcome", tame(report.outcome, LONG), Form.SENTENCE)
    if report.error:
        yield Line("Error", tame(report.error, LONG), Form.SENTENCE)
    if report.elapsed_seconds is not None:
        yield Line("Took", duration_words(report.elapsed_seconds))
    if report.owner:
        yield Line("Owner", tame(report.owner))
    if report.approval:
        yield Line("Approval", tame(report.approval))
