"""Whose change it was: a claim counts for less only where somebody other than the event says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.errors import Forbidden, Unreachable
from shared.journal import Actor, NoticeKind
from shared.policy import Mode, Policy, Trusted, Window
from shared.state import Value
from tests.builders import SUBSCRIPTION, a_policy, a_server, a_state
from tests.engine.people import HOUR, decide, hold, quietly_change, release, sweep, undo, waiting
from tests.engine.world import PUBLIC_ACCESS, TLS, World
from tests.fakes.arm import IDENTITY

ROBOT_ID = "77777777-7777-4777-8777-777777777777"
ROBOT = Actor("deploy", ROBOT_ID, "", "application")
STRANGER_ID = "d" * 8
OURS = Actor(IDENTITY, IDENTITY, "", "application")
CHILD = "configurations/require_secure_transport"
# The world begins on a Monday at 9.
NIGHTS = Window(opens="0 22 * * *", hours=2)
MORNINGS = Window(opens="0 8 * * *", hours=2)


def trusting(**changes: Any) -> Policy:
    given = {"name": "deploy", "ids": frozenset({ROBOT_ID})} | changes
    return replace(a_policy(), trusted=(Trusted(**given),))


async def a_world(policy: Policy | None = None) -> World:
    world = World(policy=policy or trusting())
    await world.baseline()
    world.clock.advance(60)
    return world


async def an_event(world: World, actor: Actor | None = ROBOT, child: str = CHILD, **changes: Any) -> None:
    """An event that says who wrote; nothing vouches for it."""
    await world.event("configurations/write" if child else "write", child, **({"actor": actor} | changes))


def logged(world: World, *who: str, child: str = CHILD) -> None:
    """The activity log shows that they wrote just now."""
    world.arm.activity += [(world.clock(), child, frozenset({one})) for one in who]


async def switched_off(world: World, actor: Actor | None = ROBOT, value: Value = "off", **changes: Any) -> None:
    """TLS is switched off, and its event says by whom."""
    world.arm.set(world.target, TLS, value)
    await an_event(world, actor, **changes)


async def stands(world: World) -> bool:
    """Whether the change was let stand."""
    return world.arm.writes == []


# Confirmed


async def test_a_change_by_a_trusted_identity_that_the_log_confirms_stands_and_says_why() -> None:
    world = await a_world()
    logged(world, ROBOT_ID)
    await switched_off(world)
    assert await stands(world)
    assert await world.told() == []
    (entry,) = await world.entries()
    assert entry.report.findings[0].reason == ("changed by deploy, a trusted identity, confirmed by the activity log")


async def test_a_change_by_a_trusted_identity_that_came_through_the_authentic_door_stands() -> None:
    world = await a_world()
    await switched_off(world, authentic=True)
    assert await stands(world)
    assert "ask activity log" not in world.arm.calls
    (entry,) = await world.entries()
    assert entry.report.findings[0].reason.endswith("confirmed by Event Grid's own delivery")


async def test_an_accepted_change_stands_through_the_sweeps() -> None:
    world = await a_world()
    logged(world, ROBOT_ID)
    await switched_off(world)
    for _ in range(3):
        await world.later(HOUR)
        await sweep(world)
    assert await stands(world)


async def test_an_application_id_names_an_identity_as_well() -> None:
    world = await a_world()
    await switched_off(world, Actor("deploy", "", ROBOT_ID, "application"), authentic=True)
    assert await stands(world)


# Not confirmed: a claim by itself is worth nothing


async def test_a_claim_that_nothing_confirms_is_worth_nothing() -> None:
    world = await a_world()
    await switched_off(world)
    assert not await stands(world)


async def test_an_authentic_event_of_a_stranger_is_a_stranger_s() -> None:
    world = await a_world()
    await switched_off(world, Actor("mallory", STRANGER_ID), authentic=True)
    assert not await stands(world)


async def test_a_forged_claim_of_a_stranger_s_change_is_seen_through_by_the_log() -> None:
    world = await a_world()
    logged(world, STRANGER_ID)
    await switched_off(world)
    assert not await stands(world)


async def test_where_somebody_else_wrote_as_well_nobody_knows_whose_value_it_is() -> None:
    world = await a_world()
    logged(world, ROBOT_ID, STRANGER_ID)
    await switched_off(world)
    assert not await stands(world)


async def test_a_person_who_uses_a_trusted_application_is_a_person() -> None:
    world = await a_world()
    await switched_off(world, Actor("mallory@contoso.example", STRANGER_ID, ROBOT_ID, "user"), authentic=True)
    assert not await stands(world)


async def test_what_is_written_elsewhere_says_nothing_about_this_setting() -> None:
    world = await a_world()
    logged(world, ROBOT_ID, child="configurations/work_mem")
    await switched_off(world)
    assert not await stands(world)


async def test_what_the_log_shows_from_before_the_setting_was_good_says_nothing() -> None:
    world = World(policy=trusting())
    logged(world, ROBOT_ID)
    world.clock.advance(60)
    await world.baseline()
    world.clock.advance(60)
    await switched_off(world)
    assert not await stands(world)


async def test_a_stranger_who_writes_while_the_good_state_is_read_is_not_overlooked() -> None:
    """Public access and tags are of one resource: the pipeline's write of a tag must not cover the stranger's."""
    world = await a_world()

    def then(*_: object) -> None:
        world.clock.advance(1)
        if not world.arm.activity:
            logged(world, STRANGER_ID, child="")

    world.arm.on_read = then
    await sweep(world)
    world.arm.on_read = lambda *_: None
    world.clock.advance(5)
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    logged(world, ROBOT_ID, child="")
    await an_event(world, child="")
    assert not await stands(world)


async def test_what_holdfast_itself_wrote_does_not_speak_against_a_trusted_identity() -> None:
    world = await a_world()
    logged(world, ROBOT_ID, IDENTITY)
    await switched_off(world)
    assert await stands(world)


@pytest.mark.parametrize("outcome", ["failure", "cancel"])
async def test_a_write_that_failed_made_no_change(outcome: str) -> None:
    world = await a_world()
    await switched_off(world, authentic=True, outcome=outcome)
    assert not await stands(world)


async def test_an_action_made_no_change() -> None:
    world = await a_world()
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await world.event("restart/action", "", actor=ROBOT, authentic=True)
    await sweep(world)
    assert not await stands(world)


async def test_a_drift_at_first_sight_is_nobody_s_change() -> None:
    world = World(a_state(server=a_server(public_access=True)), policy=replace(trusting(), mode=Mode.ENFORCE))
    await an_event(world, child="", authentic=True)
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED]


@pytest.mark.parametrize("error", [Forbidden("no log", "log/read", "s"), Unreachable("500", 5)], ids=str)
async def test_nothing_is_written_where_the_log_cannot_be_asked(error: Exception) -> None:
    world = await a_world()

    def fail(_: str) -> None:
        raise error

    world.arm.on_ask = fail
    await switched_off(world)
    assert await stands(world)


async def test_a_log_that_can_be_asked_again_is_asked_again() -> None:
    world = await a_world()
    errors = [Unreachable("500", 5)]

    def fail(_: str) -> None:
        if errors:
            raise errors.pop()

    world.arm.on_ask = fail
    logged(world, ROBOT_ID)
    await switched_off(world)
    await world.later(60)
    assert await stands(world)
    assert "changed by deploy" in (await world.entries())[0].report.findings[0].reason


async def test_nobody_is_asked_about_a_change_that_is_not_put_back_anyway() -> None:
    world = await a_world(replace(trusting(), controls=a_policy(Mode.NOTIFY).controls, mode=Mode.NOTIFY))
    await switched_off(world)
    assert [call for call in world.arm.calls if call.startswith("ask")] == []


# Together with others


async def test_two_events_of_one_setting_must_both_be_the_trusted_identity_s() -> None:
    world = await a_world()
    lease = await world.store.acquire(world.target.id, 30)
    assert lease is not None
    await switched_off(world, authentic=True)
    await an_event(world, Actor("mallory", STRANGER_ID), authentic=True)
    await world.store.release(lease)
    await world.later(1)
    assert not await stands(world)


async def test_a_stranger_s_event_that_comes_late_ends_the_acceptance() -> None:
    world = await a_world()
    await switched_off(world, authentic=True)
    assert await stands(world)
    logged(world, ROBOT_ID, STRANGER_ID)
    await an_event(world, Actor("mallory", STRANGER_ID))
    assert not await stands(world)


# As long as the value stands


async def test_another_value_is_another_change() -> None:
    world = await a_world()
    logged(world, ROBOT_ID)
    await switched_off(world)
    await world.later(60)
    logged(world, STRANGER_ID)
    await switched_off(world, Actor("mallory", STRANGER_ID), value="sometimes")
    assert world.state.value(TLS) == "on"


async def test_the_same_value_set_again_by_somebody_else_is_another_change() -> None:
    world = await a_world()
    logged(world, ROBOT_ID)
    await switched_off(world)
    await switched_off(world, ROBOT, value="on")
    await quietly_change(world, TLS, "off")
    await sweep(world)
    assert world.state.value(TLS) == "on"


async def test_a_change_of_another_setting_of_the_same_resource_is_not_accepted_along() -> None:
    world = await a_world()
    await switched_off(world, authentic=True)
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await an_event(world, Actor("mallory", STRANGER_ID), child="")
    assert world.arm.writes == [str(PUBLIC_ACCESS)]


# The log fills up late


async def test_an_acceptance_by_the_log_is_checked_again_when_the_log_is_complete() -> None:
    world = await a_world()
    logged(world, ROBOT_ID)
    await switched_off(world)
    assert await stands(world)
    world.arm.activity.append((world.clock(), CHILD, frozenset({STRANGER_ID})))
    await world.later(HOUR / 2 - 1)
    assert await stands(world)
    await world.later(1)
    assert world.state.value(TLS) == "on"


async def test_an_acceptance_that_the_complete_log_bears_out_is_not_asked_about_again() -> None:
    world = await a_world()
    logged(world, ROBOT_ID)
    await switched_off(world)
    await world.later(HOUR / 2)
    world.arm.calls.clear()
    for _ in range(3):
        await sweep(world)
    assert "ask activity log" not in world.arm.calls
    assert await stands(world)


async def test_without_patience_a_claim_that_the_log_does_not_show_yet_is_anybody_s() -> None:
    world = await a_world(trusting(patience_minutes=0))
    await switched_off(world)
    assert not await stands(world)


async def test_with_patience_the_log_is_waited_for() -> None:
    world = await a_world(trusting(patience_minutes=10))
    await switched_off(world)
    await world.later(4 * 60)
    assert await stands(world)
    logged(world, ROBOT_ID)
    await world.later(2 * 60)
    await world.later(HOUR / 2)
    await sweep(world)
    assert await stands(world)


async def test_patience_ends_in_its_minute() -> None:
    world = await a_world(trusting(patience_minutes=10))
    await switched_off(world)
    for _ in range(9):
        await world.later(60)
    await world.later(59)
    assert await stands(world)
    await world.later(1)
    assert world.state.value(TLS) == "on"


async def test_patience_does_not_begin_again_with_every_event() -> None:
    world = await a_world(trusting(patience_minutes=10))
    await switched_off(world)
    for _ in range(10):
        await world.later(60)
        await an_event(world)
    assert world.state.value(TLS) == "on"


async def test_a_forged_claim_takes_no_question_away_that_was_asked() -> None:
    policy = trusting(patience_minutes=10)
    world = await a_world(replace(policy, controls=a_policy(tls_required=Mode.APPROVE).controls))
    await switched_off(world, Actor("mallory", STRANGER_ID))
    before = await waiting(world)
    await an_event(world)
    assert await waiting(world) == before


async def test_what_was_waited_for_is_judged_with_everything_that_was_heard() -> None:
    """A stranger's event came with the claim: the authentic one alone must not decide when the log is asked again."""
    world = await a_world(trusting(patience_minutes=10))
    lease = await world.store.acquire(world.target.id, 30)
    assert lease is not None
    await switched_off(world, authentic=True)
    await an_event(world, Actor("mallory", STRANGER_ID))
    await world.store.release(lease)
    for _ in range(11):
        await world.later(60)
    assert world.state.value(TLS) == "on"


