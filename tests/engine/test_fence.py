"""A worker that was frozen beyond its lease and woke up writes nothing, wherever it was frozen."""

from collections.abc import Callable

import pytest

from shared.errors import LeaseLost, StoreUnavailable
from shared.guard import hold, still_ours
from shared.policy import Mode
from tests.builders import a_policy
from tests.engine.world import TLS, World

_FROZEN_SECONDS = 120


def at(world: World, point: str, what: Callable[[], None]) -> None:
    """Do this at a point of the store's work."""

    def interrupt(reached: str) -> None:
        if reached == point:
            what()

    world.store.interrupt = interrupt


async def drifted() -> World:
    world = World(policy=a_policy(tls_required=Mode.ENFORCE))
    await world.baseline()
    world.arm.set(world.target, TLS, "off")
    return world


@pytest.mark.parametrize("point", ["before renew", "after renew"])
async def test_frozen_while_the_store_confirms_the_lease_it_sends_nothing(point: str) -> None:
    world = await drifted()
    at(world, point, lambda: world.clock.advance(_FROZEN_SECONDS))
    with pytest.raises(LeaseLost):
        await world.change(TLS, "off")
    assert world.arm.writes == []


async def test_what_it_left_is_done_by_the_next_worker_once() -> None:
    world = await drifted()
    at(world, "before renew", lambda: world.clock.advance(_FROZEN_SECONDS))
    with pytest.raises(LeaseLost):
        await world.change(TLS, "off")
    world.store.interrupt = lambda _point: None
    await world.engine.reconcile(world.target)
    assert world.state.value(TLS) == "on"
    assert len(world.arm.writes) == 1


async def test_while_the_store_cannot_confirm_the_lease_nothing_is_sent() -> None:
    world = await drifted()

    def lock() -> None:
        raise StoreUnavailable("no answer")

    at(world, "before renew", lock)
    with pytest.raises(StoreUnavailable):
        await world.change(TLS, "off")
    assert world.arm.writes == []


async def test_every_write_is_preceded_by_a_confirmed_lease() -> None:
    world = await drifted()
    asked: list[int] = []
    world.arm.on_write = lambda *_: asked.append(world.store.calls.count("renew"))
    await world.change(TLS, "off")
    assert asked == [1]


async def test_what_runs_under_no_lease_needs_none() -> None:
    still_ours()


async def test_the_lease_of_one_block_ends_with_it() -> None:
    world = World()
    async with hold(world.store, "a", world.clock) as guard:
        assert guard is not None
        still_ours()
        world.clock.advance(_FROZEN_SECONDS)
        with pytest.raises(LeaseLost, match="nothing is sent"):
            still_ours()
    still_ours()
