"""Alerts in a pass over a server: what is decided about each response, what was done, and who hears of it.

No I/O. One message for all alerts of one incident that come together, as soon as it is known what became of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from shared import scribe
from shared.alert import AlertStatus
from shared.control import Change, Drift, NotApplicable
from shared.decide import Decided, Verb
from shared.deliberate import Outcome
from shared.incident import (
    answers_of,
    is_verified,
    lead,
    lines_of,
    noted,
    outcome_of,
    report_of,
    seen_in,
    told_defender,
)
from shared.journal import NoticeKind, Report, Request, Stage
from shared.ledger import Ledger
from shared.measure import Answer, Course, Measure
from shared.measures import alone, brief_of, held_with, held_without, with_answer, with_measures
from shared.memory import Purpose, Remediation
from shared.plan import Judge
from shared.state import Setting, spoken

_REMEMBERED = 100
_LOUDEST = (Verb.ACT, Verb.HOLD, Verb.ASK, Verb.WAIT, Verb.TELL, Verb.RECORD)


def conclude(ledger: Ledger, outcome: Outcome) -> None:
    """Note what is decided about each response, and tell of alerts about which nothing is done now."""
    if not ledger.memory.answers:
        return
    for judge in outcome.judges:
        for measure in _of(ledger, judge.measures):
            _put(ledger, _judged(measure, alone(judge, measure.id), outcome))
    judged = {one for judge in outcome.judges for one in judge.measures}
    for measure in ledger.memory.measures:
        if measure.id not in judged and measure.course is Course.OPEN:
            _put(ledger, _unjudged(measure, outcome))
    for group in _untold(ledger):
        _tell(ledger, group, outcome)
    close(ledger)


def begun(ledger: Ledger, outcome: Outcome, act: Sequence[Decided], remediation: Remediation) -> Remediation:
    """A fix was opened: what of it answers alerts is held until it is taken back, and Defender hears of it."""
    made = [(drift, _measures_of(outcome, drift)) for drift, _ in act]
    changes = [(change, ids) for drift, ids in made if ids for change in _for(outcome, drift)]
    others = [one.setting for one in outcome.carried_out.changes if one.setting not in outcome.plan.measured]
    ledger.remember(held=held_with(held_without(ledger.memory.held, others), changes))
    ids = tuple(dict.fromkeys((*remediation.measures, *(one for _, some in changes for one in some))))
    if not ids:
        return remediation
    for measure in _of(ledger, ids):
        until = (
            ledger.clock() + timedelta(hours=measure.hours) if measure.hours and not measure.record else measure.until
        )
        _put(ledger, replace(measure, course=Course.ACTING, record=remediation.id, until=until))
    for answer in answers_of(ledger.memory, ids):
        _tell_defender(ledger, answer, remediation.report, AlertStatus.IN_PROGRESS)
    remediation = _refreshed(ledger, replace(remediation, measures=ids))
    ledger.went_on(remediation)
    return remediation


def proven(ledger: Ledger, remediation: Remediation) -> Remediation:
    """What was done about alerts, or taken back, is proven. The fix as it is told now."""
    if not remediation.measures:
        return remediation
    if remediation.purpose is Purpose.UNDO:
        return _lifted(ledger, remediation)
    for measure in _of(ledger, remediation.measures):
        _put(ledger, replace(measure, course=Course.DONE))
    return _ended(ledger, remediation, Stage.PROVEN, f"done, and proven by reading again: record {remediation.id}")


def failed(ledger: Ledger, remediation: Remediation, error: str) -> Remediation:
    """What was to be done about alerts was not. The fix as it is told now."""
    if not remediation.measures:
        return remediation
    undo = remediation.purpose is Purpose.UNDO
    for measure in _of(ledger, remediation.measures):
        if measure.course is Course.ACTING:
            _put(ledger, replace(measure, course=Course.FAILED, detail=error))
    return _ended(ledger, remediation, Stage.FAILED, f"not {'taken back' if undo else 'done'}: {error}")


def taken_back(ledger: Ledger, request: Request, changes: Iterable[Change]) -> None:
    """A person takes back what answered alerts: the measures behind it are over, and do it no second time."""
    settings = {change.setting for change in changes}
    ids = {one for held in ledger.memory.held if held.setting in settings for one in held.measures}
    if not ids:
        return
    ledger.remember(held=held_without(ledger.memory.held, settings))
    holding = {one for held in ledger.memory.held for one in held.measures}
    why = f"taken back by {request.by.name}: {request.reason}"
    for measure in _of(ledger, ids - holding):
        _put(ledger, replace(measure, course=Course.LIFTED, detail=why, over=True))
        for answer in answers_of(ledger.memory, [measure.id]):
            note(ledger, answer, Stage.RESOLVED, f"{measure.response}: {why}")
    close(ledger)


def waits(ledger: Ledger, remediation: Remediation) -> None:
    """Azure takes its time: people hear of the alerts now, and of their end later."""
    group = [answer for answer in answers_of(ledger.memory, remediation.measures) if not answer.told]
    if group:
        _announce(ledger, group, quiet=False)


def note(ledger: Ledger, answer: Answer, stage: Stage, text: str, report: Report | None = None) -> Answer:
    """One more line in the alert's own record."""
    report = report or report_of([answer], ledger.target.id, ledger.clock(), text)
    answer, entry = noted(answer, ledger.placed(report), stage, ledger.clock(), text)
    ledger.write(entry)
    ledger.memory = with_answer(ledger.memory, answer)
    return answer


