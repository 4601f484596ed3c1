"""Whatever a decision rests on may fail at any point: then nothing is written from there on, and it is done later."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.engine import Engine
from shared.errors import BadPolicy, Conflict, Forbidden, HoldfastError, StoreUnavailable, Unreachable
from shared.journal import Actor, Origin
from shared.policy import BreakGlass, Exempting, Policy, Trusted
from shared.state import Setting, SettingKind
from tests.builders import CATALOGUE, SUBSCRIPTION, a_policy, a_trigger
from tests.engine.people import apply, exempt, hold, quietly_change, shown_plan, sweep, undo
from tests.engine.world import PUBLIC_ACCESS, TLS, World

MINIMUM = Setting(SettingKind.PARAMETER, "ssl_min_protocol_version")
GROUP = "/providers/microsoft.management/managementgroups/root"
ROBOT = "77777777-7777-4777-8777-777777777777"


def careful() -> Policy:
    """A policy under which everything that can be asked for is asked for."""
    return replace(
        a_policy(),
        exempting=Exempting(azure_policy=True),
        break_glass=BreakGlass(tag="break-glass"),
        trusted=(Trusted(name="deploy", ids=frozenset({ROBOT}), scopes=(GROUP,)),),
    )


async def two_drifts() -> World:
    world = World(policy=careful())
    world.arm.groups[SUBSCRIPTION] = ("root",)
    await world.baseline()
    await quietly_change(world, TLS, "off")
    await quietly_change(world, PUBLIC_ACCESS, "Enabled")
    return world


async def an_event(world: World) -> None:
    """The robot's name comes with a sweep."""
    at = world.clock()
    await world.store.remember(a_trigger(world.target, origin=Origin.SWEEP, actor=None, at=at, received_at=at))
    robot = Actor("deploy", ROBOT, "", "application")
    await world.event("configurations/write", "configurations/require_secure_transport", actor=robot)


async def run(world: World) -> None:
    """What a worker does; the host brings its message again."""
    try:
        await an_event(world)
    except HoldfastError:
        return


@pytest.mark.parametrize("point", range(1, 70))
async def test_where_the_store_fails_nothing_is_written_from_there_on_and_later_it_is(point: int) -> None:
    world = await two_drifts()
    count, written = 0, 0

    def fail(_: str) -> None:
        nonlocal count, written
        count += 1
        if count == point:
            written = len(world.arm.writes)
        if count >= point:
            raise StoreUnavailable("down")

    world.store.interrupt = fail
    await run(world)
    assert len(world.arm.writes) == written or count < point
    world.store.interrupt = lambda _point: None
    world.clock.advance(61)
    await world.store.wake(world.target)
    await world.run_due()
    await world.later(120)
    await sweep(world)
    assert (world.state.value(TLS), world.state.value(PUBLIC_ACCESS)) == ("on", "Disabled")
    assert len(world.arm.writes) == 2


@pytest.mark.parametrize("error", [Unreachable("500", 5), Forbidden("not shown", "read", "s")], ids=str)
@pytest.mark.parametrize("what", ["management groups", "activity log", "waivers"])
async def test_where_a_filter_fails_nothing_is_written_and_later_it_is(what: str, error: Exception) -> None:
    world = await two_drifts()

    def fail(asked: str) -> None:
        if asked == what:
            raise error

    world.arm.on_ask = fail
    await run(world)
    assert f"ask {what}" in world.arm.calls
    assert world.arm.writes == []
    world.arm.on_ask = lambda _: None
    await world.later(60)
    await sweep(world)
    assert (world.state.value(TLS), world.state.value(PUBLIC_ACCESS)) == ("on", "Disabled")


async def test_without_a_policy_nothing_is_read_or_written() -> None:
    world = await two_drifts()

    async def broken() -> Policy:
        raise BadPolicy("policy.yaml:1: not a policy")

    world.engine = Engine(world.store, world.arm, CATALOGUE, broken, world.clock)
    with pytest.raises(BadPolicy):
        await an_event(world)
    assert world.arm.calls == []


@pytest.mark.parametrize("step", range(1, 5))
async def test_orders_that_cannot_be_read_stop_the_writes_that_would_come_next(step: int) -> None:
    """Orders are read before the decision and before each write."""
    world = await two_drifts()
    read = 0

    def fail(point: str) -> None:
        nonlocal read
        read += point == "before document"
        if read == step:
            raise StoreUnavailable("down")

    world.store.interrupt = fail
    await run(world)
    assert len(world.arm.writes) <= max(0, step - 2)


async def test_orders_that_everybody_changes_at_once_stop_nothing_else() -> None:
    world = await two_drifts()
    names: list[str] = []
    true_write = world.store.write_document

    async def contested(name: str, body: bytes, version: str = "") -> str:
        names.append(name)
        if name == "orders":
            raise Conflict("somebody else")
        return await true_write(name, body, version)

    world.store.write_document = contested  # type: ignore[method-assign]  # the fake, busy
    with pytest.raises(Conflict):
        await hold(world, "")
    world.store.write_document = true_write  # type: ignore[method-assign]
    await sweep(world)
    assert len(world.arm.writes) == 2


@pytest.mark.parametrize(
    "do", [lambda world: hold(world, ""), lambda world: exempt(world, "tls-required")], ids=["hold", "exempt"]
)
@pytest.mark.parametrize("point", range(1, 14))
async def test_an_order_is_in_force_or_whoever_gave_it_knows_that_it_may_not_be(
    do: Callable[[World], Any], point: int
) -> None:
    world = await two_drifts()
    count = 0

    def fail(_: str) -> None:
        nonlocal count
        count += 1
        if count == point:
            raise StoreUnavailable("down")

    world.store.interrupt = fail
    try:
        await do(world)
    except StoreUnavailable:
        return
    finally:
        world.store.interrupt = lambda _point: None
    await sweep(world)
    assert str(TLS) not in world.arm.writes


async def test_a_dry_run_that_fails_says_so_and_leaves_nothing_behind() -> None:
    world = await two_drifts()

    def fail(_: str) -> None:
        raise Unreachable("500", 5)

    world.arm.on_ask = fail
    before = world.store.calls.count("commit")
    with pytest.raises(Unreachable):
        await world.engine.preview(world.target)
    assert world.store.calls.count("commit") == before


async def test_requests_and_undos_on_a_store_that_is_down_change_nothing() -> None:
    world = await two_drifts()
    plan = await shown_plan(world)
    world.store.down = True
    with pytest.raises(StoreUnavailable):
        await apply(world, *plan)
    with pytest.raises(StoreUnavailable):
        await undo(world, "any")
    world.store.down = False
    assert world.arm.writes == []
