"""Taking a change of ours back because a person asked for it, or saying why not."""

from datetime import datetime

from shared.answering import taken_back
from shared.errors import Refused
from shared.hearing import Undo
from shared.memory import Remediation
from shared.orders import Exemption, Orders
from shared.scene import break_glass, place_under
from shared.scope import Place
from shared.standing import change_orders, orders_of
from shared.state import State
from shared.stewardship import after_undo, with_exemption, without_exemption
from shared.turn import Turn
from shared.undo import left_of, undoing
from shared.writing import give_up, write


async def take_back(turn: Turn, undo: Undo, state: State, place: Place) -> None:
    """Put back what was there before a change of ours, or say why not. Everything else waits for another look."""
    ledger = turn.ledger
    ledger.postpone(trigger for trigger in turn.triggers if trigger.id != undo.trigger.id)
    orders = await orders_of(turn.store)
    place = await place_under(turn.arm, turn.policy, place, orders)
    try:
        _must_be_free(turn, orders, place, {line.control for line in undo.report.findings})
        changes = undoing(state, undo.report)
    except Refused as error:
        ledger.refused(undo.trigger, str(error))
        await turn.commit()
    else:
        opened = ledger.begin_undo(undo.trigger, undo.request, changes, undo.report)
        taken_back(ledger, undo.request, changes)
        await _write(turn, opened, state, place)
    if ledger.open is None:
        await turn.wake()


async def go_on(turn: Turn, opened: Remediation, state: State, place: Place) -> None:
    """Do what is left of an undo that was begun, or give it up where the state has moved on."""
    turn.ledger.postpone(trigger for trigger in turn.triggers if trigger != opened.report.trigger)
    try:
        left_of(state, opened.changes)
    except Refused as error:
        give_up(turn, opened, str(error))
        await turn.commit()
    else:
        await _write(turn, turn.ledger.tries_again(opened), state, place)
    if turn.ledger.open is None:
        await turn.wake()


async def _write(turn: Turn, undo: Remediation, state: State, place: Place) -> None:
    # The intent is in the store before anything else is: the exemption would do no good without it.
    await turn.commit(handled=False)
    exemption = _exemption(turn, undo)
    if exemption is not None:
        turn.ledger.look_at(exemption.expires_at)
        await change_orders(turn.store, lambda orders: with_exemption(orders, exemption))
    wrote = await write(turn, undo, left_of(state, undo.changes), place, state)
    if exemption is not None and turn.ledger.failed and not wrote.sent:
        await change_orders(turn.store, lambda orders: without_exemption(orders, exemption.id))


def _exemption(turn: Turn, undo: Remediation) -> Exemption | None:
    request = undo.report.trigger.request if undo.report.trigger else None
    if request is None or not undo.exempt_hours:
        return None
    return after_undo(turn.policy, turn.target, undo, request, undo.opened_at)


def _must_be_free(turn: Turn, orders: Orders, place: Place, controls: set[str]) -> None:
    for control in ("", *sorted(controls)):
        held = orders.hold(place, control)
        if held is not None:
            raise Refused(f"held by {held.by}: {held.reason}; release it first")
    until, _ = break_glass(turn.policy, place, turn.clock())
    if until is not None:
        raise Refused(f"a break-glass tag stands on the server until {_moment(until)}; remove it first")


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
