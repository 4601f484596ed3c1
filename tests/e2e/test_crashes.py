"""Power cuts, two hosts, a locked store, poison: nothing is lost, nothing is done twice, nothing is half told."""

import asyncio
import random
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from shared.journal import DeadLetter, Stage
from shared.store.sqlite_queue import SqliteQueues
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import Sort
from tests.e2e.processes import Process
from tests.e2e.server import ADA, OPENED, Server
from tests.e2e.stacks import let_time_pass, pieces
from tests.e2e.waiting import until
from tests.e2e.world import World, policy

_RUNS = 10
# A message on which the process dies five times is poison, as it has to be.
_KILLS_IN_A_ROW = 3
# With receivers this slow, from the event until the last receiver was told takes about this long.
_SLOW_MS, _WHOLE_WAY_SECONDS = 60, 0.5
_BROKEN = "version: 1\nmode: enforced\n"
_LOCK = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], timeout=5, isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("{}", flush=True)
time.sleep(float(sys.argv[2]))
"""


async def test_killed_at_any_moment_everything_converges(tmp_path: Path, exchanges: Exchanges) -> None:
    async with pieces(tmp_path, exchanges) as world:
        killed: list[tuple[Server, float]] = []
        world.inbox.delay_seconds = _SLOW_MS / 1000
        await world.azure.control("POST", "/faults", {"topics": [{"latency_ms": _SLOW_MS}]})
        for run in range(_RUNS):
            killed.append(await _killed_on_the_way(world, tmp_path, run / _RUNS))
            if run % _KILLS_IN_A_ROW == 0:
                await killed[-1][0].nothing_is_left_to_do()
        for server, _ in killed:
            await server.nothing_is_left_to_do()
            await server.was_put_right_once([at for _, at in killed])
        assert await world.store.dead_letters() == []


async def _killed_on_the_way(world: World, folder: Path, share: float) -> tuple[Server, float]:
    """Somebody opens a server; the host dies when it has come about this share of the way, and is started again."""
    (host,) = world.hosts
    server = await world.an_opened_server(latency_ms=_SLOW_MS)
    await asyncio.sleep((share + random.random() / _RUNS) * _WHOLE_WAY_SECONDS)  # noqa: S311 - no secret
    await host.kill()
    at = time.monotonic()
    let_time_pass(folder / "holdfast.db", 60)
    await host.start()
    return server, at


async def test_two_hosts_on_one_store_fix_each_server_once(tmp_path: Path, exchanges: Exchanges) -> None:
    async with pieces(tmp_path, exchanges, hosts=2) as world:
        servers = [await world.a_server(Sort.PRIVATE) for _ in range(10)]
        await asyncio.gather(*(server.change(ADA, "PATCH", properties=OPENED) for server in servers))
        for server in servers:
            await server.nothing_is_left_to_do()
            await server.was_put_right_once()
            assert await server.writes() == ["PATCH "]
        assert all('"reconcile"' in host.log.read_text(encoding="utf-8") for host in world.hosts)


@pytest.mark.parametrize("seconds", [3, 5.5])
async def test_a_store_that_another_process_locks_loses_no_event(world: World, tmp_path: Path, seconds: float) -> None:
    # after five seconds the answer to Event Grid is 500, and it comes again
    database = world.line["store"].removeprefix("sqlite:")
    server = await world.a_server(Sort.PRIVATE)
    async with world.pace(time_scale=0.01):
        await Process([sys.executable, "-c", _LOCK, database, str(seconds)], tmp_path / "lock.log").start()
        await server.change(ADA, "PATCH", properties=OPENED)
        await server.nothing_is_left_to_do()
    await server.was_put_right_once()


@pytest.mark.parametrize(
    "body",
    [
        "no JSON",
        "[]",
        "7",
        "{}",
        '{"target": "pg-payments"}',
        '{"target": "/subscriptions/../x"}',
        '{"target": {}}',
        '{"target": 7}',
    ],
)
@pytest.mark.parametrize("queue", ["reconcile", "deliver"])
async def test_garbage_in_a_queue_becomes_a_dead_letter(world: World, queue: str, body: str) -> None:
    before = {letter.id for letter in await world.store.dead_letters(1000)}
    _send(world, f"holdfast-{queue}", body)

    async def look() -> list[DeadLetter]:
        return [letter for letter in await world.store.dead_letters(1000) if letter.id not in before]

    (letter,) = await until(look, f"no dead letter for {body}", 2)
    assert (letter.source, letter.body) == (queue, body)
    assert letter.reason.startswith("not a work message")


def _send(world: World, queue: str, body: str) -> None:
    database = world.line["store"].removeprefix("sqlite:")
    with closing(sqlite3.connect(database, timeout=5, isolation_level=None)) as connection:
        SqliteQueues(connection).send(queue, body)


async def test_a_message_that_fails_again_and_again_becomes_a_dead_letter(world: World) -> None:
    _send(world, "holdfast-reconcile-poison", '{"target": "a poisoned one"}')
    letter = await world.letter("a poisoned one")
    assert (letter.source, letter.reason) == (
        "reconcile",
        "failed again and again; the letter before this one says why",
    )


async def test_a_broken_policy_loses_nothing_and_its_repair_is_enough(tmp_path: Path, exchanges: Exchanges) -> None:
    rules = tmp_path / "policy.yaml"
    rules.write_bytes(policy().read_bytes())
    async with pieces(tmp_path, exchanges, rules=rules) as world:
        (host,) = world.hosts
        server = await world.a_server(Sort.PRIVATE)
        await host.stop()
        rules.write_text(_BROKEN, encoding="utf-8")
        await world.store.remove_document("policy/last-good")
        await host.start()
        await server.change(ADA, "PATCH", properties=OPENED)
        letter = await world.letter(server.id)
        assert "found 'enforced'; did you mean 'enforce'?" in letter.reason
        assert (await world.health())["healthy"] is False
        assert await server.is_public()
        await host.stop()
        rules.write_bytes(policy().read_bytes())
        let_time_pass(tmp_path / "holdfast.db", 60)
        await host.start()
        await server.record(Stage.PROVEN)
        assert not await server.is_public()


async def test_after_a_restart_the_last_good_policy_stays_in_force(tmp_path: Path, exchanges: Exchanges) -> None:
    rules = tmp_path / "policy.yaml"
    rules.write_bytes(policy().read_bytes())
    async with pieces(tmp_path, exchanges, rules=rules) as world:
        (host,) = world.hosts
        await host.stop()
        rules.write_text(_BROKEN, encoding="utf-8")
        await host.start()
        server = await world.an_opened_server()
        await server.record(Stage.PROVEN)
        assert not await server.is_public()
        (told,) = await world.told("a new policy was refused")
        assert "found 'enforced'; did you mean 'enforce'?" in told.text


async def test_a_host_that_is_told_to_stop_finishes_what_it_began(tmp_path: Path, exchanges: Exchanges) -> None:
    async with pieces(tmp_path, exchanges) as world:
        (host,) = world.hosts
        server = await world.a_server(Sort.PRIVATE)
        await server.fault(method="GET", latency_ms=500, times=1)
        await server.change(ADA, "PATCH", properties=OPENED)
        await world.all_faults_have_hit()
        assert await host.stop() == 0
        assert not await server.is_public()
        (record,) = await server.records()
        assert record.stages == [Stage.INTENDED, Stage.PROVEN]
        await host.start()
        await server.record(Stage.PROVEN)
        await server.was_put_right_once()
