"""One look at one server, under its lease, from waiting triggers to a proven fix.

    hear → observe → detect → decide → plan → apply → observe again → record → outbox

Level-triggered: what the event said only chose where to look. A pass that cannot finish leaves its triggers where they
are and asks to be woken; the next pass starts by looking, so it is safe to be killed between any two lines.
"""

from collections.abc import Sequence
from datetime import datetime

from shared import answering, asking
from shared.alert_telling import tell_of_deleted
from shared.attending import attend, retire, unanswered
from shared.control import Change
from shared.decide import Verb
from shared.deliberate import Outcome
from shared.diary import due_at
from shared.errors import Gone, Hidden, Retry, Stop
from shared.hearing import hear, undo_wanted
from shared.journal import Origin, Trigger, Wish
from shared.judging import conclude, judge, newly_agreed
from shared.lifting import lift
from shared.memory import Purpose, Remediation
from shared.mirroring import finish, lost, traced
from shared.originals import recognised
from shared.plan import Judge
from shared.policy import Policy
from shared.scene import place_of
from shared.scope import Place
from shared.select import able
from shared.sight import facets_for, in_progress
from shared.state import State
from shared.summaries import marks_of
from shared.summary import Mark
from shared.takeback import go_on, take_back
from shared.target import Target
from shared.telling import besides
from shared.turn import Turn, backoff
from shared.usage import uses_of
from shared.writing import give_up, settle, still_wrong, write


async def look(turn: Turn) -> None:
    """Do the pass, and turn what Azure may answer into waiting or telling."""
    try:
        if not await _carried_on(turn):
            await _look(turn)
    except Retry as error:
        times = turn.ledger.waited(str(error))
        await turn.commit(handled=False)
        await turn.wake(max(error.after_seconds, backoff(times)))
    except Gone as error:
        await _forget(turn, str(error))
    except Hidden as error:
        # Of a server that no look has judged there is nothing to keep, and anybody can make such a name up.
        await (_stay_blind if turn.ledger.memory.summary else _forget)(turn, str(error))
    except Stop as error:
        await _stay_blind(turn, str(error))


async def _forget(turn: Turn, why: str) -> None:
    _answer(turn, why)
    asking.withdraw(turn.ledger, "the server does not exist any more")
    turn.ledger.gone(why)
    for trigger in turn.triggers:
        await tell_of_deleted(turn.store, trigger, turn.clock())
    await turn.commit()


async def _stay_blind(turn: Turn, why: str) -> None:
    _answer(turn, why)
    asking.expire(turn.ledger, turn.consents)
    unanswered(turn.ledger, why)
    turn.ledger.blind(why)
    turn.sum_up(trouble=why)
    turn.ledger.miss_appointment()
    await turn.commit()


def appointment(target: Target, at: datetime) -> Trigger:
    """The trigger of a look for which no event comes: something was to be decided anew at this moment."""
    return Trigger(f"appointment-{at:%Y%m%dT%H%M%S}", target.id, "*", "", at, Origin.APPOINTMENT, received_at=at)


async def _carried_on(turn: Turn) -> bool:
    """Whether the pass was about a failover. Most servers never take part in one."""
    opened, requests = turn.ledger.open, [trigger.request for trigger in turn.triggers if trigger.request is not None]
    promotes = opened is not None and opened.purpose is Purpose.PROMOTE
    if not (promotes or turn.ledger.memory.failover or any(one.wish is Wish.FAILOVER for one in requests)):
        return False
    from shared.failover.promotion import carry_on

    return await carry_on(turn)


