"""The story of an alert: its record, the lines that say what came of each response, and what Defender is told. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from shared.alert import Alert, AlertStatus
from shared.alerts.life import status_notice
from shared.control import is_response
from shared.journal import AnswerLine, Entry, Notice, Report, Stage
from shared.measure import Answer, Course, Measure
from shared.memory import Memory
from shared.state import INSIDE, SettingKind, State, Value

_SEVERITIES = ("informational", "low", "medium", "high")
# What an investigation wants to know of the server as it was; parameters only as far as a response reads them.
_OF_INTEREST = frozenset(
    {
        SettingKind.FIREWALL_RULE,
        SettingKind.PUBLIC_ACCESS,
        SettingKind.ADMINISTRATOR,
        SettingKind.AUTHENTICATION,
        SettingKind.VIRTUAL_NETWORK_RULE,
        SettingKind.LOCK,
        SettingKind.PARAMETER,
        *INSIDE,
    }
)
_MOST_SEEN = 300
_FINISHED = frozenset({Course.DONE, Course.NOTHING, Course.TOLD, Course.IMPOSSIBLE, Course.LIFTED, Course.ENDED})
_DID_SOMETHING = frozenset({Course.DONE, Course.LIFTED})


def severity_of(alert: Alert) -> str:
    """Defender's severity in the words of reports; a word that is not known may mean anything."""
    if alert.severity == "informational" or alert.sample:
        return "low"
    return alert.severity if alert.severity in _SEVERITIES else "medium"


def lines_of(answers: Iterable[Answer]) -> tuple[AnswerLine, ...]:
    """What came of each response, as people read it."""
    return tuple(_line(one) for answer in answers for one in answer.measures)


def answers_of(memory: Memory, measures: Iterable[str]) -> tuple[Answer, ...]:
    """The alerts that these measures answer."""
    wanted = set(measures)
    return tuple(answer for answer in memory.answers if wanted & {one.id for one in answer.measures})


def answers_by(memory: Memory, responses: Iterable[str]) -> tuple[Answer, ...]:
    """The alerts that are answered by these responses now."""
    wanted = set(responses)
    about = [
        (answer, {one.course for one in answer.measures if one.in_force and one.response in wanted})
        for answer in memory.answers
    ]
    acting = tuple(answer for answer, courses in about if courses & {Course.ACTING, Course.ASKED})
    return acting or tuple(answer for answer, courses in about if courses)


def lead(answers: Sequence[Answer]) -> Answer:
    """The one that speaks for all: the incident itself, else the most severe."""

    def rank(answer: Answer) -> tuple[bool, int]:
        known = answer.alert.severity in _SEVERITIES
        return answer.alert.incident, _SEVERITIES.index(answer.alert.severity) if known else 1

    return max(answers, key=rank)


def report_of(answers: Sequence[Answer], target: str, at: datetime, outcome: str) -> Report:
    """What there is to say about these alerts, under the record of the one that speaks for them."""
    first = lead(answers)
    return Report(
        first.record,
        target,
        severity_of(first.alert),
        at,
        first.trigger,
        outcome=outcome,
        answers=lines_of(answers),
    )


def answering(report: Report, answers: Sequence[Answer]) -> Report:
    """The report of a plan that answers these alerts. Where it is about nothing else, it is as severe as they are."""
    first = lead(answers)
    alone = all(is_response(line.control) for line in report.findings)
    severity = severity_of(first.alert) if alone else report.severity
    return replace(report, trigger=first.trigger, answers=lines_of(answers), severity=severity)


def outcome_of(answer: Answer) -> str:
    """How the alert is answered, in a sentence."""
    if not answer.playbook:
        return "no playbook is for this alert: it is recorded and told, and nothing was changed"
    counts = [
        (len([one for one in answer.measures if one.course in courses]), words)
        for courses, words in (
            ({Course.ACTING}, "under way"),
            ({Course.DONE}, "done"),
            ({Course.ASKED}, "waiting for a decision"),
            ({Course.TOLD}, "told only"),
            ({Course.NOTHING}, "with nothing to do"),
            ({Course.IMPOSSIBLE, Course.FAILED}, "not possible"),
        )
    ]
    said = ", ".join(f"{count} {words}" for count, words in counts if count)
    sample = "a sample alert, which changes nothing: " if answer.alert.sample else ""
    return f"{sample}answered by the playbook {answer.playbook}: {said or 'no responses'}"


def seen_in(state: State) -> dict[str, Value]:
    """What stood on the server, as far as it is of interest for what comes later."""
    settings = (pair for pair in sorted(state.settings().items(), key=lambda one: one[0]))
    return {str(setting): value for setting, value in settings if setting.kind in _OF_INTEREST and value is not None}


def noted(answer: Answer, report: Report, stage: Stage, at: datetime, text: str) -> tuple[Answer, Entry]:
    """One more line of the alert's own record."""
    report = replace(report, record=answer.record, trigger=answer.trigger, outcome=text)
    return replace(answer, entries=answer.entries + 1), Entry(answer.record, answer.entries, stage, at, report, text)


def told_defender(
    answer: Answer, report: Report, status: AlertStatus, at: datetime
) -> tuple[Answer, Entry, Notice] | None:
    """The alert's new status, unless it has it. Of a sample alert, and of one that no person sees, nothing is told."""
    if answer.alert.sample or answer.status == status:
        return None
    notice = status_notice(replace(report, record=answer.record), answer.alert, status, at, answer.entries)
    answer, entry = noted(replace(answer, status=status.value), report, Stage.DECIDED, at, notice.report.outcome)
    return answer, entry, notice


def is_verified(answer: Answer) -> bool:
    """Whether something was done about the alert, and everything that was to be done is."""
    courses = [one.course for one in answer.measures]
    return any(one in _DID_SOMETHING for one in courses) and all(one in _FINISHED for one in courses)


def _line(measure: Measure) -> AnswerLine:
    from shared.responses import RESPONSES

    response = RESPONSES[measure.response]
    done = measure.course in (Course.DONE, Course.ACTING, Course.ENDING)
    return AnswerLine(
        alert=measure.alert,
        response=measure.response,
        does=response.does,
        course=measure.course.value,
        detail=measure.detail,
        until=measure.until if done and measure.hours else None,
        undo=response.undo if done else "",
        record=measure.record,
    )