# When and where


@pytest.mark.parametrize(("window", "trusted"), [(MORNINGS, True), (NIGHTS, False)])
async def test_a_trusted_identity_is_trusted_inside_its_windows(window: Window, trusted: bool) -> None:
    world = await a_world(trusting(windows=(window,)))
    await switched_off(world, authentic=True)
    assert await stands(world) is trusted


async def test_a_change_made_before_the_window_opened_is_outside_of_it() -> None:
    world = await a_world(trusting(windows=(Window(opens="30 9 * * *", hours=1),)))
    before = datetime(2025, 11, 24, 9, 29, tzinfo=UTC)
    world.clock.advance_to(before + timedelta(minutes=2))
    await switched_off(world, authentic=True, at=before)
    assert not await stands(world)


@pytest.mark.parametrize(("ticket", "trusted"), [("CHG-1", True), (" ", False)])
async def test_a_ticket_on_the_server_opens_what_no_window_does(ticket: str, trusted: bool) -> None:
    world = await a_world(trusting(windows=(NIGHTS,), ticket_tag="change"))
    world.arm.states[world.target] = a_state(server=a_server(tags={"Change": ticket}))
    await switched_off(world, authentic=True)
    assert await stands(world) is trusted


async def test_without_its_ticket_an_identity_that_needs_one_is_anybody() -> None:
    world = await a_world(trusting(ticket_tag="change"))
    await switched_off(world, authentic=True)
    assert not await stands(world)


