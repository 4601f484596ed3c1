"""Several workers compete for one server, and die now and then: each opening is closed by one write, told once."""

import asyncio
import os
import random
from pathlib import Path

from shared.journal import Stage
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import Sort
from tests.e2e.processes import Process
from tests.e2e.server import ADA, OPENED
from tests.e2e.stacks import let_time_pass, pieces
from tests.faults.mortal import SEED

_OPENINGS = int(os.environ.get("HOLDFAST_OPENINGS", "2"))
_DOUBLED = 3
_PAUSES_SECONDS = (0.05, 1.0)


async def test_three_workers_at_one_server_write_once_for_each_opening(tmp_path: Path, exchanges: Exchanges) -> None:
    chance = random.Random(SEED)  # noqa: S311 - no secret
    async with pieces(tmp_path, exchanges, hosts=3) as world:
        server = await world.a_server(Sort.PRIVATE)
        dying = asyncio.create_task(_one_after_the_other(world.hosts, chance))
        for opening in range(1, _OPENINGS + 1):
            # Each host gets every event, and each of those several times.
            await server.event_fault(duplicates=_DOUBLED, times=1)
            await server.change(ADA, "PATCH", properties=OPENED)
            await server.proven(opening)
        dying.cancel()
        killed = await dying
        await asyncio.gather(*(host.start() for host in world.hosts if not host.state))
        let_time_pass(tmp_path / "holdfast.db", 60)
        await server.nothing_is_left_to_do()
        assert not await server.is_public()
        assert await server.writes() == ["PATCH "] * _OPENINGS
        records = await server.records()
        assert [record.stages.count(Stage.PROVEN) for record in records] == [1] * _OPENINGS
        assert all(record.told == ["Holdfast.Remediated told to event grid, on-call"] for record in records)
        assert await world.store.dead_letters() == []
    print(f"\nseed {SEED}: {_OPENINGS} openings, 3 workers, {killed} of them killed: {_OPENINGS} writes")


async def _one_after_the_other(hosts: tuple[Process, ...], chance: random.Random) -> int:
    """Kill a host and start it again, until cancelled; how many were killed. Their leases end when their time is over:
    to hurry them would take them from the living, too."""
    killed = 0
    try:
        while True:
            await asyncio.sleep(chance.uniform(*_PAUSES_SECONDS))
            host = chance.choice(hosts)
            await host.kill()
            killed += 1
            await host.start()
    except asyncio.CancelledError:
        return killed
