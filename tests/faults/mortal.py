"""A world whose hosts die or freeze at a step that a test names, and what waiting does to the state they leave."""

import asyncio
import json
import os
import random
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

from azure.storage.blob.aio import BlobLeaseClient, ContainerClient
from azure.storage.queue.aio import QueueClient

from shared.ports import DELIVER_QUEUE, RECONCILE_QUEUE, SWEEP_QUEUE
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import Sort
from tests.e2e.processes import Process
from tests.e2e.stacks import let_time_pass, pieces
from tests.e2e.waiting import until
from tests.e2e.world import World

# Chance repeats itself where the environment names its seed; each test says which it was.
SEED = int(os.environ.get("HOLDFAST_SEED", random.SystemRandom().randrange(10**6)))
THE_WRITE = "before PATCH subscriptions 1"
_LONG_SECONDS = 60
# A little more than the hosts of these tests keep a message to themselves.
_SOON_SECONDS = 2.5
_DUE = "SELECT count(*) FROM queue_messages WHERE visible_at < ?"


@dataclass(frozen=True, slots=True)
class Mortal:
    """Hosts, their plans, and their state: a SQLite file in `folder`, or the storage account `storage`."""

    world: World
    folder: Path
    storage: str
    kills: list[float] = field(default_factory=list)

    @property
    def host(self) -> Process:
        """The first of the hosts."""
        return self.world.hosts[0]

    async def steps_of_one_event(self) -> list[str]:
        """Every step from the arrival of an event until people were told of its repair."""
        seen = self.folder / "steps.txt"
        seen.unlink(missing_ok=True)
        await self.again(seen=str(seen))
        server = await self.world.an_opened_server()
        await server.nothing_is_left_to_do()
        steps = seen.read_text(encoding="utf-8").splitlines()
        assert THE_WRITE in steps
        assert len(set(steps)) == len(steps)
        return steps

    async def again(self, **plan: str | int) -> None:
        """Start the first host again, with this plan; what the one before it held comes free."""
        await self.kill()
        await self.time_passes()
        _plan(self.folder, 0).write_text(json.dumps(plan), encoding="utf-8")
        await self.host.start()

    async def kill(self) -> None:
        """Kill the first host, if it still lives."""
        if self.host.state:
            await self.host.kill()
            self.kills.append(time.monotonic())

    async def dies(self, seconds: float) -> bool:
        """Whether the first host dies by its plan within this time."""
        died = await self.host.ends(seconds)
        if died:
            self.kills.append(time.monotonic())
        return died

    async def rests(self) -> None:
        """Wait until no message is due or being handled, so that no later kill is the fifth of an old message."""
        await until(self._no_message_is_due, "the queues do not drain")

    async def _no_message_is_due(self) -> bool:
        if not self.storage:
            with closing(sqlite3.connect(self.folder / "holdfast.db", timeout=5)) as connection:
                (due,) = connection.execute(_DUE, (time.time() + _SOON_SECONDS,)).fetchone()
            return not due
        for _ in range(2):
            for name in (RECONCILE_QUEUE, DELIVER_QUEUE, SWEEP_QUEUE):
                async with QueueClient.from_connection_string(self.storage, name) as queue:
                    if await queue.peek_messages():
                        return False
            # What is being handled comes to light again within this time, unless it is done.
            await asyncio.sleep(_SOON_SECONDS)
        return True

    async def time_passes(self) -> None:
        """What waiting does to the leases of a dead host; in a file to its messages, too."""
        if not self.storage:
            let_time_pass(self.folder / "holdfast.db", _LONG_SECONDS)
            return
        async with ContainerClient.from_connection_string(self.storage, "holdfast-leases") as leases:
            async for blob in leases.list_blobs():
                if blob.lease.status == "locked":
                    await BlobLeaseClient(leases.get_blob_client(blob.name)).break_lease(0)


@asynccontextmanager
async def mortals(
    folder: Path, exchanges: Exchanges, storage: str, servers: int, hosts: int = 1
) -> AsyncIterator[Mortal]:
    """That many private servers, and hosts without a plan."""

    def command(number: int) -> tuple[str | Path, ...]:
        return sys.executable, "-m", "tests.faults.dying", _plan(folder, number)

    for number in range(hosts):
        _plan(folder, number).write_text("{}", encoding="utf-8")
    how_many: Mapping[Sort, int] = {Sort.PRIVATE: servers}
    async with pieces(folder, exchanges, storage=storage, hosts=hosts, how_many=how_many, command=command) as world:
        yield Mortal(world, folder, storage)


def _plan(folder: Path, number: int) -> Path:
    return folder / f"plan-{number}.json"
