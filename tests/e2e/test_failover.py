"""Failovers from a person's command to the proof: on every kind, forced, rehearsed, killed on the way, failed half."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from shared.failover.book import Stage as Stage_
from shared.journal import Stage
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import Sort
from tests.e2e.pairs import a_pair, asked_by, begun, fail_over, plain, take_back
from tests.e2e.server import DANA, INTERNET
from tests.e2e.stacks import let_time_pass, pieces
from tests.e2e.waiting import until
from tests.e2e.world import World

_SORTS = {Sort.PUBLIC: 12, Sort.PRIVATE: 1, Sort.SINGLE: 2, Sort.CITUS: 2}
_REASON = ("--yes", "--reason", "CHG-7")
_KILLS, _SLOW_MS, _WHOLE_WAY_SECONDS = 8, 40, 1.6


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("failover")
    async with pieces(folder, exchanges, how_many=_SORTS) as world:
        yield world


async def test_a_planned_switchover_takes_the_clients_of_the_endpoint_along(desk: World) -> None:
    pair = await a_pair(desk)
    printed = await fail_over(pair, *_REASON)
    assert f"✓ {pair.replica.name} has taken the place of {pair.primary.name}" in printed
    assert await pair.roles() == (pair.replica.name, "")
    assert await pair.members(pair.replica) == [pair.replica.name, pair.primary.name]
    assert (await pair.over()).stage is Stage_.DONE
    assert await pair.promotions() == 1
    record = await pair.replica.record(Stage.PROVEN)
    assert record.stages[0] is Stage.INTENDED
    titles = [message.title for message in pair.replica.messages]
    assert any("is being promoted: switchover of" in title for title in titles)
    assert any("was promoted in" in title and "because: CHG-7" in title for title in titles)


async def test_and_back_again_by_undoing_it(desk: World) -> None:
    pair = await a_pair(desk)
    await fail_over(pair, *_REASON)
    printed = await take_back(pair, (await pair.over()).record)
    assert f"✓ {pair.primary.name} has taken the place of {pair.replica.name}" in printed
    assert await pair.roles() == ("", pair.primary.name)


async def test_a_rehearsal_asks_azure_only_to_show(desk: World) -> None:
    pair = await a_pair(desk)
    before = await desk.azure.control("GET", "/state")
    answer = plain(await fail_over(pair, "--rehearse", "--format", "json", who="auditor"))
    assert answer["goes"] is True
    assert set(await asked_by(desk, "auditor")) == {"GET"}
    assert (await desk.azure.control("GET", "/state"))["resources"] == before["resources"]
    assert await desk.holdfasts_writes() == []


async def test_a_replica_that_lags_is_not_promoted(desk: World) -> None:
    pair = await a_pair(desk)
    await pair.lags(4000)
    printed = await fail_over(pair, *_REASON, code=2)
    assert "✗ lag" in printed
    assert await pair.roles() == ("", pair.primary.name)


async def test_forced_it_leaves_a_primary_that_does_not_answer(desk: World) -> None:
    pair = await a_pair(desk, endpoint=False)
    await desk.azure.control("POST", "/faults", {"calls": [{"path": f"/{pair.primary.name}(/|$)", "status": 503}]})
    try:
        refused = await fail_over(pair, "--to", pair.replica.id, *_REASON, code=2)
        assert "✗ readable" in refused
        printed = await fail_over(pair, "--forced", "--to", pair.replica.id, *_REASON)
    finally:
        await desk.azure.control("DELETE", "/faults")
    assert "● irreversible" in printed
    assert (await pair.over()).stage is Stage_.DONE
    assert await pair.source(pair.replica) == ""
    assert any("was promoted" in message.title for message in pair.replica.messages)


@pytest.mark.parametrize("sort", [Sort.SINGLE, Sort.CITUS])
async def test_single_servers_and_clusters_stand_alone(desk: World, sort: Sort) -> None:
    pair = await a_pair(desk, sort)
    printed = await fail_over(pair, *_REASON)
    assert "● two-primaries" in printed
    assert "old-primary" in printed
    assert await pair.roles() == ("", "")
    assert await pair.promotions() == 1


async def test_a_promotion_that_fails_half_way_is_told_and_can_be_asked_for_again(desk: World) -> None:
    pair = await a_pair(desk)
    failed = {"code": "ReplicationBroken", "message": "The log is gone."}
    await pair.replica.fault(method="PATCH", operation_failed=failed, times=1)
    printed = await fail_over(pair, *_REASON, code=1)
    assert "✗ Azure accepted the change and then failed it: ReplicationBroken: The log is gone." in printed
    assert f"{pair.replica.name} follows {pair.primary.name} and is Ready. Next: clients are served by" in printed
    assert await pair.roles() == ("", pair.primary.name)
    (told,) = [message for message in pair.replica.messages if "was not promoted" in message.title]
    assert f"holdfast failover {pair.primary.name} --rehearse" in told.text
    await fail_over(pair, *_REASON)
    assert await pair.roles() == (pair.replica.name, "")


async def test_holdfast_does_nothing_else_there_while_it_is_under_way(desk: World) -> None:
    pair = await a_pair(desk)
    async with desk.pace(operation_seconds=1.5):
        command = await begun(pair)

        async def promoting() -> bool:
            return await pair.promotions() == 1

        await until(promoting, "the promotion does not begin")
        await desk.azure.control("POST", "/settings", {"operation_seconds": 0})
        for member in (pair.primary, pair.replica):
            await desk.publish(
                {
                    "topic": f"/subscriptions/{member.target.subscription}",
                    "subject": f"{member.id}/firewallRules/office",
                    "eventType": "Microsoft.Resources.ResourceWriteSuccess",
                    "data": {
                        "resourceUri": f"{member.id}/firewallRules/office",
                        "operationName": "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/write",
                        "status": "Succeeded",
                    },
                }
            )
        during = await pair.over()
        assert await command.wait() == 0
    assert during.stage is Stage_.DONE
    writes = [call for call in await desk.holdfasts_writes() if pair.primary.name in call]
    assert writes == [f"PATCH {pair.replica.id}"]


async def test_a_command_that_is_killed_is_no_reason_to_stop_and_the_next_tells_how_it_ended(desk: World) -> None:
    pair = await a_pair(desk)
    async with desk.pace(operation_seconds=1.0):
        command = await begun(pair)
        await pair.agreed()
        command.kill()
        await command.wait()
        printed = await fail_over(pair)
    assert "Under way: switchover of" in printed
    assert await pair.roles() == (pair.replica.name, "")
    assert await pair.promotions() == 1


async def test_killed_between_any_two_steps_it_goes_on_and_promotes_once(tmp_path: Path, exchanges: Exchanges) -> None:
    async with pieces(tmp_path, exchanges, how_many={Sort.PUBLIC: _KILLS, Sort.PRIVATE: 1}) as world:
        (host,) = world.hosts
        pairs = [await a_pair(world) for _ in range(_KILLS)]
        slow = {"path": "/public-", "principal": "holdfast", "latency_ms": _SLOW_MS}
        await world.azure.control("POST", "/faults", {"calls": [slow]})
        await world.azure.control("POST", "/settings", {"operation_seconds": 0.3})
        for number, pair in enumerate(pairs):
            command = await begun(pair, "--wait", "0")
            await command.wait()
            share = (number + random.random()) / _KILLS  # noqa: S311 - no secret
            await asyncio.sleep(share * _WHOLE_WAY_SECONDS)
            await host.kill()
            let_time_pass(tmp_path / "holdfast.db", 60)
            await host.start()
        for pair in pairs:
            found = await pair.over()
            assert (found.stage, found.error) == (Stage_.DONE, "")
            assert await pair.roles() == (pair.replica.name, "")
            assert await pair.promotions() == 1
            (record,) = await pair.records()
            stages = [stage for stage in record.stages if stage is not Stage.APPLIED]
            assert stages == [Stage.INTENDED, Stage.PROVEN]


async def test_a_drift_that_comes_meanwhile_is_put_right_afterwards(desk: World) -> None:
    pair = await a_pair(desk)
    async with desk.pace(operation_seconds=1.0):
        command = await begun(pair)

        async def promoting() -> bool:
            return await pair.promotions() == 1

        await until(promoting, "the promotion does not begin")
        assert await command.wait() == 0
    await pair.replica.change(DANA, "PUT", "/firewallRules/office", INTERNET)
    await pair.replica.nothing_is_left_to_do()
    assert await pair.replica.rule("office") == ("192.0.2.10", "192.0.2.14")
