"""Finding out what a new server was made from, and knowing when it has been brought in step with it.

A restored server is mirrored once; after that it goes its own way. What a replica follows it says itself.
"""

from dataclasses import replace
from datetime import timedelta

from shared.copies import followed_by
from shared.decide import Decided, Verb
from shared.deliberate import Outcome
from shared.errors import Gone, Stop
from shared.journal import Origin
from shared.memory import Copied
from shared.originals import PARITY
from shared.state import ORIGINAL, State
from shared.turn import Turn

_REPLICA, _RESTORED = PARITY
# The activity log fills up within minutes.
_PATIENCE, _AGAIN = timedelta(minutes=15), timedelta(minutes=5)


async def traced(turn: Turn, state: State) -> State:
    """Find out once what a server that we have not seen before was made from, and look at both from now on.

    One that was made just now, of which the log never tells, is told to people with the command that mends it.
    """
    ledger, copied, at = turn.ledger, turn.ledger.memory.copied, turn.clock()
    new = not ledger.memory.seen and copied is None
    if not (new or _is_open(copied)) or not _wanted(turn, state):
        return state
    creation = await turn.arm.creation(turn.target)
    if creation is not None and creation.known:
        ledger.remember(copied=Copied(creation.source, at) if creation.source else None)
        return await turn.observe(state.facets() | {ORIGINAL}) if creation.source else state
    if new and not _made_now(turn):
        return state
    since = copied.since if copied is not None else at
    if at - since < _PATIENCE:
        ledger.remember(copied=Copied("", since))
        ledger.look_at(at + _AGAIN)
        return state
    ledger.remember(copied=None)
    name = turn.target.name
    why = Stop(
        f"{name} was made at {since:%Y-%m-%d %H:%M} UTC, and Azure does not show from what: if it is a copy of another"
        f" server, `holdfast mirror SOURCE {name}` brings it in step with it"
    )
    return replace(state, unread={**state.unread, ORIGINAL: why})


def _is_open(copied: Copied | None) -> bool:
    return copied is not None and not copied.source


def _wanted(turn: Turn, state: State) -> bool:
    controls = {control.id for control in turn.controls}
    return state.server is not None and not followed_by(state.server) and _RESTORED in controls


def _made_now(turn: Turn) -> bool:
    """Whether its own first write is what we hear of it first."""
    return any(
        trigger.origin is Origin.EVENT and trigger.operation == "write" and not trigger.child
        for trigger in turn.triggers
    )


def finish(turn: Turn, outcome: Outcome) -> None:
    """Note that a copy has been brought in step, as far as it can be, or that a mirror by hand came to nothing."""
    copied = turn.ledger.memory.copied
    control = _REPLICA if copied is not None and copied.replica else _RESTORED
    if copied is None or not copied.in_force or control not in {judge.id for judge in outcome.judges}:
        return
    planned = {change.setting for change in outcome.plan.changes}
    left = [pair for pair in outcome.decided if pair[0].control == control and pair[0].setting in planned]
    if left and (not copied.by or _acts(left) or turn.ledger.open is not None):
        return
    if copied.replica:
        turn.ledger.remember(copied=replace(copied, by=""))
    elif left:
        turn.ledger.remember(copied=None)
    else:
        kept = {key: told for key, told in turn.ledger.memory.told.items() if not key.startswith(f"{control}|")}
        turn.ledger.remember(copied=replace(copied, done_at=turn.clock()), told=kept)


def lost(turn: Turn, state: State) -> None:
    """A source that does not exist any more is mirrored no more; people have just been told."""
    copied = turn.ledger.memory.copied
    if copied is not None and not copied.replica and isinstance(state.unread.get(ORIGINAL), Gone):
        turn.ledger.remember(copied=None)


def _acts(pairs: list[Decided]) -> bool:
    return any(decision.verb is Verb.ACT for _, decision in pairs)