@pytest.mark.parametrize(
    ("scope", "trusted"), [(f"/subscriptions/{SUBSCRIPTION}", True), (f"/subscriptions/{SUBSCRIPTION[:-1]}2", False)]
)
async def test_a_trusted_identity_is_trusted_below_its_scopes(scope: str, trusted: bool) -> None:
    world = await a_world(trusting(scopes=(scope,)))
    await switched_off(world, authentic=True)
    assert await stands(world) is trusted


async def test_a_management_group_that_cannot_be_read_trusts_nobody_and_writes_nothing() -> None:
    group = "/providers/microsoft.management/managementgroups/root"
    world = World(policy=trusting(scopes=(group,)))
    await world.event("*")
    await switched_off(world, authentic=True)
    assert await stands(world)
    assert await world.told() == [NoticeKind.CANNOT_OBSERVE]


async def test_a_hold_and_an_exemption_come_before_trust() -> None:
    world = await a_world()
    await hold(world)
    await switched_off(world, authentic=True)
    await release(world)
    assert world.state.value(TLS) == "on"


# Ourselves


async def test_a_change_of_our_own_identity_that_the_log_confirms_is_told_and_left() -> None:
    world = await a_world()
    logged(world, IDENTITY)
    await switched_off(world, OURS)
    assert await stands(world)
    (notice,) = await world.notices()
    assert notice.report.findings[0].reason.startswith("Holdfast's own identity made this change")


