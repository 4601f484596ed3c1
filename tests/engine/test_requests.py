"""What a person asked for in so many words is done exactly so, or answered with the reason."""

from dataclasses import replace

import pytest

from shared.control import Change
from shared.errors import Busy, Forbidden
from shared.journal import NoticeKind
from shared.policy import Mode
from shared.ports import Accepted, Progress
from shared.state import Setting, SettingKind
from tests.builders import a_policy
from tests.engine.people import apply, decide, exempt, hold, quietly_change, run_with_a_kill, shown_plan, sweep, waiting
from tests.engine.world import PUBLIC_ACCESS, TLS, World

MINIMUM = Setting(SettingKind.PARAMETER, "ssl_min_protocol_version")


async def a_world(mode: Mode = Mode.NOTIFY, **drifts: str) -> World:
    """The policy only observes, and TLS drifts."""
    world = World(policy=a_policy(mode))
    await world.baseline()
    await world.change(TLS, "off")
    return world


async def answers(world: World) -> list[str]:
    entries = reversed(await world.entries(world.target))
    return [entry.detail for entry in entries if entry.report.outcome == "not done"]


async def asked_for(world: World, **request: str) -> tuple[Change, ...]:
    """Somebody is shown the plan and confirms it."""
    plan = await shown_plan(world)
    await apply(world, *plan, **request)
    return plan


@pytest.mark.parametrize("mode", [Mode.AUDIT, Mode.NOTIFY, Mode.APPROVE])
async def test_a_plan_that_was_shown_and_confirmed_is_carried_out_whatever_the_mode(mode: Mode) -> None:
    world = await a_world(mode)
    await asked_for(world)
    assert world.state.value(TLS) == "on"
    assert await answers(world) == []


async def test_its_record_says_who_asked_for_it() -> None:
    world = await a_world()
    await asked_for(world, reason="CHG-7")
    (done,) = [one for one in await world.notices() if one.kind is NoticeKind.REMEDIATED]
    assert done.report.findings[0].reason == "asked for by alice@contoso.example (CHG-7)"


async def test_a_plan_that_has_changed_since_it_was_shown_is_not_carried_out() -> None:
    world = await a_world()
    plan = await shown_plan(world)
    await quietly_change(world, TLS, "sometimes")
    await apply(world, *plan)
    assert world.arm.writes == []
    assert await answers(world) == ["the server or the policy has changed since, and this is not the plan any more"]


async def test_changes_that_nobody_planned_are_not_made() -> None:
    world = await a_world()
    (change,) = await shown_plan(world)
    await apply(world, replace(change, after="sometimes"))
    await apply(world, replace(change, setting=PUBLIC_ACCESS, before="Disabled", after="Enabled"))
    assert world.arm.writes == []
    assert len(await answers(world)) == 2


async def test_a_part_of_the_plan_can_be_asked_for() -> None:
    world = await a_world()
    await world.change(MINIMUM, "TLSv1")
    plan = await shown_plan(world)
    await apply(world, *(change for change in plan if change.setting == MINIMUM))
    assert world.arm.writes == [str(MINIMUM)]


async def test_a_plan_of_which_a_part_is_forbidden_is_not_carried_out_at_all() -> None:
    world = await a_world()
    await world.change(MINIMUM, "TLSv1")
    plan = await shown_plan(world)
    await exempt(world, "tls-required")
    await apply(world, *plan)
    assert world.arm.writes == []
    assert "exempt until" in (await answers(world))[0]


async def test_what_is_held_is_not_carried_out() -> None:
    world = await a_world()
    plan = await shown_plan(world)
    await hold(world, "")
    await apply(world, *plan)
    assert world.arm.writes == []
    assert await answers(world) == ["held by alice@contoso.example: an investigation"]


async def test_a_request_answers_an_approval_that_waits_for_the_same_plan() -> None:
    world = await a_world(Mode.APPROVE)
    await asked_for(world)
    assert await waiting(world) == []
    assert len(world.arm.writes) == 1


async def test_a_request_and_an_approval_of_the_same_plan_make_it_once() -> None:
    world = await a_world(Mode.APPROVE)
    plan = await shown_plan(world)
    await decide(world, run=False)
    await apply(world, *plan)
    assert world.arm.writes == [str(TLS)]
    assert await answers(world) == []


async def test_a_request_is_answered_where_the_server_cannot_be_read() -> None:
    world = await a_world()
    plan = await shown_plan(world)

    def refuse(*_: object) -> None:
        raise Forbidden("flexibleServers/read is missing at pg", "flexibleServers/read", "pg")

    world.arm.on_read = refuse
    await apply(world, *plan)
    assert await answers(world) == ["flexibleServers/read is missing at pg"]


async def test_a_request_survives_a_busy_server() -> None:
    world = await a_world()
    errors = [Busy("busy", 10)] * 3

    def fail(*_: object) -> None:
        if errors:
            raise errors.pop()

    world.arm.on_write = fail
    await asked_for(world)
    for _ in range(4):
        await world.later(60)
    assert world.state.value(TLS) == "on"
    assert await answers(world) == []


async def test_a_request_that_comes_while_another_fix_fails_is_carried_out() -> None:
    world = World(policy=a_policy(tls_required=Mode.NOTIFY))
    await world.baseline()
    await world.change(TLS, "off")
    plan = await shown_plan(world)
    world.arm.accepted, world.arm.operations = Accepted("https://arm/operation", 60), [Progress(True, "no luck")]
    world.arm.ignore_writes = True
    await world.change(PUBLIC_ACCESS, "Enabled")
    world.arm.accepted, world.arm.ignore_writes = Accepted(), False
    await apply(world, *plan)
    await world.later(60)
    assert world.state.value(TLS) == "on"
    assert await answers(world) == []


@pytest.mark.parametrize("step", range(50))
async def test_a_worker_killed_anywhere_carries_a_request_out_once_and_answers_nothing_else(step: int) -> None:
    world = await a_world()
    plan = await shown_plan(world)
    await apply(world, *plan, run=False)
    await run_with_a_kill(world, step)
    await sweep(world)
    assert world.arm.writes == [str(TLS)]
    assert (await world.told()).count(NoticeKind.REMEDIATED) == 1
    assert await answers(world) == []