def close(ledger: Ledger) -> None:
    """Tell Defender of alerts whose answer is verified, and forget those of which nothing comes any more."""
    for answer in ledger.memory.answers:
        if is_verified(answer):
            answer = _tell_defender(ledger, answer, _report(ledger, [answer]), AlertStatus.RESOLVED)
        if answer.over and answer.told:
            ids = (*ledger.memory.answered, answer.alert.id)[-_REMEMBERED:]
            kept = tuple(one for one in ledger.memory.answers if one.record != answer.record)
            ledger.remember(answers=kept, answered=ids)


# -- one measure ------------------------------------------------------------------------------------------------------


def _judged(measure: Measure, judge: Judge, outcome: Outcome) -> Measure:
    if measure.course is Course.ENDING:
        return measure
    from shared.responses import RESPONSES

    response, brief = RESPONSES[measure.response], brief_of(judge)
    about = _settings(judge, outcome)
    pairs = [pair for pair in outcome.decided if pair[0].control == judge.id and pair[0].setting in about]
    notes = response.notes(outcome.state, brief)
    if not pairs:
        if measure.course in (Course.DONE, Course.ACTING):
            return measure
        finding = judge.find(outcome.state)
        course = Course.IMPOSSIBLE if isinstance(finding, NotApplicable) else Course.NOTHING
        detail = response.why_nothing(outcome.state, brief)
        return _settled(replace(measure, course=course, detail=detail), lasting=True)
    left = [pair for pair in pairs if pair[1].verb is Verb.ACT or pair in outcome.left_over()]
    if not left:
        detail = "what else is done keeps the attack out"
        return _settled(replace(measure, course=Course.NOTHING, detail=detail), lasting=True)
    drift, decision = min(left, key=lambda pair: _LOUDEST.index(pair[1].verb))
    if decision.verb is Verb.ACT:
        changed = dict.fromkeys(spoken(str(one.setting)) for pair in pairs for one in _for(outcome, pair[0]))
        return replace(measure, course=Course.ACTING, detail="; ".join([", ".join(changed), *notes]))
    course = Course.ASKED if decision.verb in (Verb.ASK, Verb.WAIT) else Course.IMPOSSIBLE
    course = Course.TOLD if decision.reason == judge.rule.said and course is Course.IMPOSSIBLE else course
    detail = decision.reason if not drift.person else drift.person
    if course is Course.TOLD:
        detail = f"{', '.join(dict.fromkeys(spoken(str(drift.setting)) for drift, _ in pairs))}: {detail}"
    return _settled(replace(measure, course=course, detail=detail), lasting=decision.until is None)


def _unjudged(measure: Measure, outcome: Outcome) -> Measure:
    """What cannot be seen is not answered, and people hear why."""
    from shared.responses import CARDS

    facets = CARDS[measure.response].control.on(outcome.state.target.kind).facets
    unread = [str(outcome.state.unread[one]) for one in facets if one in outcome.state.unread]
    if not unread:
        return measure
    return _settled(replace(measure, course=Course.IMPOSSIBLE, detail=unread[0]), lasting=True)


def _settled(measure: Measure, lasting: bool) -> Measure:
    """What is not to end by itself is over when it was found that there is nothing to be done."""
    over = lasting and not measure.hours and measure.course in (Course.TOLD, Course.NOTHING, Course.IMPOSSIBLE)
    return replace(measure, over=over)


def _of(ledger: Ledger, ids: Iterable[str]) -> list[Measure]:
    wanted = set(ids)
    return [one for answer in ledger.memory.answers for one in answer.measures if one.id in wanted]


def _put(ledger: Ledger, measure: Measure) -> None:
    ledger.memory = with_measures(ledger.memory, measure)


def _measures_of(outcome: Outcome, drift: Drift) -> tuple[str, ...]:
    """The measures whose own attack the drift is about."""
    judges = [judge for judge in outcome.judges if judge.measures and drift in judge.drifts(outcome.state)]
    singles = ((one, alone(judge, one)) for judge in judges for one in judge.measures)
    return tuple(one for one, single in singles if drift.setting in _settings(single, outcome))


def _settings(judge: Judge, outcome: Outcome) -> set[Setting]:
    return {drift.setting for drift in judge.drifts(outcome.state)}


