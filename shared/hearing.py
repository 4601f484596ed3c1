"""What people have said since the last look: decisions about plans that wait, and requests."""

from dataclasses import dataclass, replace

from shared import asking
from shared.approvals import ruling_on
from shared.errors import Refused
from shared.journal import Report, Request, Trigger, Wish
from shared.memory import Assent, Consent, Copied, Purpose
from shared.turn import Turn
from shared.undo import about


@dataclass(frozen=True, slots=True)
class Undo:
    """An undo that somebody asked for, with the report of what it takes back."""

    trigger: Trigger
    request: Request
    report: Report


async def hear(turn: Turn) -> None:
    """Take in rulings on plans that wait, and requests to apply a plan or to mirror another server."""
    ledger = turn.ledger
    begun = ledger.open.agreed if ledger.open else ()
    turn.consents += [replace(consent, begun=True) for consent in begun]
    waiting = [approval for approval in ledger.memory.approvals if approval.purpose is not Purpose.PROMOTE]
    rulings = [(approval, await ruling_on(turn.store, approval.id)) for approval in waiting]
    turn.consents += asking.hear(ledger, rulings)
    for trigger in turn.triggers:
        request = trigger.request
        if request is None or request.wish not in (Wish.APPLY, Wish.MIRROR):
            continue
        if request.wish is Wish.MIRROR:
            ledger.remember(copied=Copied(request.source, turn.clock(), by=request.by.name))
        if trigger.id not in {one.id for one in begun}:
            by = f"{request.by.name} ({request.reason})" if request.reason else request.by.name
            turn.consents.append(Consent(trigger.id, request.changes, by, Assent.ASKED_FOR))


async def undo_wanted(turn: Turn) -> Undo | None:
    """The first undo that somebody asked for and that can be; others wait for their own pass."""
    wanted: Undo | None = None
    for trigger in turn.triggers:
        request = trigger.request
        if request is None or request.wish is not Wish.UNDO or trigger.id == _under_way(turn):
            continue
        if wanted is not None:
            turn.ledger.postpone([trigger])
            continue
        try:
            wanted = Undo(trigger, request, about(await turn.store.record(request.record), request.record, turn.target))
        except Refused as error:
            turn.ledger.refused(trigger, str(error))
    return wanted


def _under_way(turn: Turn) -> str:
    """The trigger of the undo that was begun: it is not asked for a second time."""
    opened = turn.ledger.open
    undo = opened is not None and opened.purpose is Purpose.UNDO and opened.report.trigger
    return undo.id if undo else ""
