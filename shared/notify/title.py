"""The one line that says it all: what a lock screen, a subject or a pager shows of a notice."""

from shared.journal import Notice, NoticeKind, Report
from shared.notify.alarm import headline, summary
from shared.notify.cause import asked_by, is_undo, who
from shared.notify.facts import problems_of
from shared.notify.wording import LONG, duration_words, inert, setting_words, shortened, tame, way_words
from shared.state import SettingKind, Value
from shared.target import FLEET, parse_subject

_LONGEST = 250
_LONGEST_SEVERITY = 12
_LONGEST_REASON = 160
# `news` is the first setting and whose change it was; `end` is how it stands, `reason` why it was decided so.
_TITLES = {
    NoticeKind.DRIFT_DETECTED: "{server} drifted{unchanged}: {news}",
    NoticeKind.APPROVAL_NEEDED: "{server} needs your decision: {news}{end}",
    NoticeKind.APPROVAL_ENDED: "{server} was not changed: {news}{end}",
    NoticeKind.REMEDIATION_SCHEDULED: "{server} will be put right later: {reason}{news}",
    NoticeKind.REMEDIATED: "{server} was put right{took}: {news}",
    NoticeKind.REMEDIATION_FAILED: "{server} could not be {mended}, {error}: {news}",
    NoticeKind.DRIFT_RESOLVED: "{server} is right again without our doing: {news}",
    NoticeKind.HELD: "{server} is not mended any more: {reason}{news}",
    NoticeKind.UNDONE: "{server} was changed back{by}: {news}",
    NoticeKind.FAILOVER_BEGUN: "{server} is being promoted: {news}",
    NoticeKind.FAILED_OVER: "{server} was promoted{took}: {news}",
    NoticeKind.FAILOVER_FAILED: "{server} was not promoted: {error}",
    NoticeKind.CANNOT_OBSERVE: "{server} cannot be watched: {news}",
    NoticeKind.EXEMPTION_EXPIRING: "an exemption ends soon: {news}",
    NoticeKind.POLICY_REFUSED: "a new policy was refused, the last good one stays in force: {news}",
    NoticeKind.ORDERS_CHANGED: "{news}",
    NoticeKind.ALERT_RECEIVED: "security alert, {server}: {news}",
    NoticeKind.ALERT_STATUS: "{server}: {news}",
    NoticeKind.MEASURE_LIFTED: "{server}: what answered a security alert for a while is over: {news}",
}
# After these the settings are as the changes say.
_CHANGED = {NoticeKind.REMEDIATED, NoticeKind.UNDONE, NoticeKind.MEASURE_LIFTED}
# Of these the outcome says which server, how, and who asked.
_FAILOVERS = {NoticeKind.FAILOVER_BEGUN, NoticeKind.FAILED_OVER, NoticeKind.FAILOVER_FAILED}
# How the title of a message about an alert begins.
_ALARMS = {
    NoticeKind.ALERT_RECEIVED: "security alert",
    NoticeKind.APPROVAL_NEEDED: "your decision on a security alert",
    NoticeKind.REMEDIATED: "security alert answered",
    NoticeKind.REMEDIATION_FAILED: "security alert not answered",
}


def title(notice: Notice) -> str:
    """One line, tame, that also survives being read as Markdown."""
    report = notice.report
    if notice.kind in _ALARMS and headline(report) and report.target != FLEET.id:
        said = summary(report.answers) or tame(report.outcome, LONG)
        line = f"{_ALARMS[notice.kind]}, {parse_subject(report.target).name}: {headline(report)}; {said}"
        return f"[{inert(tame(report.severity, _LONGEST_SEVERITY))}] {inert(tame(line, _LONGEST))}"
    drifts, undoing = report.findings, report.trigger is not None and is_undo(report.trigger)
    line = _TITLES[notice.kind].format(
        server=parse_subject(report.target).name,
        # Before a fix the same kind goes to machines, and there it would not be true for long.
        unchanged="" if any(finding.verb == "act" for finding in drifts) else ", nothing was changed",
        took="" if report.elapsed_seconds is None else f" in {duration_words(report.elapsed_seconds)}",
        mended="changed back" if undoing else "put right",
        by=f" by {asked_by(report)}" if asked_by(report) else "",
        error=tame(shortened(report.error)),
        # Where nothing drifted, the outcome is the news.
        end=f"; {tame(report.outcome)}" if drifts and report.outcome and not _of_failover(report) else "",
        reason=f"{tame(drifts[0].reason, _LONGEST_REASON)}; " if drifts else "",
        news=_news(notice),
    )
    return f"[{inert(tame(report.severity, _LONGEST_SEVERITY))}] {inert(tame(line, _LONGEST))}"


def _news(notice: Notice) -> str:
    """The first change or finding in a few words, how many more there are, and whose doing it was."""
    report = notice.report
    if notice.kind in _FAILOVERS or _of_failover(report):
        return tame(shortened(report.outcome), LONG)
    if notice.kind in _CHANGED and report.changes:
        said = [_values(line.setting, "was", line.before, "is now", line.after) for line in report.changes]
    elif report.findings:
        said = [_values(line.setting, "is", line.found, "wanted", line.wanted) for line in report.findings]
    else:
        said = problems_of(report) or [tame(shortened(report.outcome), LONG)]
    more = f" and {len(said) - 1} more" if len(said) > 1 else ""
    return f"{said[0]}{more}{_whose(notice)}"


def _of_failover(report: Report) -> bool:
    """Whether somebody is asked about a failover: what was found before is not what it is about."""
    return any(line.setting == SettingKind.REPLICATION for line in report.changes)


def _whose(notice: Notice) -> str:
    report = notice.report
    if notice.kind in (NoticeKind.UNDONE, NoticeKind.MEASURE_LIFTED) or not (report.findings or report.changes):
        return ""
    if asked_by(report):
        return f", set off by {asked_by(report)}"
    return f", changed by {who(report.trigger)}" if who(report.trigger) else ""


def _values(setting: str, was: str, before: Value, wanted: str, after: Value) -> str:
    old, new = way_words(before, after)
    return f"{setting_words(setting)} {was} {old}, {wanted} {new}"
