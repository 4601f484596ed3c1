"""Taking a change of ours back because a person asked for it, or saying why not."""

from shared.circumstances import place_under
from shared.errors import Refused
from shared.hearing import Undo
from shared.scope import Place
from shared.standing import change_orders, orders_of
from shared.state import State
from shared.stewardship import after_undo, with_exemption
from shared.turn import Turn
from shared.undo import undoing
from shared.writing import write


async def take_back(turn: Turn, undo: Undo, state: State, place: Place) -> None:
    """Put back what was there before a change of ours, or say why not."""
    ledger = turn.ledger
    ledger.postpone(trigger for trigger in turn.triggers if trigger.id != undo.trigger.id)
    orders = await orders_of(turn.store)
    held = orders.hold(await place_under(turn.arm, turn.policy, place, orders))
    try:
        if held is not None:
            raise Refused(f"held by {held.by}: {held.reason}; release it first")
        changes = undoing(state, undo.report)
    except Refused as error:
        ledger.refused(undo.trigger, str(error))
        await turn.commit()
    else:
        remediation = ledger.begin_undo(undo.trigger, undo.request, changes, undo.report)
        if undo.request.exempt_hours:
            exemption = after_undo(turn.policy, turn.target, remediation, undo.request, turn.clock())
            await change_orders(turn.store, lambda orders: with_exemption(orders, exemption))
        await write(turn, remediation, changes, place, state)
    await turn.wake()
