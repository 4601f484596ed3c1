"""Azure is slow, busy, throttled, broken, or refuses: waited for or told, never repeated blindly, never half told."""

import pytest

from shared.journal import Stage
from shared.target import parse_target
from tests.e2e.fleet import Sort
from tests.e2e.world import ADA, DANA, OPENED, Server, World, until

_WRITE = {"method": "PATCH"}
_READ = {"method": "GET"}


async def _opened(world: World, **fault: object) -> Server:
    """A server that somebody opens while Azure has this fault."""
    server = await world.a_server(Sort.PRIVATE)
    if fault:
        await server.fault(**fault)
    await server.change(ADA, "PATCH", properties=OPENED)
    return server


# -- long operations ------------------------------------------------------------------------------------------------


async def test_a_long_operation_is_not_held_and_its_echo_brings_the_proof(world: World) -> None:
    async with world.pace(retry_after_seconds=60):
        server = await _opened(world, **_WRITE, operation_seconds=1.0)
        await server.reaches(Stage.APPLIED)
        record = await server.record(Stage.PROVEN)
    assert record.stages == [Stage.INTENDED, Stage.APPLIED, Stage.PROVEN]
    assert not await server.is_public()
    assert record.report.elapsed_seconds is not None
    assert 1 <= record.report.elapsed_seconds < 3  # the echo came, nobody waited 60 s


async def test_without_its_echo_a_long_operation_is_proven_by_the_delayed_message(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await server.fault(**_WRITE, operation_seconds=1.5)
    async with world.pace(retry_after_seconds=1):
        await server.change(ADA, "PATCH", properties=OPENED)
        await server.event_fault(drop=True)
        record = await server.record(Stage.PROVEN)
    assert not await server.is_public()
    assert (record.stages[0], record.stages[-1]) == (Stage.INTENDED, Stage.PROVEN)
    assert await server.writes() == ["PATCH "]


async def test_while_a_long_operation_runs_machines_know_of_the_drift_and_people_wait_for_the_end(world: World) -> None:
    async with world.pace(retry_after_seconds=60):
        server = await _opened(world, **_WRITE, operation_seconds=1.0)
        await server.reaches(Stage.APPLIED)
        assert server.messages == []
        await server.record(Stage.PROVEN)
    kinds = [event["eventType"] for event in await server.published()]
    assert kinds == ["Holdfast.DriftDetected", "Holdfast.Remediated"]
    assert "was put right" in server.message.title


async def test_an_operation_that_ends_as_failed_is_told_with_azures_own_words(world: World) -> None:
    failure = {"code": "InternalServerError", "message": "The storage of the server is being moved."}
    server = await _opened(world, **_WRITE, operation_failed=failure, times=1)
    record = await server.record(Stage.FAILED)
    assert await server.is_public()
    assert "The storage of the server is being moved." in record.report.error
    assert "could not be put right" in server.message.title
    assert [event["eventType"] for event in await server.published()] == ["Holdfast.RemediationFailed"]


async def test_what_failed_is_tried_again_by_the_sweep(world: World) -> None:
    server = await _opened(world, **_WRITE, operation_failed={}, times=1)
    await server.record(Stage.FAILED)
    await world.sweep()
    await server.record(Stage.PROVEN)
    assert not await server.is_public()
    assert [("could not" in one.title, "was put right" in one.title) for one in server.messages] == [
        (True, False),
        (False, True),
    ]


# -- waiting --------------------------------------------------------------------------------------------------------


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
    server = await _opened(world, **fault, times=1)
    record = await server.record(Stage.PROVEN)
    assert not await server.is_public()
    assert (record.stages[0], record.stages[-1]) == (Stage.INTENDED, Stage.PROVEN)
    assert len(await server.records()) == 1
    assert "was put right" in server.message.title


async def test_a_pause_that_azure_asks_for_is_kept(world: World) -> None:
    server = await _opened(world, **_WRITE, status=429, retry_after_seconds=2, times=1)
    record = await server.record(Stage.PROVEN)
    assert record.report.elapsed_seconds is not None
    assert record.report.elapsed_seconds >= 2
    assert await server.writes() == ["PATCH ", "PATCH "]


async def test_a_write_whose_answer_was_lost_is_not_sent_again(world: World) -> None:
    server = await _opened(world, **_WRITE, drop="after", times=1)
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


# -- refusals -------------------------------------------------------------------------------------------------------


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
    server = await _opened(world, **_WRITE, status=403, code="AuthorizationFailed")
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
    server = await _opened(world, **_READ, status=403, code="AuthorizationFailed")
    await server.record(Stage.FAILED)
    # of all the reads of a sweep, another one is refused first
    await server.fault(**_READ, path=f"/{server.name}$", latency_ms=200)
    await world.sweep()
    await server.nothing_is_left_to_do()
    assert len(server.messages) == 1


async def test_a_request_that_azure_refuses_is_told_with_azures_own_words(world: World) -> None:
    fault = {"status": 400, "code": "ServerParameterToCMSUnAllowedParameterValue", "message": "Not today."}
    server = await _opened(world, **_WRITE, **fault, times=1)
    record = await server.record(Stage.FAILED)
    assert "Not today." in record.report.error
    assert "Not today." in server.message.text


# -- servers that are gone ------------------------------------------------------------------------------------------


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
        server = await _opened(world, **_WRITE, status=429, retry_after_seconds=2, times=1)
        await server.reaches(Stage.INTENDED)
        await server.change(ADA, "DELETE")
        record = await server.record(Stage.FAILED)
    assert "was deleted before the fix was proven" in record.report.error
    assert "could not be put right" in server.message.title
