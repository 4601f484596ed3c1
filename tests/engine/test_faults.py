"""Azure, the store and the worker fail at the worst moments: nothing is lost, nothing is done twice."""

import pytest

from shared.errors import Busy, Forbidden, LeaseLost, Rejected, StoreUnavailable, Throttled, Unreachable
from shared.journal import NoticeKind, Stage
from shared.ports import Accepted, Progress
from tests.builders import a_target
from tests.engine.world import TLS, World


async def opened() -> World:
    world = World()
    await world.baseline()
    return world


def fail_once(world: World, error: Exception) -> None:
    """The next write fails before Azure does anything."""
    errors = [error]

    def raise_once(*_: object) -> None:
        if errors:
            raise errors.pop()

    world.arm.on_write = raise_once


@pytest.mark.parametrize("error", [Busy("busy", 10), Throttled("429", 30), Unreachable("500", 5)], ids=str)
async def test_what_passes_is_waited_for(error: Exception) -> None:
    world = await opened()
    fail_once(world, error)
    await world.change(TLS, "off")
    assert await world.told() == []
    await world.later(60)
    assert world.state.value(TLS) == "on"
    assert await world.told() == [NoticeKind.REMEDIATED]
    assert len({entry.record for entry in await world.entries() if entry.stage is not Stage.NOTIFIED}) == 1


async def test_a_missing_permission_is_named_and_told_once() -> None:
    world = await opened()
    missing = Forbidden("configurations/write is missing at pg", "configurations/write", "pg")

    def refuse(*_: object) -> None:
        raise missing

    world.arm.on_write = refuse
    await world.change(TLS, "off")
    await world.event("*")
    (notice,) = await world.notices()
    assert notice.kind is NoticeKind.REMEDIATION_FAILED
    assert "configurations/write is missing at pg" in notice.report.error


async def test_a_refused_change_fails_with_azures_reason() -> None:
    world = await opened()
    fail_once(world, Rejected("400 InvalidParameterValue: not now", "InvalidParameterValue"))
    await world.change(TLS, "off")
    assert await world.stages() == [Stage.INTENDED, Stage.FAILED]


async def test_a_lost_answer_is_no_second_write() -> None:
    world = await opened()

    def drop() -> None:
        raise Unreachable("the connection was dropped", 1)

    world.arm.after_write = drop
    await world.change(TLS, "off")
    await world.later(5)
    assert len(world.arm.writes) == 1
    assert await world.told() == [NoticeKind.REMEDIATED]


async def test_a_long_operation_is_not_waited_for_but_proven_later() -> None:
    world = await opened()
    world.arm.accepted = Accepted("https://arm/operation", 60)
    await world.change(TLS, "off")
    assert await world.stages() == [Stage.INTENDED, Stage.APPLIED]
    assert await world.told() == []
    await world.later(61)
    assert await world.stages() == [Stage.INTENDED, Stage.APPLIED, Stage.PROVEN]
    assert await world.told() == [NoticeKind.REMEDIATED]


async def test_an_operation_that_still_runs_is_asked_again() -> None:
    world = await opened()
    world.arm.accepted = Accepted("https://arm/operation", 60)
    world.arm.operations = [Progress(False, "", 30), Progress(True)]
    await world.change(TLS, "off")
    await world.later(61)
    assert (await world.stages())[-1] is Stage.APPLIED
    await world.later(31)
    assert (await world.stages())[-1] is Stage.PROVEN


async def test_an_operation_that_fails_is_told_with_its_reason() -> None:
    world = await opened()
    world.arm.ignore_writes = True
    world.arm.accepted = Accepted("https://arm/operation", 60)
    world.arm.operations = [Progress(True, "InternalServerError: no luck")]
    await world.change(TLS, "off")
    await world.later(61)
    (notice,) = await world.notices()
    assert notice.kind is NoticeKind.REMEDIATION_FAILED
    assert "no luck" in notice.report.error


async def test_a_change_that_does_not_stick_is_given_up_and_told() -> None:
    world = await opened()
    world.arm.ignore_writes = True
    await world.change(TLS, "off")
    for _ in range(10):
        await world.later(60)
    assert await world.told() == [NoticeKind.REMEDIATION_FAILED]
    assert len(world.arm.writes) == 4


async def test_a_deleted_server_is_forgotten() -> None:
    world = await opened()
    del world.arm.states[world.target]
    await world.event("delete")
    assert (await world.store.load(world.target)).memory.seen == ()
    assert await world.stages() == [Stage.RESOLVED]


async def test_an_event_about_a_server_that_never_was_leaves_no_record() -> None:
    world = World()
    world.target = a_target("pg-nowhere")
    await world.event("write")
    assert await world.entries(world.target) == []


async def test_a_server_that_cannot_be_read_is_told_once_and_found_again() -> None:
    world = await opened()

    def refuse(*_: object) -> None:
        raise Forbidden("flexibleServers/read is missing at pg", "flexibleServers/read", "pg")

    world.arm.on_read = refuse
    await world.event("*")
    await world.event("*")
    assert await world.told() == [NoticeKind.CANNOT_OBSERVE]
    world.arm.on_read = lambda *_: None
    await world.change(TLS, "off")
    assert world.state.value(TLS) == "on"


async def test_a_throttled_read_keeps_the_event() -> None:
    world = await opened()
    errors = [Throttled("429", 30)]

    def refuse(*_: object) -> None:
        if errors:
            raise errors.pop()

    world.arm.on_read = refuse
    await world.change(TLS, "off")
    assert world.state.value(TLS) == "off"
    await world.later(31)
    assert world.state.value(TLS) == "on"


async def test_nothing_is_written_when_the_store_does_not_take_the_intent() -> None:
    world = await opened()

    def fail(point: str) -> None:
        if point == "before commit":
            raise StoreUnavailable("down")

    world.arm.set(world.target, TLS, "off")
    world.store.interrupt = fail
    with pytest.raises(StoreUnavailable):
        await world.event("configurations/write", "configurations/require_secure_transport")
    assert world.arm.writes == []


async def test_a_worker_that_slept_past_its_lease_writes_nothing() -> None:
    world = await opened()
    world.arm.set(world.target, TLS, "off")
    world.arm.on_read = lambda *_: world.clock.advance(120)
    with pytest.raises(LeaseLost):
        await world.event("configurations/write", "configurations/require_secure_transport")
    assert world.arm.writes == []


@pytest.mark.parametrize("step", range(40))
async def test_a_worker_killed_anywhere_leaves_one_fix_one_record_one_message(step: int) -> None:
    """The worker dies at the n-th store call; the message comes back; the end is always the same."""
    world = await opened()
    world.arm.set(world.target, TLS, "off")
    count = 0

    class Killed(BaseException):
        """The process is gone."""

    def kill(point: str) -> None:
        nonlocal count
        count += 1
        if count == step:
            raise Killed(point)

    world.store.interrupt = kill
    try:
        await world.event("configurations/write", "configurations/require_secure_transport", id="the-event")
    except Killed:
        world.store.interrupt = lambda _point: None
        world.clock.advance(61)
        await world.event("configurations/write", "configurations/require_secure_transport", id="the-event")
        await world.later(120)
    world.store.interrupt = lambda _point: None
    assert world.state.value(TLS) == "on"
    assert len(world.arm.writes) == 1
    assert await world.told() == [NoticeKind.REMEDIATED]
    proven = [entry for entry in await world.entries() if entry.stage is Stage.PROVEN]
    assert len(proven) == 1
