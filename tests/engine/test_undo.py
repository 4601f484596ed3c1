"""What Holdfast changed can be taken back: exactly that, and only as long as nothing else came after it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.errors import Busy, Forbidden, Rejected
from shared.journal import NoticeKind, Stage
from shared.policy import BreakGlass, Mode
from shared.ports import Accepted, Progress
from shared.standing import orders_of
from shared.state import Setting, SettingKind
from tests.builders import a_policy, a_server, a_state, a_target
from tests.engine.people import HOUR, exempt, hold, quietly_change, run_with_a_kill, sweep, undo
from tests.engine.world import INTERNET, PUBLIC_ACCESS, RULE, TLS, World, rules

MINIMUM = Setting(SettingKind.PARAMETER, "ssl_min_protocol_version")
LONG = Accepted("https://arm/operation", 60)


async def a_world(*settings: Setting) -> World:
    """Holdfast has just put these settings back."""
    world = World()
    await world.baseline()
    bad = {TLS: "off", MINIMUM: "TLSv1", PUBLIC_ACCESS: "Enabled"}
    for setting in settings or (TLS,):
        world.arm.set(world.target, setting, bad[setting])
    await sweep(world)
    assert all(world.state.value(setting) != bad[setting] for setting in settings)
    world.arm.calls.clear()
    return world


async def record_of(world: World, stage: Stage = Stage.PROVEN) -> str:
    return next(entry.record for entry in await world.entries(world.target) if entry.stage is stage)


async def refusals(world: World) -> list[str]:
    """Why what was asked for was not done, oldest first."""
    entries = reversed(await world.entries(world.target))
    return [entry.detail for entry in entries if entry.report.outcome == "not done"]


async def test_an_undo_puts_back_what_was_there_before_the_fix() -> None:
    world = await a_world()
    await undo(world, await record_of(world), exempt_hours=1)
    assert world.state.value(TLS) == "off"
    assert (await world.told())[-1] is NoticeKind.UNDONE


async def test_an_undo_puts_back_a_deleted_rule_with_its_addresses() -> None:
    state = a_state(server=a_server(public_access=True), firewall_rules=())
    world = World(state, policy=a_policy(public_network_access_disabled=Mode.OFF))
    await world.baseline()
    await world.change(RULE, INTERNET)
    assert rules(world.state) == {}
    await undo(world, await record_of(world), exempt_hours=1)
    assert world.state.value(RULE) == INTERNET


async def test_an_undo_of_several_changes_takes_the_last_back_first() -> None:
    world = await a_world(TLS, MINIMUM, PUBLIC_ACCESS)
    done = (await world.store.record(await record_of(world)))[-1].report.changes
    await undo(world, await record_of(world), exempt_hours=1)
    assert world.arm.writes == [line.setting for line in reversed(done)]
    assert (world.state.value(TLS), world.state.value(MINIMUM)) == ("off", "TLSv1")


async def test_the_record_of_an_undo_says_who_asked_for_it_and_what_it_undoes() -> None:
    world = await a_world()
    record = await record_of(world)
    trigger = await undo(world, record, reason="the old driver")
    (done,) = [one for one in await world.notices() if one.kind is NoticeKind.UNDONE]
    assert done.report.trigger == trigger
    assert done.report.outcome == f"undoes {record}: the old driver; put back and proven by reading again"


async def test_what_was_undone_is_put_right_again_unless_it_is_exempt() -> None:
    world = await a_world()
    await undo(world, await record_of(world))
    await sweep(world)
    assert world.state.value(TLS) == "on"
    assert (await world.told())[-2:] == [NoticeKind.UNDONE, NoticeKind.REMEDIATED]


async def test_an_exemption_that_comes_with_an_undo_holds_for_its_hours() -> None:
    world = await a_world()
    await undo(world, await record_of(world), exempt_hours=1)
    await world.later(HOUR - 1)
    assert world.state.value(TLS) == "off"
    await world.later(1)
    assert world.state.value(TLS) == "on"


async def test_an_exemption_that_comes_with_an_undo_is_for_its_controls_and_stands_in_the_record() -> None:
    world = await a_world()
    record = await record_of(world)
    await undo(world, record, exempt_hours=2, reason="the old driver")
    (exemption,) = (await orders_of(world.store)).exemptions
    assert (exemption.controls, exemption.owner) == (("tls-required",), "alice@contoso.example")
    assert exemption.expires_at == world.clock() + timedelta(hours=2)
    (done,) = [one for one in await world.notices() if one.kind is NoticeKind.UNDONE]
    assert "the server is exempt from tls-required for 2 hours" in done.report.outcome


async def test_an_exemption_lasts_no_longer_than_the_policy_allows() -> None:
    world = await a_world()
    await undo(world, await record_of(world), exempt_hours=10_000)
    (exemption,) = (await orders_of(world.store)).exemptions
    assert exemption.expires_at == world.clock() + timedelta(days=90)


# Not undone


async def test_an_undo_of_what_has_changed_since_is_refused_with_what_was_found() -> None:
    world = await a_world()
    await quietly_change(world, TLS, "sometimes")
    await undo(world, await record_of(world))
    assert world.arm.writes == []
    (refusal,) = await refusals(world)
    assert refusal == (
        "configurations/require_secure_transport has changed since: found sometimes, and the record left on there; what"
        " came later is not undone"
    )


async def test_an_undo_of_several_changes_is_refused_whole_when_one_of_them_moved_on() -> None:
    world = await a_world(TLS, MINIMUM)
    await quietly_change(world, MINIMUM, "TLSv1.3")
    await undo(world, await record_of(world))
    assert world.arm.writes == []
    assert len(await refusals(world)) == 1


async def test_what_is_already_as_before_is_not_undone() -> None:
    world = await a_world()
    record = await record_of(world)
    await undo(world, record, exempt_hours=1)
    world.arm.calls.clear()
    await undo(world, record)
    assert world.arm.writes == []
    assert await refusals(world) == ["everything is already as it was before this record"]


async def test_a_record_that_nobody_wrote_is_not_undone() -> None:
    world = await a_world()
    await undo(world, "no-such-record")
    assert await refusals(world) == ["there is no record no-such-record"]


async def test_a_record_that_changed_nothing_is_not_undone() -> None:
    world = World(policy=a_policy(Mode.NOTIFY))
    await world.baseline()
    await world.change(TLS, "off")
    await undo(world, (await world.entries())[0].record)
    assert await refusals(world) == ["this record changed nothing, so there is nothing to undo"]


async def test_a_record_of_another_server_is_not_undone_here() -> None:
    world = await a_world()
    record = await record_of(world)
    other = a_target("pg-other")
    world.arm.states[other] = replace(a_state(other), parameters=world.state.parameters)
    world.target = other
    await world.baseline()
    await undo(world, record)
    assert world.arm.writes == []
    assert await refusals(world) == [f"the record {record} is about another server"]


async def test_a_held_server_is_not_undone_and_says_so() -> None:
    world = await a_world()
    await hold(world)
    await undo(world, await record_of(world))
    assert world.arm.writes == []
    assert await refusals(world) == ["held by alice@contoso.example: an investigation; release it first"]


async def test_a_hold_on_the_control_stops_its_undo() -> None:
    world = await a_world()
    await hold(world, control="tls-required")
    await undo(world, await record_of(world))
    assert world.arm.writes == []
    assert await refusals(world) == ["held by alice@contoso.example: an investigation; release it first"]


async def test_a_hold_on_another_control_does_not() -> None:
    world = await a_world()
    await hold(world, control="tls-min-version-12")
    await undo(world, await record_of(world), exempt_hours=1)
    assert world.state.value(TLS) == "off"


async def test_under_a_break_glass_tag_nothing_is_undone() -> None:
    world = await a_world()
    world.with_policy(replace(a_policy(), break_glass=BreakGlass(tag="break-glass")))
    tags = {"break-glass": (world.clock() + timedelta(hours=1)).isoformat()}
    world.arm.states[world.target] = replace(world.state, server=a_server(tags=tags))
    await undo(world, await record_of(world))
    assert world.arm.writes == []
    assert "a break-glass tag stands on the server until 2025-11-24 10:00 UTC" in (await refusals(world))[0]


async def test_an_exempt_server_can_be_undone() -> None:
    world = await a_world()
    await exempt(world, "tls-required")
    await undo(world, await record_of(world))
    assert world.state.value(TLS) == "off"


async def test_a_hold_placed_meanwhile_stops_the_rest_of_an_undo() -> None:
    world = await a_world(TLS, MINIMUM)

    async def hold_everything() -> None:
        await hold(world, "")

    world.arm.meanwhile = hold_everything
    await undo(world, await record_of(world))
    assert len(world.arm.writes) == 1
    (failed,) = [one for one in await world.notices() if one.kind is NoticeKind.REMEDIATION_FAILED]
    assert (failed.report.outcome, failed.report.error) == (
        "not undone",
        "held by alice@contoso.example: an investigation; stopped before the next write",
    )


async def test_an_undo_that_azure_refuses_leaves_no_exemption_behind() -> None:
    world = await a_world()

    def refuse(*_: object) -> None:
        raise Rejected("400 not now", "NotNow")

    world.arm.on_write = refuse
    await undo(world, await record_of(world), exempt_hours=1)
    assert (await orders_of(world.store)).exemptions == ()
    world.arm.on_write = lambda *_: None
    await world.change(TLS, "off")
    assert world.state.value(TLS) == "on"


async def test_an_undo_on_a_server_that_cannot_be_read_is_answered() -> None:
    world = await a_world()

    def refuse(*_: object) -> None:
        raise Forbidden("flexibleServers/read is missing at pg", "flexibleServers/read", "pg")

    world.arm.on_read = refuse
    await undo(world, await record_of(world))
    assert await refusals(world) == ["flexibleServers/read is missing at pg"]


async def test_an_undo_on_a_deleted_server_is_answered() -> None:
    world = await a_world()
    record = await record_of(world)
    del world.arm.states[world.target]
    await undo(world, record)
    assert len(await refusals(world)) == 1


# Undoing what was half done, and undoing an undo


async def test_a_fix_that_was_half_made_is_half_undone() -> None:
    world = World()
    await world.baseline()
    errors = [Rejected("400 not now", "NotNow")]

    def second_fails(*_: object) -> None:
        if len(world.arm.writes) == 2 and errors:
            raise errors.pop()

    world.arm.on_write = second_fails
    world.arm.set(world.target, TLS, "off")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await sweep(world)
    assert (world.state.value(TLS), world.state.value(PUBLIC_ACCESS)) == ("on", "Enabled")
    world.arm.calls.clear()
    await exempt(world)
    await undo(world, await record_of(world, Stage.FAILED))
    assert world.arm.writes == [str(TLS)]
    assert (world.state.value(TLS), world.state.value(PUBLIC_ACCESS)) == ("off", "Enabled")


async def test_what_joined_a_fix_under_way_is_undone_with_it() -> None:
    world = World()
    await world.baseline()
    errors = [Busy("busy", 10)] * 2

    def fail(*_: object) -> None:
        if errors:
            raise errors.pop()

    world.arm.on_write = fail
    await world.change(TLS, "off")
    await world.change(MINIMUM, "TLSv1")
    await world.later(60)
    await exempt(world)
    await undo(world, await record_of(world))
    assert (world.state.value(TLS), world.state.value(MINIMUM)) == ("off", "TLSv1")


async def test_an_undo_can_be_undone() -> None:
    world = await a_world(TLS, MINIMUM)
    await undo(world, await record_of(world), exempt_hours=1)
    undone = next(entry.record for entry in await world.entries(world.target) if entry.stage is Stage.PROVEN)
    await undo(world, undone)
    assert (world.state.value(TLS), world.state.value(MINIMUM)) == ("on", "TLSv1.2")


# Long operations, other work, and crashes


async def test_an_undo_of_several_changes_goes_on_after_each_of_azures_operations() -> None:
    world = await a_world(TLS, MINIMUM, PUBLIC_ACCESS)
    world.arm.accepted = LONG
    await undo(world, await record_of(world), exempt_hours=1)
    for _ in range(4):
        await world.later(60)
    assert len(world.arm.writes) == 3
    assert (world.state.value(TLS), world.state.value(MINIMUM), world.state.value(PUBLIC_ACCESS)) == (
        "off",
        "TLSv1",
        "Enabled",
    )
    assert (await world.told())[-1] is NoticeKind.UNDONE


async def test_an_undo_that_goes_on_stops_where_the_state_has_moved_on() -> None:
    world = await a_world(TLS, MINIMUM)
    world.arm.accepted = LONG
    await undo(world, await record_of(world), exempt_hours=1)
    first = world.arm.writes[0]
    other = MINIMUM if first == str(TLS) else TLS
    await quietly_change(world, other, "somebody else's")
    await world.later(60)
    assert world.arm.writes == [first]
    (failed,) = [one for one in await world.notices() if one.kind is NoticeKind.REMEDIATION_FAILED]
    assert "has changed since" in failed.report.error


async def test_an_undo_survives_a_busy_server() -> None:
    world = await a_world()
    errors = [Busy("busy", 10)] * 3

    def fail(*_: object) -> None:
        if errors:
            raise errors.pop()

    world.arm.on_write = fail
    await undo(world, await record_of(world), exempt_hours=1)
    for _ in range(4):
        await world.later(60)
    assert world.state.value(TLS) == "off"
    assert (await world.told())[-1] is NoticeKind.UNDONE


async def test_an_undo_waits_for_the_fix_under_way() -> None:
    world = await a_world()
    record = await record_of(world)
    world.arm.accepted, world.arm.operations = LONG, [Progress(False, "", 60)]
    await world.change(MINIMUM, "TLSv1")
    await undo(world, record, exempt_hours=1)
    assert world.arm.writes == [str(MINIMUM)]
    await world.later(60)
    await world.later(60)
    assert world.state.value(TLS) == "off"


async def test_a_drift_that_comes_with_an_undo_is_mended_after_it() -> None:
    world = await a_world()
    record = await record_of(world)
    await undo(world, record, exempt_hours=1, run=False)
    await world.change(PUBLIC_ACCESS, "Enabled")
    assert (world.state.value(TLS), world.state.value(PUBLIC_ACCESS)) == ("off", "Disabled")


async def test_two_undos_that_come_together_are_both_answered() -> None:
    world = await a_world()
    record = await record_of(world)
    await undo(world, "no-such-record", run=False)
    await undo(world, record, exempt_hours=1)
    assert world.state.value(TLS) == "off"
    assert await refusals(world) == ["there is no record no-such-record"]
    assert (await world.store.load(world.target)).triggers == ()


async def test_an_undo_sent_twice_is_done_once() -> None:
    world = await a_world()
    record = await record_of(world)
    await undo(world, record, exempt_hours=1, run=False)
    await undo(world, record, exempt_hours=1)
    assert world.arm.writes == [str(TLS)]
    assert len(await refusals(world)) == 1


@pytest.mark.parametrize("step", range(70))
async def test_a_worker_killed_anywhere_during_an_undo_leaves_one_undo(step: int) -> None:
    world = await a_world(TLS, MINIMUM)
    await undo(world, await record_of(world), exempt_hours=1, run=False)
    await run_with_a_kill(world, step)
    await sweep(world)
    assert (world.state.value(TLS), world.state.value(MINIMUM)) == ("off", "TLSv1")
    assert len(world.arm.writes) == 2
    assert (await world.told()).count(NoticeKind.UNDONE) == 1
    assert await refusals(world) == []
    assert len((await orders_of(world.store)).exemptions) == 1
