"""Holding a lease while working, and knowing at any moment whether it still holds.

The lease is prolonged in the background. A worker that was frozen and woke up later must write nothing: before each
write the holder lets the store confirm the lease by its id, and the adapters ask `still_ours` once more when they have
a connection, immediately before the request leaves (docs/decisions/0016-fenced-writes.md).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from shared.errors import LeaseLost, StoreUnavailable
from shared.ports import Lease, Store

# The lease under which a task and what it starts work, so that adapters need not be handed it.
_HELD: ContextVar["Guard | None"] = ContextVar("held", default=None)
# The shortest that Azure gives: a killed worker's server waits no longer than this for its successor.
LEASE_SECONDS = 15.0
# A request may be on its way this long after the check; the next holder must not have started by then.
_MARGIN = timedelta(seconds=5)


class Guard:
    """The lease of one target, as long as it is ours."""

    def __init__(self, store: Store, lease: Lease, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._lease = lease
        self._clock = clock

    def check(self) -> None:
        """Raise LeaseLost unless the lease holds, with time to spare for one request."""
        if self._clock() > self._lease.expires_at - _MARGIN:
            raise LeaseLost(f"the lease on {self._lease.name} is over; another worker may hold it: nothing is sent")

    async def confirm(self) -> None:
        """Have the store say that the lease is ours, and prolong it: a write has its whole time before it.

        Raises LeaseLost, StoreUnavailable.
        """
        self.check()
        self._lease = await self._store.renew(self._lease)
        self.check()

    async def keep(self) -> None:
        """Prolong the lease until cancelled; once it cannot be prolonged, `check` says so in time."""
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            try:
                self._lease = await self._store.renew(self._lease)
            except (LeaseLost, StoreUnavailable):
                return

    async def release(self) -> None:
        """Give the lease back."""
        await self._store.release(self._lease)


def still_ours() -> None:
    """Raise LeaseLost when the lease under which this runs is over. What runs under no lease passes."""
    guard = _HELD.get()
    if guard is not None:
        guard.check()


@asynccontextmanager
async def hold(store: Store, name: str, clock: Callable[[], datetime]) -> AsyncIterator[Guard | None]:
    """Hold the lease `name` while the block runs; None when somebody else has it."""
    lease = await store.acquire(name, LEASE_SECONDS)
    if lease is None:
        yield None
        return
    guard = Guard(store, lease, clock)
    keeper = asyncio.create_task(guard.keep())
    held = _HELD.set(guard)
    try:
        yield guard
    finally:
        _HELD.reset(held)
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper
        await guard.release()
