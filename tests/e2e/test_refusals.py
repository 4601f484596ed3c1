"""Azure refuses, or the server is gone: told once, with what is missing where, and tried again later."""

import pytest

from shared.journal import Stage
from shared.target import parse_target
from tests.e2e.fleet import Sort
from tests.e2e.server import ADA, OPENED
from tests.e2e.waiting import until
from tests.e2e.world import World

_WRITE = {"method": "PATCH"}
_READ = {"method": "GET"}


async def test_a_missing_permission_is_told_with_its_scope(world: World) -> None:
    server = await world.a_server(Sort.READ_ONLY)
    await server.change(ADA, "PATCH", properties=OPENED)
    record = await server.record(Stage.FAILED)
    assert await server.is_public()
    permission = "Microsoft.DBforPostgreSQL/flexibleServers/write"
    assert f"{permission} is missing at {server.id}" in record.report.error
    assert permission in server.message.text
    assert server.id in server.message.text


async def test_a_missing_permission_is_told_once(world: World) -> None:
    server = await world.a_server(Sort.READ_ONLY)
    await server.change(ADA, "PATCH", properties=OPENED)
    await server.record(Stage.FAILED)
    await world.sweep()
    await server.nothing_is_left_to_do()
    assert "could not be put right" in server.message.title


async def test_a_permission_that_comes_later_is_used_by_the_next_sweep(world: World) -> None:
    server = await world.an_opened_server(**_WRITE, status=403, code="AuthorizationFailed")
    await server.record(Stage.FAILED)
    await world.azure.control("DELETE", "/faults")
    await world.sweep()
    await server.record(Stage.PROVEN)
    assert not await server.is_public()


@pytest.mark.parametrize("status", [401, 403])
async def test_a_server_that_may_not_be_read_is_told_once(world: World, status: int) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await server.fault(**_READ, path=f"/{server.name}$", status=status, code="AuthorizationFailed")
    await server.change(ADA, "PATCH", properties=OPENED)
    record = await server.record(Stage.FAILED)
    assert f"Microsoft.DBforPostgreSQL/flexibleServers/read is missing at {server.id}" in record.report.error
    await world.sweep()
    await server.nothing_is_left_to_do()
    assert "cannot be watched" in server.message.title
    assert [event["eventType"] for event in await server.published()] == ["Holdfast.CannotObserve"]


async def test_a_server_of_which_nothing_may_be_read_is_told_once(world: World) -> None:
    server = await world.an_opened_server(**_READ, status=403, code="AuthorizationFailed")
    await server.record(Stage.FAILED)
    # of all the reads of a sweep, another one is refused first
    await server.fault(**_READ, path=f"/{server.name}$", latency_ms=200)
    await world.sweep()
    await server.nothing_is_left_to_do()
    assert len(server.messages) == 1


async def test_a_request_that_azure_refuses_is_told_with_azures_own_words(world: World) -> None:
    fault = {"status": 400, "code": "ServerParameterToCMSUnAllowedParameterValue", "message": "Not today."}
    server = await world.an_opened_server(**_WRITE, **fault, times=1)
    record = await server.record(Stage.FAILED)
    assert "Not today." in record.report.error
    assert "Not today." in server.message.text


async def test_a_deleted_server_is_forgotten_without_noise(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await server.change(ADA, "DELETE")
    record = await server.record(Stage.RESOLVED)
    assert record.report.outcome == "the server does not exist any more"
    assert server.messages == []
    assert not (await world.store.load(server.target)).memory.seen


async def test_an_event_about_a_server_that_never_was_leaves_nothing_behind(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    ghost = server.id.replace(server.name, "never-was")
    data = {"resourceUri": ghost, "operationName": "Microsoft.DBforPostgreSQL/flexibleServers/write"}
    await world.publish({"eventType": "Microsoft.Resources.ResourceWriteSuccess", "subject": ghost, "data": data})
    await until(world.holdfasts_calls, "nobody looked")
    await server.nothing_is_left_to_do()
    assert await world.holdfasts_writes() == []
    assert await world.letters("never-was") == []
    assert await world.store.history(parse_target(ghost)) == []


async def test_a_server_that_is_deleted_during_its_fix_is_told(world: World) -> None:
    async with world.pace(retry_after_seconds=60):
        server = await world.an_opened_server(**_WRITE, status=429, retry_after_seconds=2, times=1)
        await server.reaches(Stage.INTENDED)
        await server.change(ADA, "DELETE")
        record = await server.record(Stage.FAILED)
    assert "was deleted before the fix was proven" in record.report.error
    assert "could not be put right" in server.message.title
