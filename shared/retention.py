"""Dropping what is over and old, a little at each sweep: records, decisions about plans, dead letters.

What is open stays, however old it is: a fix under way, a plan that waits, an alert that is being answered, a message
that waits; holds and exemptions are not looked at here at all.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from shared.approvals import forget_decisions
from shared.policy import Retention
from shared.ports import Store

# One call has to end within the time that a store is given; 5,000 records an hour are more than a large fleet makes.
_AT_ONCE = 50
_CALLS = 100


async def prune(store: Store, rule: Retention, at: datetime) -> int:
    """Drop what is older than the rule keeps; how much. Bounded: the next sweep goes on."""
    before = at - timedelta(days=rule.records_days)
    dropped = await _prune_records(store, before) + await forget_decisions(store, before)
    letters_before = at - timedelta(days=rule.dead_letters_days)
    return dropped + await _in_pieces(lambda: store.prune_letters(letters_before, _AT_ONCE))


async def _prune_records(store: Store, before: datetime) -> int:
    dropped, after = 0, ""
    for _ in range(_CALLS):
        pruned = await store.prune_records(before, _AT_ONCE, after)
        dropped, after = dropped + pruned.removed, pruned.after
        if not after:
            break
    return dropped


async def _in_pieces(drop: Callable[[], Awaitable[int]]) -> int:
    dropped = 0
    for _ in range(_CALLS):
        some = await drop()
        dropped += some
        if not some:
            break
    return dropped
