"""A sweep over the fleet: every server gets its turn in a queue of its own, hidden until it is due.

How far a sweep has come is a document, so that a worker that dies in the middle is followed by one that goes on where
it stopped; the message that brings it is sent before the work begins. A sweep that is still under way is not overtaken
by the next. See docs/decisions/0019-sweep-pacing.md.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from shared.errors import Conflict, MalformedEvent, StoreUnavailable
from shared.journal import encode
from shared.pace import PACE, Pace, slots
from shared.ports import Document, Store, read_document
from shared.summaries import summaries
from shared.target import FLEET, Target, parse_target

log = logging.getLogger("holdfast")
DOCUMENT = "sweep/current"
_AT_ONCE = 32
_CHUNK = 256
# Longer than a function may run: by then whoever was at it has ended, or is dead.
_GO_ON_SECONDS = 330.0


@dataclass(frozen=True, slots=True)
class Sweep:
    """How far a sweep has come. `cursor` is the last server that has its turn, empty at first; `until` is when the last
    one so far is due; `servers` counts them."""

    began_at: datetime
    until: datetime
    cursor: str = ""
    servers: int = 0
    placed: bool = False
    unknown: Mapping[str, Any] = field(default_factory=dict)

    def is_under_way(self, at: datetime) -> bool:
        """Whether servers still wait for their place, or for their turn."""
        return not self.placed or at < self.until


class Sweeping:
    """Begins sweeps and goes on with them. `servers` lists the fleet."""

    def __init__(
        self,
        store: Store,
        servers: Callable[[], AsyncIterator[Target]],
        clock: Callable[[], datetime],
        pace: Pace = PACE,
    ) -> None:
        self._store, self._servers, self._clock, self._pace = store, servers, clock, pace

    async def begin(self) -> Sweep:
        """Give every server its turn, unless an earlier sweep is not through; that one is gone on with."""
        found, at = await self._store.document(DOCUMENT), self._clock()
        if found is None or not read_document(Sweep, found).is_under_way(at):
            with suppress(Conflict):
                await self._write(Sweep(at, at), found)
        return await self.go_on()

    async def go_on(self) -> Sweep:
        """Give the servers behind the cursor their turns. Safe at any time: what is done is not done again."""
        found = await self._store.document(DOCUMENT)
        if found is None:
            return Sweep(self._clock(), self._clock(), placed=True)
        sweep = read_document(Sweep, found)
        if sweep.placed:
            return sweep
        await self._store.wake_sweep(FLEET, _GO_ON_SECONDS)
        try:
            return await self._place(sweep, found)
        except Conflict:
            # Somebody else is at it.
            return sweep

    async def _place(self, sweep: Sweep, found: Document) -> Sweep:
        fleet = sorted(await self._fleet(), key=_order)
        for some in batched(self._turns(fleet, sweep), _CHUNK, strict=False):
            await self._send(some)
            last = self._clock() + timedelta(seconds=max(after for _, after in some))
            count = sweep.servers + len(some)
            sweep = replace(sweep, cursor=_order(some[-1][0]), servers=count, until=max(sweep.until, last))
            found = await self._write(sweep, found)
        sweep = replace(sweep, placed=True)
        await self._write(sweep, found)
        return sweep

    async def _fleet(self) -> set[Target]:
        """The servers that Azure lists, and those of the overview that it does not: only a look at such a server tells
        whether it was deleted, or is merely not shown to us."""
        listed = {target async for target in self._servers()}
        try:
            return listed | {parse_target(one.target) for one in await summaries(self._store)}
        except (MalformedEvent, StoreUnavailable) as error:
            log.warning("this sweep does not look for deleted servers: %s", error)
            return listed

    def _turns(self, fleet: Sequence[Target], sweep: Sweep) -> list[tuple[Target, float]]:
        """What is behind the cursor. Who goes on late has no right to make up for it: nobody's turn is earlier than in
        a sweep that begins now."""
        gone = (self._clock() - sweep.began_at).total_seconds()
        rest = [(target, after - gone) for target, after in slots(fleet, self._pace) if _order(target) > sweep.cursor]
        anew = slots([target for target, _ in rest], self._pace)
        return [(target, max(planned, after)) for (target, planned), (_, after) in zip(rest, anew, strict=True)]

    async def _send(self, turns: Sequence[tuple[Target, float]]) -> None:
        for some in batched(turns, _AT_ONCE, strict=False):
            await asyncio.gather(*(self._store.wake_sweep(target, after) for target, after in some))

    async def _write(self, sweep: Sweep, found: Document | None) -> Document:
        body = encode(sweep)
        version = await self._store.write_document(DOCUMENT, body, found.version if found else "")
        return Document(DOCUMENT, body, version)


def _order(target: Target) -> str:
    """Servers of one subscription stand together."""
    return f"{target.subscription} {target.id}"
