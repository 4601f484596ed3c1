"""What a notice has to say, in reading order: who, when and from where, what is wrong, what was done or is asked, what
the reader can do."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from urllib.parse import quote

from shared.control import Risk, Source
from shared.journal import ChangeLine, FindingLine, Notice, NoticeKind, Report
from shared.notify.advice import advice
from shared.notify.alarm import alarm, answers
from shared.notify.cause import cause
from shared.notify.line import Becomes, Exact, Heading, Line, Link, Part, Was, fact
from shared.notify.links import Links
from shared.notify.wording import LONG, duration_words, setting_words, tame, way_words
from shared.state import Value
from shared.target import Target, parse_subject

_MOST = 10
# From so many findings of one control on they are told together.
_MANY, _MOST_TOGETHER = 3, 20
_PORTAL = "https://portal.azure.com/#@/resource"
# How a finding's decision is introduced, by its verb (shared.decide.Verb).
_DECIDED = {
    "act": "Decided",
    "ask": "Asked because",
    "wait": "Later because",
    "hold": "Held because",
    "tell": "Not changed",
    "record": "Only recorded",
}
# What the changes of a report are to its reader.
_CHANGES = {
    NoticeKind.DRIFT_DETECTED: "What would mend it",
    NoticeKind.APPROVAL_NEEDED: "What is asked",
    NoticeKind.APPROVAL_ENDED: "What was asked",
    NoticeKind.REMEDIATION_SCHEDULED: "What will be done",
    NoticeKind.REMEDIATED: "What was done",
    NoticeKind.REMEDIATION_FAILED: "What was tried",
    NoticeKind.HELD: "What is not done",
    NoticeKind.UNDONE: "What was done",
    NoticeKind.FAILOVER_BEGUN: "What is being done",
    NoticeKind.FAILED_OVER: "What was done",
    NoticeKind.FAILOVER_FAILED: "What was tried",
    NoticeKind.MEASURE_LIFTED: "What was taken back",
}
# Of a change's source and risk; what stands in no line here is shown as it is.
_WORDS: Mapping[str, str] = {
    Source.LAST_GOOD: "the last known good value",
    Source.POLICY: "the policy's value",
    Source.ORIGINAL: "its source's value",
    Source.ALERT: "the answer to the alert",
    Source.LIFTED: "as before the alert",
    Risk.SAFE: "",
    Risk.MAY_CUT_CLIENTS: "may cut clients off",
    Risk.ENDS_RECORDING: "ends the sending of logs",
    Risk.CUTS_ONLY_DOOR: "closes the only way in",
    Risk.NEEDS_RESTART: "restarts the server",
    Risk.WIDENS_ACCESS: "lets more in than now",
    Risk.IRREVERSIBLE: "cannot be taken back",
}


def facts(notice: Notice, links: Links) -> Iterator[Line]:
    """Everything there is to say, in reading order."""
    report = notice.report
    subject = parse_subject(report.target)
    if isinstance(subject, Target):
        yield fact("Server", Exact(subject.name), ", resource group ", Exact(subject.resource_group))
    if report.tags:
        tags = [f"{tame(name)}={tame(value)}" for name, value in sorted(report.tags.items())]
        yield fact("Tags", Exact(tame(", ".join(tags[:_MOST]), LONG)))
    yield from cause(notice)
    yield from alarm(report)
    yield from answers(report)
    yield from _findings(report, notice.kind)
    yield from _result(notice)
    steps = list(advice(notice, links))
    if isinstance(subject, Target):
        if page := links.server(subject.id):
            steps.append(Link("See how the server stands", page))
        steps.append(Link("Open the server in the portal", _PORTAL + quote(subject.id)))
    if steps:
        yield Heading("What you can do")
        yield from steps
    yield fact("Record", Exact(tame(report.record)))


def _findings(report: Report, kind: NoticeKind) -> Iterator[Line]:
    """What was found; where one control finds much, its words stand there once."""
    findings, changed = report.findings, {change.setting for change in report.changes}
    counts = Counter(finding.control for finding in findings)
    many = [finding for finding in findings if counts[finding.control] >= _MANY]
    few = [finding for finding in findings if counts[finding.control] < _MANY]
    for control in dict.fromkeys(finding.control for finding in many):
        yield from _together([finding for finding in many if finding.control == control], changed)
    for finding in few[:_MOST]:
        yield from _finding(finding, kind)
    yield from _more(len(few))


def _together(findings: Sequence[FindingLine], changed: Collection[str]) -> Iterator[Line]:
    """The findings of one control, each on one line; those whose change is told below are counted."""
    first = findings[0]
    below = sum(finding.setting in changed for finding in findings)
    findings = [finding for finding in findings if finding.setting not in changed]
    yield Heading(f"{tame(first.title) or tame(first.control)} ({tame(first.severity)})")
    ordered = sorted(findings, key=lambda one: list(_DECIDED).index(one.verb) if one.verb in _DECIDED else 0)
    if below:
        yield fact("Differs", f"{below} setting{'s' * (below != 1)}, see the changes below")
    for one in ordered[:_MOST_TOGETHER]:
        said = one.person or ("" if one.verb == "act" else one.reason)
        rest = f" ({tame(said, LONG)})" if said else ""
        yield fact(_DECIDED.get(one.verb, "Decided"), *_step(one.setting, one.found, one.wanted), rest)
    if len(ordered) > _MOST_TOGETHER:
        yield fact("And", f"{len(ordered) - _MOST_TOGETHER} more, see the record")
    yield fact("Control", Exact(tame(first.control)))
    if first.where:
        yield fact("Policy", Exact(tame(first.where)))


def _finding(finding: FindingLine, kind: NoticeKind) -> Iterator[Line]:
    title = tame(finding.title) or tame(finding.control)
    yield Heading(f"{title} ({tame(finding.severity)})")
    yield fact("Found → wanted", *_step(finding.setting, finding.found, finding.wanted))
    yield fact("Why", tame(finding.why, LONG))
    # An undo shows the drift that it brings back, and that was decided earlier.
    decided = "Was mended because" if kind is NoticeKind.UNDONE else _DECIDED.get(finding.verb, "Decided")
    yield fact(decided, tame(finding.reason, LONG))
    if finding.person:
        yield fact("By hand", tame(finding.person, LONG))
    yield fact("Control", Exact(tame(finding.control)))
    if finding.where:
        yield fact("Policy", Exact(tame(finding.where)))


def _result(notice: Notice) -> Iterator[Line]:
    """What was done or is asked, how it stands, and who is responsible."""
    report = notice.report
    heading = _CHANGES.get(notice.kind, "What was planned") if report.changes else "How it stands"
    yield Heading(heading)
    yield from map(_change, report.changes[:_MOST])
    yield from _more(len(report.changes))
    if report.outcome:
        yield fact("Status", tame(report.outcome, LONG))
    yield from _problems(notice)
    if report.elapsed_seconds is not None:
        yield fact("Took", duration_words(report.elapsed_seconds))
    if report.owner:
        yield fact("Owner", Exact(tame(report.owner)))
    if report.approval:
        yield fact("Approval", Exact(tame(report.approval)))


def _change(change: ChangeLine) -> Line:
    said = [_WORDS.get(change.source, tame(change.source)), _WORDS.get(change.risk, tame(change.risk))]
    words = ", ".join(filter(None, said))
    return fact("Change", *_step(change.setting, change.before, change.after), f" ({words})" if words else "")


def _problems(notice: Notice) -> Iterator[Line]:
    """What went wrong. The errors of a policy file stand on a line each."""
    report = notice.report
    if notice.kind is not NoticeKind.POLICY_REFUSED:
        if report.error:
            yield fact("Error", tame(report.error, LONG))
        return
    problems = problems_of(report)
    for problem in problems[:_MOST]:
        yield fact("Problem", problem)
    yield from _more(len(problems))


def problems_of(report: Report) -> list[str]:
    """The lines of an error, tame."""
    return [tame(line, LONG) for line in report.error.split("\n") if line.strip()]


def _step(setting: str, before: Value, after: Value) -> tuple[Part, ...]:
    """A setting's way from one value to another."""
    was, wanted = way_words(before, after)
    return Exact(setting_words(setting)), ": ", Was(was), " → ", Becomes(wanted)


def _more(count: int) -> Iterator[Line]:
    if count > _MOST:
        yield fact("And", f"{count - _MOST} more, see the record")