async def _look(turn: Turn) -> None:
    ledger, opened = turn.ledger, turn.ledger.open
    retire(ledger)
    await hear(turn)
    undo = await undo_wanted(turn)
    facets = await facets_for(turn, undo)
    failure = ""
    if opened is not None:
        failure, wait = await in_progress(turn, opened)
        if wait is not None:
            await turn.wake(wait)
            return
    if not facets:
        ledger.miss_appointment()
        await turn.commit()
        return
    ledger.looked_at = turn.clock()
    state = await turn.observe(facets)
    ledger.remember(copied=recognised(state, ledger.memory.copied, turn.clock()))
    state = await traced(turn, state)
    place = await place_of(turn.arm, turn.scene(), state)
    ledger.tags, ledger.management_groups = _spoken_of(turn.policy, place), place.management_groups
    ledger.remember(uses={**ledger.memory.uses, **uses_of(state)})
    ledger.blind_to(state)
    lost(turn, state)
    attend(ledger, place)
    every = turn.judges(place)
    judges = able(every, (facets | state.facets()) - state.unread.keys())
    if opened is not None:
        settle(turn, opened, state, judges, failure)
    if ledger.open is not None and ledger.open.purpose is Purpose.UNDO:
        await go_on(turn, ledger.open, state, place)
    elif undo is not None and ledger.open is None:
        await take_back(turn, undo, state, place)
    elif ledger.open is not None or not await lift(turn, state, place, judges):
        turn.mark(_unread(every, state))
        await _mend(turn, state, judges, place, [undo.trigger] if undo is not None else [])


async def _mend(turn: Turn, state: State, judges: Sequence[Judge], place: Place, later: Sequence[Trigger]) -> None:
    turn.ledger.postpone(later)
    await _put_right(turn, state, judges, place)
    if later and turn.ledger.open is None:
        await turn.wake()


async def _put_right(turn: Turn, state: State, judges: Sequence[Judge], place: Place) -> None:
    ledger = turn.ledger
    failed = ledger.failed
    outcome, known = await judge(turn, state, judges, place)
    conclude(turn, outcome, known)
    turn.mark(marks_of(outcome, known), {judge.id for judge in judges})
    act = outcome.of(Verb.ACT)
    changes = outcome.carried_out.changes
    if ledger.open is not None and not _goes_on(ledger.open, state, judges, changes):
        give_up(turn, ledger.open, _why_stopped(ledger.open, outcome))
    finish(turn, outcome)
    turn.learn(state, judges)
    ledger.remember(due_at=due_at(ledger.memory, outcome, turn.policy.flapping, known.at))
    if not act or (failed and not newly_agreed(turn, act)):
        # What has just failed is tried again by a later look, unless somebody has just asked for it.
        await turn.commit()
        return
    remediation = ledger.begin(act, changes, turn.consents, besides(outcome, act))
    remediation = answering.begun(ledger, outcome, act, remediation)
    # The intent is in the store before the first write leaves.
    await turn.commit(handled=False)
    await write(turn, remediation, changes, place, state)


def _answer(turn: Turn, why: str) -> None:
    """Say to everybody who asked for something that it is not done."""
    begun = {consent.id for consent in turn.consents if consent.begun}
    for trigger in turn.triggers:
        # A failover has answered by itself, or still waits.
        asked = trigger.request is not None and trigger.request.wish is not Wish.FAILOVER
        if asked and trigger.id not in begun:
            turn.ledger.refused(trigger, why)


def _goes_on(opened: Remediation, state: State, judges: Sequence[Judge], changes: Sequence[Change]) -> bool:
    """Whether everything that is left of the fix is still to be done."""
    left = {change.setting for change in still_wrong(opened, state, judges)}
    return left <= {change.setting for change in changes}


def _why_stopped(opened: Remediation, outcome: Outcome) -> str:
    stopped = (pair for pair in outcome.decided if pair[1].verb is not Verb.ACT)
    reasons = dict.fromkeys(decision.reason for drift, decision in stopped if drift.control in opened.controls)
    return f"not carried on: {'; '.join(reasons) or 'the server has changed while the fix was under way'}"


def _unread(judges: Sequence[Judge], state: State) -> dict[str, Mark]:
    """The controls that what could not be read keeps from judging."""
    controls = (judge.remediator.control for judge in judges if not judge.measures)
    return {one.id: Mark.UNKNOWN for one in controls if state.unread.keys() & set(one.facets)}


def _spoken_of(policy: Policy, place: Place) -> dict[str, str]:
    return {name: value for name in sorted(policy.tag_names) if (value := place.tag(name)) is not None}
