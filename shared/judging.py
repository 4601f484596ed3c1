"""Deciding about what was found: with what is known, then with what has to be asked for, then with the brakes; and
what that means for everybody who waits or has been told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shared import answering, asking, scribe, telling
from shared.breaker import hold_back
from shared.circumstances import asked_about, circumstances_at
from shared.claims import still_accepted, unconfirmed_triggers
from shared.control import is_response
from shared.decide import Circumstances, Decided, Verb
from shared.deliberate import Outcome, deliberate
from shared.journal import Actor, Origin
from shared.memory import Assent, Consent
from shared.orders import Orders
from shared.plan import Judge
from shared.scene import place_under
from shared.scope import Place
from shared.select import facets_of
from shared.standing import orders_of
from shared.state import Facet, Setting, State
from shared.telemetry import names, record
from shared.turn import Turn


async def judge(turn: Turn, state: State, judges: Sequence[Judge], place: Place) -> tuple[Outcome, Circumstances]:
    """What is done about every drift, and what that rests on."""
    with record.span(names.DECIDE):
        return await _judge(turn, state, judges, place)


async def _judge(turn: Turn, state: State, judges: Sequence[Judge], place: Place) -> tuple[Outcome, Circumstances]:
    at = turn.clock()
    turn.ledger.remember(accepted=await still_accepted(turn.arm, turn.scene(), state, at))
    scene = turn.scene()
    last_good = scene.memory.last_good()
    drifting = any(judge.drifts(state) for judge in judges)
    orders = await orders_of(turn.store) if drifting else Orders()
    place = await place_under(turn.arm, turn.policy, place, orders)
    known = circumstances_at(scene, place, orders, at)
    outcome = deliberate(state, judges, last_good, known)
    asked = await asked_about(turn.arm, scene, state, outcome.decided, known)
    if asked != known:
        outcome = deliberate(state, judges, last_good, asked)
    turn.ledger.postpone(unconfirmed_triggers(turn.triggers, asked))
    asking.expire(turn.ledger, turn.consents, outcome, spoken_of(turn, place))
    if turn.ledger.memory.denials != asked.denials:
        asked = replace(asked, denials=turn.ledger.memory.denials)
        outcome = deliberate(state, judges, last_good, asked)
    stopped = await hold_back(turn.store, turn.policy, turn.target, outcome, asked.orders, at)
    if stopped is not None:
        asked = replace(asked, orders=stopped)
        outcome = deliberate(state, judges, last_good, asked)
    return outcome, asked


def conclude(turn: Turn, outcome: Outcome, known: Circumstances) -> None:
    """Write down what the decisions mean for everybody who waits or has been told."""
    ledger = turn.ledger
    ledger.remember(
        causes=_causes(turn, outcome),
        accepted={str(setting): acceptance for setting, acceptance in known.accepted.items()},
        claimed=_claimed(outcome, known),
    )
    answering.conclude(ledger, outcome)
    ledger.count_anew({drift.control for drift, _ in outcome.of(Verb.HOLD)})
    asking.close(ledger, outcome, _newly_approved(turn), spoken_of(turn, known.place))
    for trigger_id, reason in asking.unmet(turn.consents, outcome).items():
        trigger = next(trigger for trigger in turn.triggers if trigger.id == trigger_id)
        ledger.refused(trigger, reason)
    telling.resolved(ledger, outcome.decided, {judge.id for judge in outcome.judges})
    telling.tell(ledger, outcome)
    telling.keep_waiting(ledger, outcome)


def spoken_of(turn: Turn, place: Place) -> frozenset[str]:
    """The controls that the policy does not switch off here."""
    return frozenset(judge.id for judge in turn.judges(place))


def _newly_approved(turn: Turn) -> list[Consent]:
    return [one for one in turn.consents if one.how is Assent.APPROVED and not one.begun]


def _causes(turn: Turn, outcome: Outcome) -> dict[str, Actor]:
    """Whose changes drift, as far as events have said so; kept while the drift stands, for whatever comes of it."""
    known, judged = turn.ledger.memory.causes, _judged(outcome)
    causes = {text: actor for text, actor in known.items() if Setting.parse(text).facet not in judged}
    events = [one for one in turn.triggers if one.origin is Origin.EVENT and one.actor and one.outcome == "success"]
    for drift, _ in outcome.decided:
        if is_response(drift.control):
            # What an attacker uses need not be what somebody has just changed.
            continue
        text, trigger = str(drift.setting), scribe.blame([drift], events)
        near = scribe.closeness(trigger, drift.settings) if trigger else 0
        actor = trigger.actor if trigger and (near == 2 or (near and text not in known)) else known.get(text)
        if actor is not None:
            causes[text] = actor
    return causes


def newly_agreed(turn: Turn, act: Sequence[Decided]) -> bool:
    """Whether anything is to be done because somebody has just agreed to it."""
    fresh = {consent.id for consent in turn.consents if not consent.begun}
    return any(decision.consent in fresh for _, decision in act)


def _claimed(outcome: Outcome, known: Circumstances) -> dict[str, datetime]:
    """Since when drifts are said to be a trusted identity's, as long as they stand."""
    judged, drifting = _judged(outcome), {drift.setting for drift, _ in outcome.decided}
    return {
        str(setting): since
        for setting, since in known.claimed.items()
        if setting in drifting or setting.facet not in judged
    }


def _judged(outcome: Outcome) -> frozenset[Facet]:
    return facets_of(judge.remediator.control for judge in outcome.judges)