def _for(outcome: Outcome, drift: Drift) -> tuple[Change, ...]:
    return outcome.plan.only(drift.settings).changes


# -- telling ----------------------------------------------------------------------------------------------------------


def _untold(ledger: Ledger) -> list[list[Answer]]:
    """The alerts of which nobody has heard, those of one incident together."""
    groups: dict[str, list[Answer]] = {}
    for answer in ledger.memory.answers:
        if not answer.told:
            groups.setdefault(answer.alert.part_of or answer.alert.id, []).append(answer)
    return list(groups.values())


def _tell(ledger: Ledger, group: Sequence[Answer], outcome: Outcome) -> None:
    """Write down what came and what stood there; people hear of it now, unless something is done at once."""
    courses = {one.course for answer in group for one in answer.measures}
    responses = {one.response for answer in group for one in answer.measures}
    about = [pair for pair in outcome.decided if pair[0].control in responses]
    for answer in group:
        if not answer.entries:
            mine = {one.response for one in answer.measures}
            report = _report(ledger, [answer])
            lines = [scribe.finding_line(ledger.catalogue, *pair) for pair in about if pair[0].control in mine]
            report = replace(report, findings=tuple(lines), seen=seen_in(outcome.state))
            note(ledger, answer, Stage.DETECTED, outcome_of(answer), report)
    silent = [pair for pair in about if pair[1].verb in (Verb.TELL, Verb.RECORD)]
    digests = {drift.key: scribe.digest(drift, decision) for drift, decision in silent}
    ledger.remember(told={**ledger.memory.told, **digests})
    if Course.ACTING not in courses:
        # Whoever is asked is told of the alert with the question.
        _announce(ledger, _again(ledger, group), quiet=Course.ASKED in courses, decided=silent)


def _announce(ledger: Ledger, group: Sequence[Answer], quiet: bool, decided: Sequence[Decided] = ()) -> None:
    first, at = lead(group), ledger.clock()
    lines = tuple(scribe.finding_line(ledger.catalogue, *pair) for pair in decided)
    report = replace(_report(ledger, group), findings=lines)
    ledger.write(
        *noted(first, report, Stage.DECIDED, at, report.outcome)[1:],
        scribe.notice(report, NoticeKind.ALERT_RECEIVED, at, first.entries, quiet),
    )
    for answer in group:
        entries = answer.entries + (answer.record == first.record)
        ledger.memory = with_answer(ledger.memory, replace(answer, told=True, entries=entries))


def _lifted(ledger: Ledger, remediation: Remediation) -> Remediation:
    """What was changed for a while is as it was before."""
    settings = {change.setting for change in remediation.changes}
    ledger.remember(held=held_without(ledger.memory.held, settings))
    let_go(ledger, remediation.measures)
    return _ended(
        ledger, remediation, Stage.RESOLVED, f"taken back, and proven by reading again: record {remediation.id}"
    )


def let_go(ledger: Ledger, measures: Iterable[str]) -> None:
    """Measures that are over and hold nothing any more are lifted."""
    holding = {one for held in ledger.memory.held for one in held.measures}
    for measure in _of(ledger, measures):
        if measure.course is Course.ENDING and measure.id not in holding:
            _put(ledger, replace(measure, course=Course.LIFTED, over=True))


def _ended(ledger: Ledger, remediation: Remediation, stage: Stage, text: str) -> Remediation:
    for answer in answers_of(ledger.memory, remediation.measures):
        mine = [one for one in answer.measures if one.id in remediation.measures]
        names = ", ".join(one.response for one in mine)
        note(ledger, replace(answer, told=True), stage, f"{names}: {text}")
    remediation = _refreshed(ledger, remediation)
    close(ledger)
    return remediation


def _refreshed(ledger: Ledger, remediation: Remediation) -> Remediation:
    """The fix whose report says how far its responses are now."""
    found = answers_of(ledger.memory, remediation.measures)
    lines = lines_of(found) or remediation.report.answers
    return replace(remediation, report=replace(remediation.report, answers=lines))


def _report(ledger: Ledger, group: Sequence[Answer]) -> Report:
    return ledger.placed(report_of(group, ledger.target.id, ledger.clock(), outcome_of(lead(group))))


def _again(ledger: Ledger, group: Sequence[Answer]) -> list[Answer]:
    """The same answers as they are now."""
    records = {answer.record for answer in group}
    return [answer for answer in ledger.memory.answers if answer.record in records]


def _tell_defender(ledger: Ledger, answer: Answer, report: Report, status: AlertStatus) -> Answer:
    told = told_defender(answer, replace(report, record=answer.record), status, ledger.clock())
    if told is None:
        return answer
    answer, entry, notice = told
    ledger.write(entry, notice)
    ledger.memory = with_answer(ledger.memory, answer)
    return answer
