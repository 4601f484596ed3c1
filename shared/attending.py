"""Security alerts that have come in: the playbook that answers each, and the end of an answer.

An alert says where to look; what is done is for the playbook, the live state and the policy to say. Each alert is
answered once, however often it is told: its later updates say only that it is over.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from shared.alert import Alert, AlertStatus
from shared.answering import close, note
from shared.incident import report_of
from shared.journal import NoticeKind, Stage, Trigger, new_id
from shared.ledger import Ledger
from shared.measure import Answer, Course, Measure
from shared.measures import held_without, with_measures
from shared.policy import Mode, Playbook, Policy, Step, playbook_for
from shared.policy_file import playbooks_of
from shared.scope import Place
from shared.state import SERVER, Facet
from shared.target import Kind

# For so long it is tried to do what does not end by itself.
_ONCE = timedelta(hours=24)
_OVER = (AlertStatus.RESOLVED, AlertStatus.DISMISSED)


def facets_of_alerts(policy: Policy, kind: Kind, triggers: Iterable[Trigger]) -> frozenset[Facet]:
    """What has to be read to answer these alerts: what the responses of any playbook need that may be theirs, and
    whether the server is there."""
    alerts = [trigger.alert for trigger in triggers if trigger.alert is not None]
    if not alerts:
        return frozenset()
    from shared.responses import CARDS

    fitting = (one for alert in alerts for one in playbooks_of(policy) if one.match.fits(alert))
    cards = {step.response: CARDS[step.response].control for one in fitting for step in one.steps}
    found = (card.on(kind).facets for card in cards.values() if kind in card.kinds)
    return frozenset(facet for facets in found for facet in facets) | {SERVER}


def attend(ledger: Ledger, place: Place) -> None:
    """Take in the alerts that have come, and what has become of earlier ones; end the measures whose time is over."""
    for trigger in ledger.triggers:
        if trigger.alert is not None:
            _hear(ledger, place, trigger, trigger.alert)
    at = ledger.clock()
    for measure in ledger.memory.measures:
        if measure.until <= at and not _waits(ledger, measure):
            _end(ledger, measure, "its time is over")


def retire(ledger: Ledger) -> None:
    """What was done for good is what is good from now on, and held no longer."""
    done = [one for one in ledger.memory.measures if one.course is Course.DONE and not one.hours]
    if not done:
        return
    ids = {one.id for one in done}
    settings = [one for one in ledger.memory.held if set(one.measures) <= ids]
    values = dict(ledger.memory.values)
    for held in settings:
        if held.after is None:
            values.pop(str(held.setting), None)
        else:
            values[str(held.setting)] = held.after
    ledger.memory = with_measures(ledger.memory, *(replace(one, over=True) for one in done))
    ledger.remember(values=values, held=held_without(ledger.memory.held, (one.setting for one in settings)))
    close(ledger)


def unanswered(ledger: Ledger, why: str) -> None:
    """The server cannot be looked at: people hear of each alert all the same, once."""
    for trigger in ledger.triggers:
        if trigger.alert is None or trigger.alert.status in _OVER or _is_known(ledger, trigger.alert):
            continue
        answer = Answer(trigger, new_id(ledger.clock()))
        text = f"not answered, a person has to look: {why}"
        report = replace(report_of([answer], ledger.target.id, ledger.clock(), text), error=why)
        ledger.announce(ledger.placed(report), Stage.FAILED, NoticeKind.ALERT_RECEIVED)
        ledger.remember(answered=(*ledger.memory.answered, trigger.alert.id))


def _hear(ledger: Ledger, place: Place, trigger: Trigger, alert: Alert) -> None:
    known = next((one for one in ledger.memory.answers if one.alert.id == alert.id), None)
    if known is None:
        if alert.status not in _OVER and not _is_known(ledger, alert):
            _answer(ledger, place, trigger, alert)
    elif alert.status is AlertStatus.DISMISSED or (
        alert.status is AlertStatus.RESOLVED and known.status != alert.status
    ):
        # What Holdfast has resolved itself comes back as resolved; a person's word ends what is left.
        _over(ledger, known, f"the alert was {alert.status} in Defender")


def _is_known(ledger: Ledger, alert: Alert) -> bool:
    return alert.id in ledger.memory.answered or any(one.alert.id == alert.id for one in ledger.memory.answers)


def _answer(ledger: Ledger, place: Place, trigger: Trigger, alert: Alert) -> None:
    at, found = ledger.clock(), playbook_for(playbooks_of(ledger.policy), alert, place)
    measures = tuple(_measures(ledger.policy, found, alert, place, at)) if found else ()
    answer = Answer(trigger, new_id(at), found.name if found else "", found.where if found else "", measures)
    ledger.remember(answers=(*ledger.memory.answers, answer))


def _measures(policy: Policy, playbook: Playbook, alert: Alert, place: Place, at: datetime) -> Iterator[Measure]:
    from shared.responses import CARDS

    for step in playbook.steps:
        if step.mode is Mode.OFF:
            continue
        kinds = CARDS[step.response].control.kinds
        mode = Mode.NOTIFY if alert.sample and step.mode.rank > Mode.NOTIFY.rank else step.mode
        measure = Measure(
            f"{alert.id}|{step.response}",
            step.response,
            mode.value,
            at + _span(policy, step),
            step.hours,
            step.parameters.model_dump(mode="json"),
            _said(playbook, step, alert),
            step.where,
        )
        if place.target.kind not in kinds:
            words = " and ".join(sorted(_KINDS[kind] for kind in kinds))
            measure = replace(
                measure, course=Course.IMPOSSIBLE, detail=f"there is no such thing but on {words}", over=True
            )
        yield measure


_KINDS = {Kind.FLEXIBLE: "flexible servers", Kind.SINGLE: "single servers", Kind.CITUS: "Citus clusters"}


def _span(policy: Policy, step: Step) -> timedelta:
    """Until when the measure looks at the server, before anything is done: a question is waited for."""
    asked = timedelta(hours=2 * policy.approvals.valid_hours) if step.mode is Mode.APPROVE else timedelta()
    return max(timedelta(hours=step.hours) if step.hours else _ONCE, asked)


def _said(playbook: Playbook, step: Step, alert: Alert) -> str:
    asked = step.asked or step.mode
    said = f"the playbook {playbook.name} says {asked}"
    if alert.sample and asked.rank > Mode.NOTIFY.rank:
        return f"a sample alert changes nothing; {said}"
    return said if asked is step.mode else f"{said}, and default_playbooks allows {step.mode}"


def _waits(ledger: Ledger, measure: Measure) -> bool:
    """Whether it is being carried out at this moment."""
    opened = ledger.open
    return opened is not None and measure.id in opened.measures


def _over(ledger: Ledger, answer: Answer, why: str) -> None:
    """Nobody wants it answered any more: what was changed for a while is taken back, what was asked is withdrawn."""
    if not any(one.in_force for one in answer.measures):
        return
    answer = note(ledger, replace(answer, told=True), Stage.RESOLVED, f"{why}: what is temporary is taken back")
    for measure in answer.measures:
        if not measure.over:
            _end(ledger, measure, why)


def _end(ledger: Ledger, measure: Measure, why: str) -> None:
    """The measure looks at the server no more; what it holds is to be lifted."""
    holds = measure.hours and any(measure.id in one.measures for one in ledger.memory.held)
    if holds:
        ended = replace(measure, course=Course.ENDING, detail=why)
    elif measure.course is Course.DONE:
        ended = replace(measure, over=True)
    else:
        ended = replace(measure, course=Course.ENDED, detail=why, over=True)
    ledger.memory = with_measures(ledger.memory, ended)
    if not measure.hours:
        mine = [one.setting for one in ledger.memory.held if set(one.measures) <= {measure.id}]
        ledger.remember(held=held_without(ledger.memory.held, mine))
