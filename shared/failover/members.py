"""Keeping Holdfast's other work away from the servers of a failover while it is under way.

A server in the middle of it is neither put right nor remembered: its drift is half a promotion. Each member keeps in
its own memory whose failover that is, so that a pass over any other server costs nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from shared.errors import Busy
from shared.failover.book import Failover, Stage, failover_of
from shared.guard import hold
from shared.memory import Memory
from shared.ports import Commit, Store
from shared.state import FacetKind, Setting, SettingKind
from shared.target import Target, parse_target

# Nothing keeps a server to itself for longer than this after the last step: people and drifts come first again.
_AT_MOST = timedelta(hours=2)
_AGAIN_SECONDS = 2.0
# What a change of roles changes by itself: remembered, it would be put back on a server that cannot have it.
_OF_A_ROLE = frozenset({"highAvailability.mode", "replicas"})


async def failover_here(store: Store, target: Target, memory: Memory) -> Failover | None:
    """The latest failover that the server takes part in, over or not."""
    if not memory.failover:
        return None
    found = await failover_of(store, parse_target(memory.failover))
    return found if found is not None and target in found.members else None


def keeps_away(failover: Failover, at: datetime) -> bool:
    """Whether nothing else may be done on its members now."""
    since = failover.steps[-1].at if failover.steps else failover.begun_at
    return not failover.over and failover.stage is not Stage.ASKED and at - since < _AT_MOST


async def take_in(store: Store, failover: Failover, clock: Callable[[], datetime]) -> None:
    """Have every other member keep to itself. Raises Busy while somebody works on one of them."""
    for member in failover.members:
        if member != failover.new:
            await _take_in(store, member, failover.primary, clock)


async def _take_in(store: Store, member: Target, primary: str, clock: Callable[[], datetime]) -> None:
    async with hold(store, member.id, clock) as guard:
        if guard is None:
            raise Busy(f"Holdfast works on {member.name}; the failover waits until that is done", _AGAIN_SECONDS)
        dossier = await store.load(member)
        if dossier.memory.failover == primary:
            return
        guard.check()
        await store.commit(member, dossier.version, Commit(replace(dossier.memory, failover=primary)))


def let_go(memory: Memory) -> Memory:
    """The memory of a member whose failover is over. What belonged to its old role is not good any more: it is seen for
    the first time again."""
    kept = {text: value for text, value in memory.values.items() if not _of_a_role(text)}
    seen = tuple(facet for facet in memory.seen if facet != FacetKind.VIRTUAL_ENDPOINTS)
    return replace(memory, failover="", values=kept, seen=seen)


def _of_a_role(text: str) -> bool:
    setting = Setting.parse(text)
    if setting.kind is SettingKind.PROPERTY:
        return setting.name in _OF_A_ROLE
    return setting.kind is SettingKind.VIRTUAL_ENDPOINT
