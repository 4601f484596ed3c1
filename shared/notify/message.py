"""A notice as people read it: a title that says it all, and the facts as plain text and as Markdown."""

from dataclasses import dataclass

from shared.journal import Notice, NoticeKind, Report
from shared.notify.facts import Form, Line, facts, who
from shared.notify.wording import LONG, code, duration_words, escaped, inert, setting_words, tame, value_words
from shared.target import parse_target

_LONGEST_TITLE = 250


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready to send. `title` is one line that also survives being read as Markdown."""

    title: str
    text: str
    markdown: str


def compose(notice: Notice) -> Message:
    """The message about a notice."""
    lines = list(facts(notice))
    return Message(_title(notice), "\n".join(map(_plain, lines)), "\n".join(map(_marked, lines)))


def _title(notice: Notice) -> str:
    report = notice.report
    took = "" if report.elapsed_seconds is None else f" in {duration_words(report.elapsed_seconds)}"
    news = _news(report, notice.kind is NoticeKind.REMEDIATED)
    match notice.kind:
        case NoticeKind.DRIFT_DETECTED:
            # Before a fix the same kind goes to machines, and there it would not be true for long.
            acting = any(finding.verb == "act" for finding in report.findings)
            said = f"drifted{'' if acting else ', nothing was changed'}: {news}"
        case NoticeKind.APPROVAL_NEEDED:
            said = f"needs your decision, nothing was changed: {news}"
        case NoticeKind.REMEDIATED:
            said = f"was put right{took}: {news}"
        case NoticeKind.REMEDIATION_FAILED:
            said = f"could not be put right, {tame(report.error)}: {news}"
        case NoticeKind.DRIFT_RESOLVED:
            said = f"is right again without our doing: {news}"
        case NoticeKind.CANNOT_OBSERVE:
            said = f"cannot be watched: {news}"
    line = inert(tame(f"{parse_target(report.target).name} {said}", _LONGEST_TITLE))
    return f"[{tame(report.severity)}] {line}"


def _news(report: Report, mended: bool) -> str:
    """The first change or finding in a few words, how many more there are, and whose change it was."""
    if not report.findings:
        return tame(report.error or report.outcome, LONG)
    if mended and report.changes:
        first, *others = [(line.setting, "was", line.before, "is now", line.after) for line in report.changes]
    else:
        first, *others = [(line.setting, "is", line.found, "wanted", line.wanted) for line in report.findings]
    setting, was, before, wanted, after = first
    more = f" and {len(others)} more" if others else ""
    actor = f", changed by {who(report.trigger)}" if who(report.trigger) else ""
    return f"{setting_words(setting)} {was} {value_words(before)}, {wanted} {value_words(after)}{more}{actor}"


def _plain(line: Line) -> str:
    return f"\n{line.label}" if line.form is Form.HEADING else f"{line.label}: {line.value}"


def _marked(line: Line) -> str:
    match line.form:
        case Form.HEADING:
            return f"\n**{escaped(line.label)}**\n"
        case Form.LINK:
            return f"- **{line.label}**: [{line.value}]({line.value})"
        case Form.SENTENCE:
            return f"- **{line.label}**: {escaped(line.value)}"
        case Form.EXACT:
            return f"- **{line.label}**: {code(line.value)}"