@pytest.mark.parametrize("who", [(), (STRANGER_ID,), (IDENTITY, STRANGER_ID)])
async def test_a_claim_to_be_us_that_the_log_does_not_confirm_is_worth_nothing(who: tuple[str, ...]) -> None:
    world = await a_world()
    logged(world, *who)
    await switched_off(world, OURS)
    assert not await stands(world)


async def test_whoever_approves_is_not_taken_for_who_wrote() -> None:
    """The approver is trusted otherwise; that they had the server looked at says nothing about who changed it."""
    robin = Actor("robin", ROBOT_ID, kind="user")
    world = await a_world(replace(trusting(), controls=a_policy(tls_required=Mode.APPROVE).controls))
    await switched_off(world, Actor("mallory", STRANGER_ID))
    logged(world, ROBOT_ID)
    await decide(world, by=robin)
    assert world.state.value(TLS) == "on"


async def test_an_undo_is_not_taken_for_somebody_s_change() -> None:
    world = await a_world()
    await switched_off(world, Actor("mallory", STRANGER_ID))
    record = (await world.entries())[0].record
    await undo(world, record, exempt_hours=1)
    assert world.state.value(TLS) == "off"
    await quietly_change(world, PUBLIC_ACCESS, "Enabled")
    await sweep(world)
    assert world.state.value(PUBLIC_ACCESS) == "Disabled"
