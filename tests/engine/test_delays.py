"""Warn now, fix later: a drift with a delay is told, reminded of, and put back when its time has come."""

from dataclasses import replace

import pytest

from shared.errors import Busy
from shared.journal import NoticeKind
from shared.policy import Delay, Policy
from tests.builders import a_policy
from tests.engine.people import (
    HOUR,
    apply,
    end,
    exempt,
    hold,
    hours_pass,
    look_again,
    outcomes,
    reasons,
    release,
    shown_plan,
    sweep,
)
from tests.engine.world import TLS, World

SCHEDULED = NoticeKind.REMEDIATION_SCHEDULED


def delaying(hours: float = 24, *reminders: float) -> Policy:
    policy = a_policy()
    line = replace(policy.controls["tls-required"], delay=Delay(hours, reminders))
    return replace(policy, controls={**policy.controls, "tls-required": line})


async def drifting(policy: Policy | None = None) -> World:
    world = World(policy=policy or delaying())
    await world.baseline()
    await world.change(TLS, "off")
    return world


async def sweep_until_written(world: World) -> None:
    """The look that puts it back is the last one before the next event."""
    await sweep(world)
    assert len(world.arm.writes) == 1


async def test_a_delayed_drift_is_told_with_the_moment_it_is_put_back() -> None:
    world = await drifting()
    assert world.arm.writes == []
    assert await world.told() == [SCHEDULED]
    assert await reasons(world) == ["it is put back at 2025-11-25 09:00 UTC unless it is exempted or mended before"]


async def test_it_is_put_back_in_its_moment_and_not_before() -> None:
    world = await drifting()
    await hours_pass(world, 23.9)
    assert world.arm.writes == []
    await world.later(0.1 * HOUR)
    assert world.state.value(TLS) == "on"
    assert await world.told() == [SCHEDULED, NoticeKind.REMEDIATED]


async def test_a_delay_of_minutes_needs_no_sweep() -> None:
    world = await drifting(delaying(0.5))
    await world.later(HOUR / 2)
    assert world.state.value(TLS) == "on"


async def test_each_reminder_comes_once_and_at_its_time() -> None:
    world = await drifting(delaying(24, 6, 1))
    await hours_pass(world, 17.9)
    assert await outcomes(world, SCHEDULED) == ["nothing was changed"]
    await world.later(0.1 * HOUR)
    await sweep(world)
    assert await outcomes(world, SCHEDULED) == ["nothing was changed", "a reminder: nothing was changed yet"]
    await hours_pass(world, 5.9)
    assert len(await outcomes(world, SCHEDULED)) == 3
    assert world.arm.writes == []


async def test_a_reminder_that_would_come_before_the_drift_does_not() -> None:
    world = await drifting(delaying(2, 6, 1))
    assert await outcomes(world, SCHEDULED) == ["nothing was changed"]
    await world.later(HOUR)
    assert len(await outcomes(world, SCHEDULED)) == 2


async def test_a_drift_that_is_mended_in_its_time_is_not_written() -> None:
    world = await drifting()
    await world.change(TLS, "on")
    await hours_pass(world, 25)
    assert world.arm.writes == []


async def test_a_drift_that_comes_again_gets_its_time_anew() -> None:
    world = await drifting()
    await hours_pass(world, 20)
    await world.change(TLS, "on")
    await world.change(TLS, "off")
    await hours_pass(world, 10)
    assert world.arm.writes == []
    assert await world.told() == [SCHEDULED, SCHEDULED]


async def test_a_drift_that_comes_again_right_after_its_fix_gets_its_time_anew() -> None:
    world = await drifting()
    for _ in range(24):
        await world.later(HOUR)
    await sweep_until_written(world)
    await world.change(TLS, "off")
    assert len(world.arm.writes) == 1
    assert (await world.told()).count(SCHEDULED) == 2


async def test_a_drift_that_changes_does_not_get_its_time_anew() -> None:
    world = await drifting()
    await hours_pass(world, 20)
    await world.change(TLS, "sometimes")
    await hours_pass(world, 4)
    assert world.state.value(TLS) == "on"


async def test_a_drift_that_is_exempted_in_its_time_is_not_written_and_warned_of_again_after_it() -> None:
    world = await drifting()
    exemption = await exempt(world, "tls-required", hours=48)
    await look_again(world)
    await hours_pass(world, 25)
    assert world.arm.writes == []
    await end(world, exemption)
    assert world.arm.writes == []
    assert await world.told() == [SCHEDULED, SCHEDULED]
    await hours_pass(world, 24)
    assert world.state.value(TLS) == "on"


async def test_a_drift_that_is_held_when_its_time_comes_is_written_at_the_release() -> None:
    world = await drifting()
    await hold(world)
    await hours_pass(world, 25)
    assert world.arm.writes == []
    await release(world)
    assert world.state.value(TLS) == "on"


async def test_a_server_that_is_busy_when_its_time_comes_does_not_get_it_anew() -> None:
    world = await drifting()
    errors = [Busy("busy", 10)] * 2

    def fail(*_: object) -> None:
        if errors:
            raise errors.pop()

    world.arm.on_write = fail
    await hours_pass(world, 24)
    await world.later(60)
    await world.later(60)
    assert world.state.value(TLS) == "on"


async def test_a_person_need_not_wait() -> None:
    world = await drifting()
    await apply(world, *await shown_plan(world))
    assert world.state.value(TLS) == "on"


async def test_a_delay_that_the_policy_takes_back_ends_at_once() -> None:
    world = await drifting()
    world.with_policy(a_policy())
    await sweep(world)
    assert world.state.value(TLS) == "on"


@pytest.mark.parametrize("hours", [1, 48])
async def test_a_delay_that_the_policy_changes_counts_from_the_first_warning(hours: float) -> None:
    world = await drifting()
    await hours_pass(world, 0.5)
    world.with_policy(delaying(hours))
    await sweep(world)
    await hours_pass(world, hours - 0.6)
    assert world.arm.writes == []
    await world.later(0.1 * HOUR)
    assert world.state.value(TLS) == "on"
