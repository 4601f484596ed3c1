"""Azure takes its time: nobody waits with open hands, and the proof comes with the echo or with a delayed message."""

from shared.journal import Stage
from tests.e2e.fleet import Sort
from tests.e2e.server import ADA, OPENED
from tests.e2e.world import World

_WRITE = {"method": "PATCH"}


async def test_a_long_operation_is_not_held_and_its_echo_brings_the_proof(world: World) -> None:
    async with world.pace(retry_after_seconds=60):
        server = await world.an_opened_server(**_WRITE, operation_seconds=1.0)
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
        server = await world.an_opened_server(**_WRITE, operation_seconds=1.0)
        await server.reaches(Stage.APPLIED)
        assert server.messages == []
        await server.record(Stage.PROVEN)
    kinds = [event["eventType"] for event in await server.published()]
    assert kinds == ["Holdfast.DriftDetected", "Holdfast.Remediated"]
    assert "was put right" in server.message.title


async def test_an_operation_that_ends_as_failed_is_told_with_azures_own_words(world: World) -> None:
    failure = {"code": "InternalServerError", "message": "The storage of the server is being moved."}
    server = await world.an_opened_server(**_WRITE, operation_failed=failure, times=1)
    record = await server.record(Stage.FAILED)
    assert await server.is_public()
    assert "The storage of the server is being moved." in record.report.error
    assert "could not be put right" in server.message.title
    assert [event["eventType"] for event in await server.published()] == ["Holdfast.RemediationFailed"]


async def test_what_failed_is_tried_again_by_the_sweep(world: World) -> None:
    server = await world.an_opened_server(**_WRITE, operation_failed={}, times=1)
    await server.record(Stage.FAILED)
    await world.sweep()
    await server.record(Stage.PROVEN)
    assert not await server.is_public()
    assert [("could not" in one.title, "was put right" in one.title) for one in server.messages] == [
        (True, False),
        (False, True),
    ]
