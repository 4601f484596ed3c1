"""The kill switch: what is held is not written, whoever holds it and however late they say so."""

import asyncio
from collections.abc import Awaitable

import pytest

from shared import stewardship
from shared.errors import Refused
from shared.journal import NoticeKind, Stage
from shared.orders import Hold
from shared.ports import Accepted
from shared.standing import orders_of
from tests.builders import SUBSCRIPTION
from tests.engine.people import ALICE, hold, release, sweep, told_of_the_fleet
from tests.engine.world import PUBLIC_ACCESS, TLS, World

GROUP = "/providers/microsoft.management/managementgroups/root"


async def a_world() -> World:
    world = World()
    world.arm.groups[SUBSCRIPTION] = ("payments", "root")
    await world.baseline()
    return world


SCOPES = [
    "",
    GROUP,
    f"/subscriptions/{SUBSCRIPTION}",
    f"/subscriptions/{SUBSCRIPTION}/resourcegroups/rg-payments",
    None,
]


@pytest.mark.parametrize("scope", SCOPES)
async def test_what_is_held_is_not_written_until_it_is_released(scope: str | None) -> None:
    world = await a_world()
    await hold(world, scope)
    await world.change(TLS, "off")
    await sweep(world)
    assert world.arm.writes == []
    await release(world)
    assert world.state.value(TLS) == "on"


async def test_a_hold_holds_however_its_scope_is_spelled() -> None:
    world = await a_world()
    await hold(world, f"{world.target.id.upper()}/")
    await world.change(TLS, "off")
    assert world.arm.writes == []


async def test_a_hold_elsewhere_stops_nothing_here() -> None:
    world = await a_world()
    await hold(world, GROUP.replace("root", "other"))
    await hold(world, f"{world.target.id.lower()}2")
    await world.change(TLS, "off")
    assert world.arm.writes == [str(TLS)]


async def test_a_hold_on_one_control_stops_that_control() -> None:
    world = await a_world()
    await hold(world, control="tls-required")
    world.arm.set(world.target, TLS, "off")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await sweep(world)
    assert world.arm.writes == [str(PUBLIC_ACCESS)]
    assert sorted(await world.told()) == [NoticeKind.HELD, NoticeKind.REMEDIATED]


async def test_of_two_holds_both_have_to_be_released() -> None:
    world = await a_world()
    wide, narrow = await hold(world, ""), await hold(world)
    await world.change(TLS, "off")
    await release(world, wide)
    assert world.arm.writes == []
    await release(world, narrow)
    assert world.state.value(TLS) == "on"


async def test_a_held_drift_is_told_once_with_who_holds_it_and_why() -> None:
    world = await a_world()
    await hold(world)
    await world.change(TLS, "off")
    await sweep(world)
    (notice,) = await world.notices()
    assert (notice.kind, notice.report.severity) == (NoticeKind.HELD, "critical")
    assert notice.report.findings[0].reason == "held by alice@contoso.example: an investigation"


async def test_who_holds_everything_has_told_so_and_its_servers_are_only_recorded() -> None:
    world = await a_world()
    await hold(world, "")
    await world.change(TLS, "off")
    assert await world.told() == []
    assert await told_of_the_fleet(world) == [NoticeKind.ORDERS_CHANGED]
    assert await world.stages() == [Stage.DETECTED]


# In the middle of a pass


async def test_a_hold_placed_while_the_first_write_is_on_its_way_stops_the_second() -> None:
    world = await a_world()
    world.arm.set(world.target, TLS, "off")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    world.arm.meanwhile = lambda: _nothing_of(hold(world, ""))
    await sweep(world)
    assert world.arm.writes == [str(TLS)]
    assert (await world.entries(world.target))[-1].stage is Stage.FAILED
    (notice,) = [one for one in await world.notices() if one.kind is NoticeKind.REMEDIATION_FAILED]
    assert notice.report.error == ("held by alice@contoso.example: an investigation; stopped before the next write")


@pytest.mark.parametrize("scope", ["", GROUP])
@pytest.mark.parametrize("moment", range(0, 60, 2))
async def test_a_hold_placed_at_any_moment_lets_through_no_more_than_what_is_on_its_way(
    moment: int, scope: str
) -> None:
    world = await a_world()
    world.arm.set(world.target, TLS, "off")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")

    async def hold_then() -> int:
        for _ in range(moment):
            await asyncio.sleep(0)
        await hold(world, scope)
        return len(world.arm.writes)

    before, _ = await asyncio.gather(hold_then(), sweep(world))
    assert len(world.arm.writes) <= before + 1
    await sweep(world)
    assert len(world.arm.writes) <= before + 1


async def test_a_hold_stops_what_was_to_be_continued() -> None:
    world = await a_world()
    world.arm.accepted = Accepted("https://arm/operation", 60)
    world.arm.set(world.target, TLS, "off")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await sweep(world)
    await hold(world)
    await world.later(60)
    assert world.arm.writes == [str(TLS)]
    failed = [one for one in await world.notices() if one.kind is NoticeKind.REMEDIATION_FAILED]
    assert [one.report.error for one in failed] == ["not carried on: held by alice@contoso.example: an investigation"]


async def test_a_fix_that_was_stopped_is_made_after_the_release() -> None:
    world = await a_world()
    world.arm.accepted = Accepted("https://arm/operation", 60)
    world.arm.set(world.target, TLS, "off")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await sweep(world)
    await hold(world)
    await world.later(60)
    await release(world)
    await world.later(60)
    assert world.arm.writes == [str(TLS), str(PUBLIC_ACCESS)]
    assert (await world.told())[-1] is NoticeKind.REMEDIATED


async def test_nothing_is_written_where_nobody_can_say_whether_it_is_held() -> None:
    world = await a_world()
    await hold(world, GROUP.replace("root", "other"))
    world.arm.groups.clear()
    await world.change(TLS, "off")
    assert world.arm.writes == []
    assert await world.told() == [NoticeKind.CANNOT_OBSERVE]


# Orders


async def test_a_hold_and_its_release_are_recorded_and_told() -> None:
    world = await a_world()
    await release(world, await hold(world, control="tls-required"))
    ordered = [entry.detail for entry in await world.entries() if entry.stage is Stage.ORDERED]
    where = f"{world.target.id.lower()} for tls-required"
    assert ordered == [
        f"alice@contoso.example releases {where}: it is over",
        f"alice@contoso.example holds {where}: an investigation",
    ]
    assert await told_of_the_fleet(world) == [NoticeKind.ORDERS_CHANGED] * 2


async def test_a_hold_without_a_reason_is_refused() -> None:
    world = await a_world()
    with pytest.raises(Refused, match="a hold needs a reason"):
        await stewardship.hold(world.store, Hold("h", "", " ", ALICE.name, world.clock()), ALICE)
    assert (await orders_of(world.store)).holds == ()


async def test_a_hold_that_is_not_there_cannot_be_released() -> None:
    world = await a_world()
    order = await hold(world)
    await release(world, order)
    with pytest.raises(Refused, match="no such hold is in force"):
        await release(world, order)


async def test_many_who_hold_at_once_all_hold() -> None:
    world = await a_world()
    await asyncio.gather(*(hold(world, "", control=f"control-{number}") for number in range(8)))
    assert len((await orders_of(world.store)).holds) == 8


async def _nothing_of(placing: Awaitable[Hold]) -> None:
    await placing
