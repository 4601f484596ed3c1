"""Azure is busy, throttled or broken for a while: waited for, never repeated blindly."""

import pytest

from shared.journal import Stage
from tests.e2e.fleet import Sort
from tests.e2e.server import ADA, DANA, OPENED, Server
from tests.e2e.world import World

_WRITE = {"method": "PATCH"}
_READ = {"method": "GET"}


@pytest.mark.parametrize(
    "fault",
    [
        {**_WRITE, "status": 409, "retry_after_seconds": 1},
        {**_WRITE, "status": 429, "retry_after_seconds": 1},
        {**_READ, "status": 429, "retry_after_seconds": 1},
        {**_WRITE, "status": 500, "retry_after_seconds": 1},
        {**_READ, "status": 503, "retry_after_seconds": 1},
        {**_READ, "drop": "before"},
        {**_WRITE, "drop": "before"},
        {**_WRITE, "drop": "after"},
    ],
    ids=lambda fault: " ".join(map(str, fault.values())),
)
async def test_what_passes_is_waited_for(world: World, fault: dict[str, object]) -> None:
    server = await world.an_opened_server(**fault, times=1)
    record = await server.record(Stage.PROVEN)
    assert not await server.is_public()
    assert (record.stages[0], record.stages[-1]) == (Stage.INTENDED, Stage.PROVEN)
    assert len(await server.records()) == 1
    assert "was put right" in server.message.title


async def test_a_pause_that_azure_asks_for_is_kept(world: World) -> None:
    server = await world.an_opened_server(**_WRITE, status=429, retry_after_seconds=2, times=1)
    record = await server.record(Stage.PROVEN)
    assert record.report.elapsed_seconds is not None
    assert record.report.elapsed_seconds >= 2
    assert await server.writes() == ["PATCH ", "PATCH "]


async def test_a_write_whose_answer_was_lost_is_not_sent_again(world: World) -> None:
    server = await world.an_opened_server(**_WRITE, drop="after", times=1)
    await server.record(Stage.PROVEN)
    assert await server.writes() == ["PATCH "]


async def test_a_server_that_is_busy_is_waited_for(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await server.event_fault(drop=True, times=1)
    await server.change(ADA, "PATCH", properties=OPENED)
    await server.fault(principal="dana", operation_seconds=1.0)
    await server.change(DANA, "POST", "/restart")
    (event,) = await world.published_by_azure(server)
    assert await world.deliver(event) == 202
    await server.reaches(Stage.INTENDED)
    assert await server.is_public()
    await server.record(Stage.PROVEN)
    assert not await server.is_public()
    assert "409" in await _statuses(world, server)


async def _statuses(world: World, server: Server) -> set[str]:
    found = (await world.azure.control("GET", "/calls"))["last"]
    return {str(call["status"]) for call in found if f"/{server.name}" in call["path"]}
