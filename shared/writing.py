"""Carrying a plan out: intent first, leave before each request, and the proof by reading again."""

from collections.abc import Sequence
from functools import partial

from shared import answering
from shared.apply import apply
from shared.control import Change
from shared.memory import Purpose, Remediation
from shared.orders import exemption_for
from shared.plan import Judge
from shared.scene import place_under
from shared.scope import Place
from shared.select import able, facets_of
from shared.sight import PATIENCE
from shared.standing import orders_of
from shared.state import State, spoken
from shared.telemetry import names, record
from shared.turn import Turn, backoff

_ATTEMPTS = 4


async def write(
    turn: Turn, remediation: Remediation, changes: tuple[Change, ...], place: Place, before: State
) -> Remediation:
    """Make the changes of a remediation whose intent is in the store, and prove them if Azure ends at once."""
    permit = partial(forbidden, turn, remediation, place)
    with record.span(names.APPLY, {"holdfast.record": remediation.id}):
        applied = await apply(turn.arm, turn.target, remediation, changes, permit)
    turn.ledger.went_on(applied.remediation)
    if applied.failed:
        by_itself = remediation.purpose is Purpose.FIX and not remediation.agreed
        given_up = answering.failed(turn.ledger, applied.remediation, applied.failed)
        turn.ledger.gave_up(given_up, applied.failed, quiet=applied.moot and by_itself)
        await turn.commit()
    elif applied.wait_seconds is None:
        await _prove(turn, applied.remediation, before, place)
    else:
        turn.ledger.waits(applied.remediation)
        answering.waits(turn.ledger, applied.remediation)
        await turn.commit()
        await turn.wake(applied.wait_seconds)
    return applied.remediation


def settle(turn: Turn, opened: Remediation, state: State, judges: Sequence[Judge], failure: str) -> None:
    """Close the writing when it is proven or hopeless; otherwise it stays open, to be continued."""
    looked_at = facets_of(control for control in turn.controls if control.id in opened.controls)
    unread = ({change.setting.facet for change in opened.changes} | looked_at) & state.unread.keys()
    still = still_wrong(opened, state, judges)
    if unread:
        # What cannot be seen proves nothing, and no waiting shows it.
        give_up(turn, opened, f"no proof: {state.unread[min(unread)]}")
    elif not still:
        turn.ledger.proven(answering.proven(turn.ledger, opened))
    elif failure:
        give_up(turn, opened, f"Azure accepted the change and then failed it: {failure}")
    elif opened.attempts >= _ATTEMPTS or turn.clock() - opened.opened_at > PATIENCE:
        names = ", ".join(spoken(str(change.setting)) for change in still)
        error = f"{names} still drifts after {opened.attempts} attempts"
        turn.ledger.fought_over(answering.failed(turn.ledger, opened, error), error)


def give_up(turn: Turn, opened: Remediation, error: str) -> None:
    """What was begun does not succeed, and trying again now changes nothing."""
    turn.ledger.gave_up(answering.failed(turn.ledger, opened, error), error)


async def _prove(turn: Turn, remediation: Remediation, before: State, place: Place) -> None:
    """Look again, with the same checks that found the drift."""
    facets = before.facets()
    turn.ledger.looked_at = turn.clock()
    with record.span(names.PROVE, {"holdfast.record": remediation.id}):
        state = await turn.observe(facets)
        judges = able(turn.judges(place), facets - state.unread.keys())
        settle(turn, remediation, state, judges, "")
    turn.learn(state, judges)
    turn.mark_proven(state, judges)
    await turn.commit()
    if turn.ledger.open is not None:
        await turn.wake(backoff(remediation.attempts))


async def forbidden(turn: Turn, remediation: Remediation, place: Place) -> str:
    """Why the next write may not be sent: somebody may have said stop since it was decided.

    The lease is confirmed last, so that nothing that takes time stands between it and the write. Raises LeaseLost.
    """
    orders, at = await orders_of(turn.store), turn.clock()
    place = await place_under(turn.arm, turn.policy, place, orders)
    for control in ("", *remediation.controls):
        hold = orders.hold(place, control)
        if hold is not None:
            return f"held by {hold.by}: {hold.reason}; stopped before the next write"
        exemption = exemption_for(orders.exemptions, place, control, at) if control else None
        if exemption is not None and remediation.purpose is Purpose.FIX:
            said = f"exempted by {exemption.by or exemption.owner} meanwhile: {exemption.reason}"
            return f"{said}; stopped before the next write"
    await turn.guard.confirm()
    return ""


def still_wrong(opened: Remediation, state: State, judges: Sequence[Judge]) -> list[Change]:
    """What is not yet as it was to be."""
    if opened.purpose is Purpose.UNDO:
        return [change for change in opened.changes if state.value(change.setting) != change.after]
    about = [judge for judge in judges if judge.id in opened.controls]
    drifting = {setting for judge in about for drift in judge.drifts(state) for setting in drift.settings}
    return [change for change in opened.changes if change.setting in drifting]
