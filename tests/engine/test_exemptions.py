"""Exempt servers are left alone, as long as the exemption lasts and not a moment longer."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.errors import Forbidden, Refused
from shared.journal import NoticeKind, Stage
from shared.orders import Orders
from shared.policy import Exempting, Mode, Policy
from shared.ports import Waiver
from shared.standing import orders_of
from shared.state import FacetKind, Setting, SettingKind, State
from shared.stewardship import tend
from shared.target import Kind
from tests.builders import SUBSCRIPTION, a_policy, a_server, a_state, a_target
from tests.engine.people import (
    DAY,
    HOUR,
    an_exemption,
    end,
    exempt,
    hours_pass,
    reasons,
    sweep,
    told_of_the_fleet,
)
from tests.engine.world import PUBLIC_ACCESS, TLS, World

NO_PUBLIC_ACCESS = "5e1de0e3-42cb-4ebc-a86d-61d0c619ca48"


async def a_world(**changes: object) -> World:
    world = World(**changes)  # type: ignore[arg-type]  # states and policies, as the caller has them
    await world.baseline()
    return world


async def test_an_exempt_drift_stands_and_its_record_says_until_when_and_why() -> None:
    world = await a_world()
    await exempt(world, "tls-required")
    await world.change(TLS, "off")
    assert world.arm.writes == []
    assert await reasons(world) == ["exempt until 2025-11-25 09:00 UTC (owner@contoso.example): a migration"]
    assert await world.told() == []


async def test_an_exemption_holds_however_its_scope_is_spelled() -> None:
    world = await a_world()
    await exempt(world, "tls-required", scope=f"{world.target.id.upper()}/")
    await world.change(TLS, "off")
    assert world.arm.writes == []


async def test_the_ticket_stands_in_the_reason() -> None:
    world = await a_world()
    await exempt(world, "tls-required", ticket="CHG-1")
    await world.change(TLS, "off")
    assert "(owner@contoso.example, CHG-1)" in (await reasons(world))[0]


async def test_an_exemption_in_the_policy_counts_like_one_by_command() -> None:
    world = await a_world()
    world.with_policy(replace(a_policy(), exemptions=(an_exemption(world, "tls-required", hours=1),)))
    await world.change(TLS, "off")
    assert world.arm.writes == []
    await world.later(HOUR)
    assert world.state.value(TLS) == "on"


async def test_an_exemption_from_one_control_is_none_from_another() -> None:
    world = await a_world()
    await exempt(world, "tls-required")
    world.arm.set(world.target, TLS, "off")
    await world.change(PUBLIC_ACCESS, "Enabled")
    await sweep(world)
    assert world.arm.writes == [str(PUBLIC_ACCESS)]


async def test_an_exemption_without_controls_is_from_all_of_them() -> None:
    world = await a_world()
    await exempt(world)
    world.arm.set(world.target, TLS, "off")
    await world.change(PUBLIC_ACCESS, "Enabled")
    await sweep(world)
    assert world.arm.writes == []


@pytest.mark.parametrize("scope", ["", f"/subscriptions/{SUBSCRIPTION}"])
async def test_a_wider_scope_covers_the_server(scope: str) -> None:
    world = await a_world()
    await exempt(world, "tls-required", scope=scope)
    await world.change(TLS, "off")
    assert world.arm.writes == []


async def test_an_exemption_elsewhere_is_none_here() -> None:
    world = await a_world()
    await exempt(world, "tls-required", scope=f"{world.target.id.lower()}2")
    await world.change(TLS, "off")
    assert world.arm.writes == [str(TLS)]


async def test_a_management_group_is_a_scope() -> None:
    world = await a_world()
    world.arm.groups[SUBSCRIPTION] = ("payments", "root")
    group = "/providers/microsoft.management/managementgroups/root"
    world.with_policy(replace(a_policy(), exemptions=(an_exemption(world, scope=group),)))
    await world.change(TLS, "off")
    assert world.arm.writes == []


@pytest.mark.parametrize(("value", "writes"), [("test", []), ("live", [str(TLS)])])
async def test_an_exemption_by_tag_holds_where_the_tag_stands(value: str, writes: list[str]) -> None:
    world = await a_world()
    world.arm.states[world.target] = a_state(server=a_server(tags={"Stage": value}))
    exemption = an_exemption(world, "tls-required", scope="", tags={"stage": "test"})
    world.with_policy(replace(a_policy(), exemptions=(exemption,)))
    await world.change(TLS, "off")
    assert world.arm.writes == writes


async def test_an_exemption_by_tag_that_a_command_gave_is_read_as_well() -> None:
    world = await a_world()
    world.arm.states[world.target] = a_state(server=a_server(tags={"stage": "test"}))
    await exempt(world, "tls-required", scope="", tags={"stage": "test"})
    await world.change(TLS, "off")
    assert world.arm.writes == []


async def test_a_drift_is_put_back_in_the_moment_its_exemption_expires() -> None:
    world = await a_world()
    await exempt(world, "tls-required", hours=1)
    await world.change(TLS, "off")
    await world.later(HOUR - 1)
    assert world.arm.writes == []
    await world.later(1)
    assert world.state.value(TLS) == "on"
    assert await world.told() == [NoticeKind.REMEDIATED]


async def test_a_drift_whose_exemption_is_prolonged_stands_until_its_end() -> None:
    world = await a_world()
    await exempt(world, "tls-required", hours=1)
    await world.change(TLS, "off")
    await exempt(world, "tls-required", hours=2)
    await world.later(HOUR)
    assert world.arm.writes == []
    await world.later(HOUR)
    assert world.state.value(TLS) == "on"


async def test_an_exemption_of_days_is_kept_in_mind_by_the_sweep() -> None:
    world = await a_world()
    await exempt(world, "tls-required", hours=50.5)
    await world.change(TLS, "off")
    await hours_pass(world, 50.4)
    assert world.arm.writes == []
    await world.later(0.1 * HOUR)
    assert world.state.value(TLS) == "on"


async def test_an_expired_exemption_is_none() -> None:
    world = await a_world()
    await exempt(world, "tls-required", hours=1)
    await world.later(HOUR)
    await world.change(TLS, "off")
    assert world.arm.writes == [str(TLS)]


async def test_the_end_of_an_exemption_by_hand_is_looked_at_at_once() -> None:
    world = await a_world()
    exemption = await exempt(world, "tls-required")
    await world.change(TLS, "off")
    await end(world, exemption)
    assert world.state.value(TLS) == "on"


async def test_a_server_that_cannot_be_read_when_its_exemption_expires_is_looked_at_by_the_next_sweep() -> None:
    world = await a_world()
    await exempt(world, "tls-required", hours=0.5)
    await world.change(TLS, "off")

    def refuse(*_: object) -> None:
        raise Forbidden("flexibleServers/read is missing at pg", "flexibleServers/read", "pg")

    world.arm.on_read = refuse
    await world.later(HOUR / 2)
    world.arm.on_read = lambda *_: None
    await sweep(world)
    assert world.state.value(TLS) == "on"


# Azure Policy


async def a_waived_world(honoured: bool = True, **waiver: object) -> World:
    policy = replace(a_policy(), exempting=Exempting(azure_policy=honoured))
    world = await a_world(policy=policy)
    given = {"name": "assignments/db", "definitions": frozenset({NO_PUBLIC_ACCESS})} | waiver
    world.arm.waived[world.target] = (Waiver(**given),)  # type: ignore[arg-type]  # as the caller has them
    return world


async def test_an_exemption_of_azure_policy_counts_where_the_policy_says_so() -> None:
    world = await a_waived_world()
    await world.change(PUBLIC_ACCESS, "Enabled")
    assert world.arm.writes == []
    assert await reasons(world) == ["exempt by the Azure Policy exemption assignments/db"]


async def test_it_counts_for_nothing_where_the_policy_does_not_say_so_and_is_not_asked_for() -> None:
    world = await a_waived_world(honoured=False)
    await world.change(PUBLIC_ACCESS, "Enabled")
    assert world.arm.writes == [str(PUBLIC_ACCESS)]
    assert "ask waivers" not in world.arm.calls


async def test_it_exempts_from_what_its_definitions_are_about_and_nothing_else() -> None:
    world = await a_waived_world(definitions=frozenset({"00000000-0000-4000-8000-000000000000"}))
    await world.change(PUBLIC_ACCESS, "Enabled")
    assert world.arm.writes == [str(PUBLIC_ACCESS)]


async def test_it_ends_in_its_moment() -> None:
    world = await a_waived_world(expires_at=datetime(2025, 11, 24, 10, tzinfo=UTC))
    await world.change(PUBLIC_ACCESS, "Enabled")
    assert await reasons(world) == ["exempt until 2025-11-24 10:00 UTC by the Azure Policy exemption assignments/db"]
    await world.later(HOUR)
    assert world.arm.writes == [str(PUBLIC_ACCESS)]


async def test_azure_is_not_asked_for_exemptions_while_nothing_drifts() -> None:
    world = await a_waived_world()
    await sweep(world)
    assert "ask waivers" not in world.arm.calls


# Orders about exemptions


async def test_giving_and_ending_an_exemption_is_recorded_and_told() -> None:
    world = await a_world()
    exemption = await exempt(world, "tls-required")
    await end(world, exemption)
    assert await told_of_the_fleet(world) == [NoticeKind.ORDERS_CHANGED] * 2
    ordered = [entry.detail for entry in await world.entries() if entry.stage is Stage.ORDERED]
    where = world.target.id.lower()
    assert ordered == [
        f"alice@contoso.example ends the exemption of {where}: done",
        f"alice@contoso.example exempts {where} from tls-required until 2025-11-25 09:00 UTC: a migration",
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"hours": 0}, "would have expired"),
        ({"hours": 91 * 24}, "allows at most 90 days"),
        ({"reason": " "}, "needs a reason"),
        ({"owner": ""}, "needs an owner"),
    ],
)
async def test_an_exemption_that_the_policy_does_not_allow_is_refused_and_leaves_no_trace(
    changes: dict[str, object], reason: str
) -> None:
    world = await a_world()
    with pytest.raises(Refused, match=reason):
        await exempt(world, **changes)  # type: ignore[arg-type]  # as the table has them
    await world.change(TLS, "off")
    assert world.arm.writes == [str(TLS)]
    assert await told_of_the_fleet(world) == []


async def test_the_owner_is_warned_once_before_the_end() -> None:
    world = await a_world()
    await exempt(world, "tls-required", hours=15 * 24)
    for _ in range(4):
        await tend(world.store, world.policy, world.clock())
        await world.later(DAY)
    kinds = await told_of_the_fleet(world)
    assert kinds == [NoticeKind.ORDERS_CHANGED, NoticeKind.EXEMPTION_EXPIRING]


async def test_an_exemption_that_is_prolonged_is_warned_of_again() -> None:
    world = await a_world()
    for _ in range(2):
        exemption = an_exemption(world, "tls-required", hours=14 * 24, id="one")
        world.with_policy(replace(a_policy(), exemptions=(exemption,)))
        await tend(world.store, world.policy, world.clock())
        await world.later(DAY)
    assert await told_of_the_fleet(world) == [NoticeKind.EXEMPTION_EXPIRING] * 2


async def test_an_exemption_long_over_is_not_listed_any_more() -> None:
    world = await a_world()
    await exempt(world, "tls-required", hours=1)
    await world.later(30 * DAY)
    await tend(world.store, world.policy, world.clock())
    assert len((await _orders(world)).exemptions) == 1
    await world.later(HOUR)
    await tend(world.store, world.policy, world.clock())
    assert (await _orders(world)).exemptions == ()


async def _orders(world: World) -> Orders:
    return await orders_of(world.store)


THREATS = Setting(SettingKind.THREAT_PROTECTION, "Default")
WATCHED = {"state": "Enabled", "emailAccountAdmins": "true"}


async def test_what_is_exempt_in_a_resource_stays_while_the_rest_of_it_is_mended() -> None:
    target = a_target(kind=Kind.SINGLE)
    policy = a_policy(advanced_threat_protection_server=Mode.ENFORCE, atp_email_notifications=Mode.ENFORCE)
    world = await a_world_of(a_state(target, children={FacetKind.THREAT_PROTECTION: {"Default": WATCHED}}), policy)
    await exempt(world, "atp-email-notifications")
    world.arm.set(target, THREATS, {"state": "Disabled", "emailAccountAdmins": "false"})
    await sweep(world)
    found = world.state.value(THREATS)
    assert isinstance(found, Mapping)
    assert (found["state"], found["emailAccountAdmins"]) == ("Enabled", "false")


async def a_world_of(state: State, policy: Policy) -> World:
    world = World(state, policy=policy)
    await world.baseline()
    return world
