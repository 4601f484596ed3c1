"""A worker that is killed at any point of a failover: the next one goes on, and nothing is promoted twice."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import StoreUnavailable
from shared.failover.book import Stage
from shared.journal import Stage as Entry
from shared.policy import FailoverRules
from shared.ports import Accepted, Progress
from tests.engine.world import World
from tests.failover.test_promotion import A, B, C, a_pair, ask, book, promotions, record, source
from tests.failover.world import ReplicatingArm

# More points than a failover has.
_POINTS = 260


class Killed(BaseException):
    """The process is gone: nothing catches this."""


class Reaper:
    """Kills at the point of this number, or lets everything live."""

    def __init__(self, world: World, at: int, how: type[BaseException] = Killed) -> None:
        self.left, self.how = at, how
        self.killed = False
        world.store.interrupt = lambda _point: self.passes()
        world.arm.on_write = lambda _target, _group: self.passes()
        world.arm.after_write = self.passes

    def passes(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.killed = True
            raise self.how("killed here")


async def until_over(world: World) -> None:
    """Time passes, leases end, messages come back, as they do in Azure."""
    for _ in range(40):
        with contextlib.suppress(Killed, StoreUnavailable):
            for target in (A, B, C):
                await world.store.wake(target)
            await world.run_due()
            if (await book(world)).over and (await world.store.load(B)).memory.open is None:
                return
        world.clock.advance(61)
    raise AssertionError("it does not end")


async def _fail_over(world: World, at: int, how: type[BaseException] = Killed) -> Reaper:
    await ask(world)
    reaper = Reaper(world, at, how)
    await until_over(world)
    world.store.interrupt = lambda _point: None
    return reaper


async def _was_promoted_once(world: World) -> None:
    found = await book(world)
    assert (found.stage, found.error) == (Stage.DONE, "")
    assert (source(world, B), source(world, A)) == ("", B.id)
    entries = [stage for stage in await record(world) if stage is not Entry.APPLIED]
    assert entries == [Entry.INTENDED, Entry.PROVEN]
    assert (await world.store.load(B)).memory.open is None
    assert isinstance(world.arm, ReplicatingArm)
    assert world.arm.promotions == 1


@pytest.mark.parametrize("at", range(1, _POINTS, 3))
async def test_killed_at_any_point_it_is_promoted_once(at: int) -> None:
    world = a_pair()
    await _fail_over(world, at)
    await _was_promoted_once(world)


async def test_every_point_is_tried() -> None:
    world = a_pair()
    reaper = await _fail_over(world, _POINTS)
    assert not reaper.killed


@given(st.integers(1, _POINTS), st.sampled_from([Killed, StoreUnavailable]), st.booleans())
async def test_also_while_azure_takes_its_time_and_the_store_is_away(
    at: int, how: type[BaseException], slow: bool
) -> None:
    world = a_pair()
    if slow:
        world.arm.accepted = Accepted("https://arm/operation?t=1", 60)
        world.arm.operations = [Progress(done=False, retry_after_seconds=60), Progress(done=True)]
    await _fail_over(world, at, how)
    await _was_promoted_once(world)


@pytest.mark.parametrize("at", range(1, 120, 5))
async def test_killed_while_it_fails_it_is_told_once_and_never_promoted(at: int) -> None:
    world = a_pair()
    world.arm.ignore_writes = True
    world.arm.accepted = Accepted("https://arm/operation?t=1", 0)
    world.arm.operations = [Progress(True, "ReplicationBroken: the log is gone")] * 40
    await _fail_over(world, at)
    found = await book(world)
    assert found.stage is Stage.FAILED
    assert [stage for stage in await record(world) if stage is Entry.FAILED] == [Entry.FAILED]
    assert source(world, B) == A.id


@given(st.integers(1, _POINTS))
async def test_killed_between_asking_and_the_approval_nothing_is_promoted_without_one(at: int) -> None:
    world = a_pair()
    rules = FailoverRules(approval=True)
    world.policy = type(world.policy)(mode=world.policy.mode, controls=world.policy.controls, failover=rules)
    world.with_policy(world.policy)
    await ask(world)
    Reaper(world, at)
    for _ in range(4):
        with contextlib.suppress(Killed):
            await world.store.wake(B)
            await world.run_due()
        world.clock.advance(61)
    world.store.interrupt = lambda _point: None
    assert promotions(world) == 0
    assert (await book(world)).stage is Stage.ASKED
