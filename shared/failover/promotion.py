"""One pass over the replica of a failover: from a person's yes to a promotion that is proven, or told as failed.

Level-triggered like every pass: the book says which failover it is, the replica says how far it came. So a worker may
be killed between any two lines; the next one looks first, and a replica that follows nobody any more is never promoted
again. The write itself goes the way of all writes: intent first, `shared.apply`, proof by reading again, a record.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from shared.apply import apply
from shared.errors import Gone, MalformedEvent, Refused, Stop
from shared.failover import roles
from shared.failover.afterwards import lines
from shared.failover.book import Failover, Stage, failover_of, write_on
from shared.failover.consent import agreed
from shared.failover.ending import close, finish, give_up, promoting_on, surveyor_of, text_of
from shared.failover.members import failover_here, let_go, take_in
from shared.failover.model import Check, Question, Survey, Weight, blocking
from shared.failover.preflight import preflight, question_about
from shared.journal import Trigger, Wish
from shared.memory import Remediation
from shared.scene import place_of
from shared.sight import PATIENCE, in_progress
from shared.state import SERVER, State
from shared.target import parse_target
from shared.turn import Turn, backoff
from shared.writing import forbidden

# With ever longer pauses, about a minute: so long a request that was lost may be on its way, or Azure show old news.
_LOOKS_BEFORE_AGAIN = 5
_MOST_LOOKS = 9
_BLIND_SECONDS = 60.0
_READY = "ready"
_BEFORE = "before the promotion"
_STILL_AT_IT_SECONDS = 10.0


async def carry_on(turn: Turn) -> bool:
    """Do what a failover needs of its replica now. False: there is none, or it waits, and the look goes on as ever."""
    triggers = [one for one in turn.triggers if one.request is not None and one.request.wish is Wish.FAILOVER]
    failover, promoting = await _failover(turn, triggers), promoting_on(turn)
    if promoting is not None:
        turn.ledger.postpone(one for one in turn.triggers if one not in triggers)
        await _carry_on(turn, failover, promoting)
        return True
    if failover is None or failover.over:
        if turn.ledger.memory.failover:
            turn.ledger.memory = let_go(turn.ledger.memory)
        return False
    return await _started(turn, failover, next(iter(triggers), None))


async def _started(turn: Turn, failover: Failover, trigger: Trigger | None) -> bool:
    """Begin it if somebody has said yes. False: it waits for that, and everything else goes on."""
    try:
        going = await agreed(turn, failover, trigger)
        if going is None:
            return False
        turn.ledger.postpone(
            one for one in turn.triggers if one.request is None or one.request.wish is not Wish.FAILOVER
        )
        await _begin(turn, going, trigger)
    except (Refused, Stop) as error:
        await give_up(turn, failover, str(error), trigger)
    return True


async def _carry_on(turn: Turn, failover: Failover | None, promoting: Remediation) -> None:
    """Go on with a promotion whose intent is in the store: it may have been sent or not, and ended or not."""
    if failover is None or failover.over:
        await close(turn, failover, promoting)
        return
    try:
        failure, wait = await in_progress(turn, promoting)
        if wait is not None:
            await turn.wake(wait)
            return
        await _ended(turn, failover, promoting, failure)
    except (Refused, Gone) as error:
        await give_up(turn, failover, str(error), None)
    except Stop as error:
        # What was sent cannot be called back: it is looked at again, and people know why nothing is told.
        turn.ledger.blind(str(error))
        await turn.commit(handled=False)
        await turn.wake(_BLIND_SECONDS)


async def _failover(turn: Turn, triggers: Sequence[Trigger]) -> Failover | None:
    """The failover that is asked for, or under way, here. A request for one that nobody knows is answered."""
    for trigger in triggers:
        found = await _asked_for(turn, trigger)
        if found is not None:
            return found
    found = await failover_here(turn.store, turn.target, turn.ledger.memory)
    return found if found is not None and found.new == turn.target else None


async def _asked_for(turn: Turn, trigger: Trigger) -> Failover | None:
    request = trigger.request
    before = request.changes[0].before if request is not None and request.changes else None
    try:
        primary = parse_target(before.get("source", "") if isinstance(before, dict) else "")
    except MalformedEvent:
        turn.ledger.refused(trigger, "the request names no primary")
        return None
    found = await failover_of(turn.store, primary)
    if found is None or request is None or found.id != request.record or found.new != turn.target:
        turn.ledger.refused(trigger, "this failover is not known any more: ask for it again")
        return None
    return found


async def _begin(turn: Turn, failover: Failover, trigger: Trigger | None) -> None:
    """Keep everything else away, look once more, write the intent down, and promote."""
    turn.ledger.remember(failover=failover.primary)
    await turn.commit(handled=False)
    await take_in(turn.store, failover, turn.clock)
    survey, question = await _looked(turn, failover)
    checks = preflight(question)
    _must_be_as_shown(failover, question, checks)
    warnings = tuple(check for check in checks if check.weight is Weight.WARN)
    count = f"{len(warnings)} warning{'s' * (len(warnings) != 1)}, nothing forbids it"
    told = f"looked again: {count if warnings else 'all is well'}"
    failover = await write_on(turn.store, failover, lambda one: one.went(survey.at, told, checks=warnings))
    promoting = turn.ledger.begin_promotion(
        trigger or _nobody(turn), (failover.change,), text_of(failover), lines(warnings, _BEFORE), failover.approval
    )
    # The intent is in the store before the write leaves.
    await turn.commit(handled=False)
    await write_on(
        turn.store,
        failover,
        lambda one: one.went(turn.clock(), "asks Azure to promote", stage=Stage.PROMOTING, record=promoting.id),
    )
    state = question.replica.state
    await _send(turn, failover, promoting, state if state is not None else await turn.observe([SERVER]))


async def _looked(turn: Turn, failover: Failover) -> tuple[Survey, Question]:
    """What is seen now of the pair."""
    survey = await surveyor_of(turn).survey(failover.old, failover.new, turn.clock(), failover.id)
    replica = survey.replica(failover.new)
    if replica is None:
        raise Refused(f"{failover.new.name} cannot be looked at")
    question = question_about(survey, replica, failover.option)
    return survey, replace(question, way=failover.way)


def _must_be_as_shown(failover: Failover, question: Question, checks: tuple[Check, ...]) -> None:
    found = blocking(checks)
    if found:
        reasons = "; ".join(f"{check.name} of {check.server}: found {check.found}" for check in found)
        raise Refused(f"the pre-flight forbids it now: {reasons}")
    planned = roles.promotion(question)
    if planned.key != failover.change.key:
        raise Refused("the servers are not as they were when it was shown: look at the plan again")


async def _send(turn: Turn, failover: Failover, promoting: Remediation, state: State) -> None:
    place = await place_of(turn.arm, turn.scene(), state)
    permit = partial(forbidden, turn, promoting, place)
    applied = await apply(turn.arm, turn.target, promoting, promoting.changes, permit)
    turn.ledger.went_on(applied.remediation)
    if applied.failed:
        await _ended(turn, failover, applied.remediation, applied.failed)
    elif applied.wait_seconds is None:
        await _ended(turn, failover, applied.remediation, "")
    else:
        turn.ledger.waits(applied.remediation)
        await turn.commit(handled=False)
        taken = "Azure has taken it, and promotes" if applied.remediation.sent else "Azure is busy; it is tried again"
        await write_on(turn.store, failover, lambda one: _said(one, turn, taken))
        await turn.wake(applied.wait_seconds)


async def _ended(turn: Turn, failover: Failover, promoting: Remediation, failure: str) -> None:
    """What stands there decides, whatever Azure said of its operation."""
    state = await turn.observe([SERVER])
    if not roles.source(state):
        await finish(turn, failover, promoting, failure)
    elif failure:
        await give_up(turn, failover, failure, None)
    elif turn.clock() - promoting.opened_at > PATIENCE or promoting.attempts >= _MOST_LOOKS:
        why = f"Azure has not promoted it, although it was asked {promoting.attempts} times; it may still do so"
        await give_up(turn, failover, why, None)
    elif not promoting.sent or promoting.attempts > _LOOKS_BEFORE_AGAIN:
        await _again(turn, failover, promoting, state)
    else:
        await _look_later(turn, promoting, state)


async def _look_later(turn: Turn, promoting: Remediation, state: State) -> None:
    """It was sent, and nothing is seen of it yet: Azure is at it, or the request was lost on its way."""
    if state.server is not None and state.server.state.lower() != _READY:
        await turn.wake(_STILL_AT_IT_SECONDS)
        return
    turn.ledger.went_on(replace(promoting, attempts=promoting.attempts + 1, operations=()))
    await turn.commit(handled=False)
    await turn.wake(backoff(promoting.attempts))


async def _again(turn: Turn, failover: Failover, promoting: Remediation, state: State) -> None:
    _, question = await _looked(turn, failover)
    found = blocking(preflight(question))
    others = [check for check in found if check.name != "open-change"]
    if others:
        raise Refused("; ".join(f"{check.name} of {check.server}: found {check.found}" for check in others))
    promoting = turn.ledger.tries_again(promoting)
    await turn.commit(handled=False)
    await _send(turn, failover, promoting, state)


def _said(failover: Failover, turn: Turn, text: str) -> Failover:
    """The same step is told once."""
    last = failover.steps[-1].text if failover.steps else ""
    return failover if last == text else failover.went(turn.clock(), text)


def _nobody(turn: Turn) -> Trigger:
    """A worker that was killed may have left the failover without the trigger that asked for it."""
    at = turn.clock()
    return Trigger(f"failover-{at:%Y%m%dT%H%M%S}", turn.target.id, "*", "", at, received_at=at)
