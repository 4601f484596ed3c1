"""The brakes: Holdfast stops itself and calls a person when somebody fights back, or when it would change too much."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from shared.errors import Busy
from shared.journal import NoticeKind, Origin
from shared.policy import BlastRadius, Breaker, Flapping, Mode, Policy
from shared.standing import orders_of
from shared.stewardship import tend
from shared.target import Target
from tests.builders import a_policy, a_state, a_target, a_trigger
from tests.engine.people import HOUR, release, sweep, told_of_the_fleet
from tests.engine.world import PUBLIC_ACCESS, TLS, World

MINUTE = 60.0


def braking(**brakes: Any) -> Policy:
    return replace(a_policy(), **brakes)


async def a_world(**brakes: Any) -> World:
    world = World(policy=braking(**brakes))
    await world.baseline()
    return world


async def fight(world: World, times: int, every: float = MINUTE) -> None:
    """Somebody switches TLS off again and again."""
    for _ in range(times):
        await world.change(TLS, "off")
        await world.later(every)


# The loop breaker


async def test_a_control_that_was_fixed_too_often_is_held_on_its_server_and_a_person_is_called() -> None:
    world = await a_world()
    await fight(world, 5)
    assert world.arm.writes == [str(TLS)] * 3
    assert (await world.told()).count(NoticeKind.HELD) == 1
    (notice,) = [one for one in await world.notices() if one.kind is NoticeKind.HELD]
    assert notice.report.severity == "critical"
    assert "was put back 3 times within 60 minutes and drifts again" in notice.report.findings[0].reason
    (order,) = (await orders_of(world.store)).holds
    assert (order.scope, order.control, order.automatic) == (world.target.id.lower(), "tls-required", True)


async def test_the_breaker_stops_one_control_and_leaves_the_others_alone() -> None:
    world = await a_world()
    await fight(world, 4)
    await world.change(PUBLIC_ACCESS, "Enabled")
    assert world.arm.writes[-1] == str(PUBLIC_ACCESS)


async def test_fixes_of_long_ago_do_not_count() -> None:
    world = await a_world()
    await fight(world, 8, every=21 * MINUTE)
    assert len(world.arm.writes) == 8


async def test_after_its_release_a_fix_is_made_and_counting_begins_anew() -> None:
    world = await a_world()
    await fight(world, 4)
    await release(world)
    assert world.state.value(TLS) == "on"
    await fight(world, 2)
    assert len(world.arm.writes) == 6
    await fight(world, 1)
    assert len(world.arm.writes) == 6


async def test_the_policy_says_how_often_is_too_often() -> None:
    world = await a_world(breaker=Breaker(fixes=70, minutes=7 * 24 * 60))
    await fight(world, 72)
    assert len(world.arm.writes) == 70


async def test_a_control_is_counted_however_much_else_is_fixed() -> None:
    world = await a_world(breaker=Breaker(fixes=40, minutes=7 * 24 * 60))
    for _ in range(42):
        await world.change(TLS, "off")
        await world.change(PUBLIC_ACCESS, "Enabled")
        await world.later(MINUTE)
    assert world.arm.writes.count(str(TLS)) == 40


async def test_a_fight_in_which_every_write_is_taken_back_at_once_is_a_fight() -> None:
    world = await a_world()
    world.arm.after_write = lambda: world.arm.set(world.target, TLS, "off")
    for _ in range(30):
        await world.change(TLS, "off")
        await world.later(MINUTE)
    assert len(world.arm.writes) == 3 * 4
    assert NoticeKind.HELD in await world.told()


# Flapping


async def test_what_changes_to_and_fro_is_told_a_few_times_then_said_to_flap_and_then_only_recorded() -> None:
    world = World(policy=replace(a_policy(tls_required=Mode.NOTIFY), flapping=Flapping(reports=3, minutes=60)))
    await world.baseline()
    for _ in range(6):
        await world.change(TLS, "off")
        await world.later(MINUTE)
        await world.change(TLS, "on")
        await world.later(MINUTE)
    told = [one.report.outcome for one in await world.notices()]
    assert len(told) == 3
    assert "changes to and fro: told 3 times within 60 minutes" in told[2]
    assert len([one for one in await world.notices(loud=False) if one.kind is NoticeKind.DRIFT_DETECTED]) == 6


async def test_what_was_quiet_long_enough_is_told_again() -> None:
    world = World(policy=replace(a_policy(tls_required=Mode.NOTIFY), flapping=Flapping(reports=2, minutes=60)))
    await world.baseline()
    for _ in range(4):
        await world.change(TLS, "off")
        await world.change(TLS, "on")
    await world.later(HOUR)
    await world.change(TLS, "off")
    assert len(await world.told()) == 3


async def test_a_drift_that_stays_after_much_to_and_fro_is_told_once_it_is_quiet() -> None:
    world = World(policy=replace(a_policy(tls_required=Mode.NOTIFY), flapping=Flapping(reports=2, minutes=60)))
    await world.baseline()
    for _ in range(4):
        await world.change(TLS, "off")
        await world.change(TLS, "on")
    await world.change(TLS, "off")
    await sweep(world)
    assert len(await world.told()) == 2
    await world.later(HOUR)
    assert len(await world.told()) == 3
    for _ in range(3):
        await world.later(HOUR)
        await sweep(world)
    assert len(await world.told()) == 3


async def test_a_question_that_is_asked_amid_much_to_and_fro_is_put_to_people_once_it_is_quiet() -> None:
    world = World(policy=replace(a_policy(tls_required=Mode.APPROVE), flapping=Flapping(reports=2, minutes=60)))
    await world.baseline()
    for _ in range(4):
        await world.change(TLS, "off")
        await world.change(TLS, "on")
    await world.change(TLS, "off")
    await world.later(HOUR)
    assert (await world.told()).count(NoticeKind.APPROVAL_NEEDED) == 3
    assert len({one.report.approval for one in await world.notices()}) == 3


# The blast radius


class Fleet:
    """Many servers that drift in the same moment."""

    def __init__(self, servers: int, policy: Policy) -> None:
        self.targets = [a_target(f"pg-{number}") for number in range(servers)]
        self.world = World(*(a_state(target) for target in self.targets), policy=policy)

    async def baseline(self) -> None:
        for target in self.targets:
            await self.hear(target, "baseline")
        await self.world.run_due()

    async def drift(self, *, at_once: bool = False) -> None:
        """Everybody's TLS is switched off."""
        for target in self.targets:
            self.world.arm.set(target, TLS, "off")
            await self.hear(target, f"drift-{self.world.clock():%H%M%S}")
        if at_once:
            due = self.world.store.take_due(self.world.store.reconcile)
            await asyncio.gather(*map(self.world.engine.reconcile, due))
        await self.world.run_due()

    async def hear(self, target: Target, name: str) -> None:
        at = self.world.clock()
        trigger = a_trigger(target, id=name, origin=Origin.SWEEP, actor=None, at=at, received_at=at)
        await self.world.store.remember(trigger)

    @property
    def fixed(self) -> int:
        return sum(state.value(TLS) == "on" for state in self.world.arm.states.values())


