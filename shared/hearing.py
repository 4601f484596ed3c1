"""What people have said since the last look: decisions about plans that wait, and requests."""

from dataclasses import dataclass, replace

from shared import asking
from shared.approvals import ruling_on
from shared.errors import Refused
from shared.journal import Report, Request, Trigger, Wish
from shared.memory import Assent, Consent
from shared.turn import Turn
from shared.undo import written_in


@dataclass(frozen=True, slots=True)
class Undo:
    """An undo that somebody asked for, with the report of what it takes back."""

    trigger: Trigger
    request: Request
    report: Report


async def hear(turn: Turn) -> None:
    """Take in rulings on plans that wait, and requests to apply a plan."""
    ledger = turn.ledger
    begun = ledger.open.agreed if ledger.open else ()
    turn.consents += [replace(consent, begun=True) for consent in begun]
    rulings = [(approval, await ruling_on(turn.store, approval.id)) for approval in ledger.memory.approvals]
    turn.consents += asking.hear(ledger, rulings)
    for trigger in turn.triggers:
        request = trigger.request
        if request is not None and request.wish is Wish.APPLY and trigger.id not in {one.id for one in begun}:
            by = f"{request.by.name} ({request.reason})" if request.reason else request.by.name
            turn.consents.append(Consent(trigger.id, request.changes, by, Assent.ASKED_FOR))


async def undo_wanted(turn: Turn) -> Undo | None:
    """The first undo that somebody asked for; others wait for their own pass."""
    wanted = [
        (trigger, trigger.request)
        for trigger in turn.triggers
        if trigger.request is not None and trigger.request.wish is Wish.UNDO
    ]
    turn.ledger.postpone(trigger for trigger, _ in wanted[1:])
    for trigger, request in wanted[:1]:
        try:
            return Undo(trigger, request, written_in(await turn.store.record(request.record)))
        except Refused as error:
            turn.ledger.refused(trigger, str(error))
    return None