async def a_fleet(servers: int, limit: int = 5, minutes: float = 10) -> Fleet:
    fleet = Fleet(servers, braking(blast_radius=BlastRadius(servers=limit, minutes=minutes)))
    await fleet.baseline()
    return fleet


@pytest.mark.parametrize("at_once", [False, True])
async def test_no_more_servers_are_changed_than_the_policy_allows_and_people_hear_it_once(at_once: bool) -> None:
    fleet = await a_fleet(12)
    await fleet.drift(at_once=at_once)
    assert fleet.fixed <= 5
    assert await told_of_the_fleet(fleet.world) == [NoticeKind.HELD]
    (order,) = (await orders_of(fleet.world.store)).holds
    assert (order.scope, order.automatic) == ("", True)


async def test_as_many_as_the_policy_allows_are_changed() -> None:
    fleet = await a_fleet(5)
    await fleet.drift(at_once=True)
    assert fleet.fixed == 5
    assert await told_of_the_fleet(fleet.world) == []


async def test_changes_of_long_ago_do_not_count() -> None:
    fleet = await a_fleet(5, limit=5)
    await fleet.drift()
    await fleet.world.later(13 * MINUTE)
    await fleet.drift()
    assert fleet.fixed == 5
    assert (await orders_of(fleet.world.store)).holds == ()


async def test_after_the_release_as_many_again_are_changed() -> None:
    fleet = await a_fleet(9)
    await fleet.drift()
    before = fleet.fixed
    await _release_all(fleet)
    assert before < fleet.fixed == 9
    assert (await orders_of(fleet.world.store)).holds == ()


async def test_a_limit_of_none_is_no_limit() -> None:
    fleet = await a_fleet(30, limit=0)
    await fleet.drift()
    assert fleet.fixed == 30


async def test_one_server_that_is_tried_again_and_again_hides_no_other() -> None:
    """A busy server is marked at each of its tries; the servers marked before it are counted all the same."""
    fleet = await a_fleet(4, limit=3, minutes=60)
    world, (busy, *others, last) = fleet.world, fleet.targets
    for target in others:
        world.target = target
        await world.change(TLS, "off")

    def refuse(target: Target, _: object) -> None:
        if target == busy:
            raise Busy("busy", 10)

    world.arm.on_write, world.target = refuse, busy
    await world.change(TLS, "off")
    for _ in range(60):
        await world.later(20)
    world.target = last
    await world.change(TLS, "off")
    assert world.state.value(TLS) == "off"


async def test_marks_that_no_window_reaches_are_forgotten() -> None:
    fleet = await a_fleet(3)
    await fleet.drift()
    assert await fleet.world.store.documents("changing/") != []
    await fleet.world.later(30 * MINUTE)
    await tend(fleet.world.store, fleet.world.policy, fleet.world.clock())
    assert await fleet.world.store.documents("changing/") == []


@pytest.mark.parametrize("step", range(1, 40))
async def test_a_worker_killed_while_it_pulls_the_brake_leaves_it_pulled_and_told_once(step: int) -> None:
    fleet = await a_fleet(2, limit=1)
    world, count = fleet.world, 0

    class Killed(BaseException):
        """The process is gone."""

    def kill(point: str) -> None:
        nonlocal count
        count += 1
        if count == step:
            raise Killed(point)

    world.target = fleet.targets[0]
    await world.change(TLS, "off")
    world.arm.set(fleet.targets[1], TLS, "off")
    await fleet.hear(fleet.targets[1], "drift")
    world.store.interrupt = kill
    try:
        await world.run_due()
    except Killed:
        world.store.interrupt = lambda _point: None
        world.clock.advance(61)
        await world.store.wake(fleet.targets[1])
        await world.run_due()
    world.store.interrupt = lambda _point: None
    await fleet.hear(fleet.targets[1], "sweep")
    await world.run_due()
    assert fleet.fixed == 1
    assert await told_of_the_fleet(world) == [NoticeKind.HELD]
    assert len((await orders_of(world.store)).holds) == 1


async def _release_all(fleet: Fleet) -> None:
    await release(fleet.world)
    for target in fleet.targets:
        await fleet.hear(target, "released")
    await fleet.world.run_due()
