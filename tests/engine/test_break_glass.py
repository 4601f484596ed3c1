"""A break-glass tag on the server: until its moment nothing is written there, and a tag that says nonsense says so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.journal import NoticeKind
from shared.policy import BreakGlass, Mode, Policy
from tests.builders import a_policy, a_server
from tests.engine.people import HOUR, apply, decide, reasons, shown_plan, sweep
from tests.engine.world import RULE, TLS, World

TAG = "break-glass"


def careful(mode: Mode = Mode.ENFORCE, **modes: Mode) -> Policy:
    return replace(a_policy(mode, **modes), break_glass=BreakGlass(tag=TAG, longest_hours=12))


async def tagged(value: str, policy: Policy | None = None, name: str = TAG) -> World:
    """Somebody put the tag on the server, and TLS is switched off."""
    world = World(policy=policy or careful())
    await world.baseline()
    world.arm.states[world.target] = replace(world.state, server=a_server(tags={name: value}))
    await world.change(TLS, "off")
    return world


@pytest.mark.parametrize("name", [TAG, "Break-Glass"])
async def test_while_the_tag_stands_nothing_is_written_and_people_are_told_until_when(name: str) -> None:
    world = await tagged("2025-11-24T12:00:00Z", name=name)
    assert world.arm.writes == []
    assert await world.told() == [NoticeKind.DRIFT_DETECTED]
    assert await reasons(world) == ["a break-glass tag stands on the server until 2025-11-24 12:00 UTC"]


async def test_the_moment_is_told_in_utc_whatever_its_time_zone() -> None:
    world = await tagged("2025-11-24T12:00+01:00")
    assert await reasons(world) == ["a break-glass tag stands on the server until 2025-11-24 11:00 UTC"]


async def test_it_ends_in_its_moment() -> None:
    world = await tagged("2025-11-24T10:00:00Z")
    await world.later(HOUR - 1)
    assert world.arm.writes == []
    await world.later(1)
    assert world.state.value(TLS) == "on"


async def test_a_tag_that_is_taken_off_ends_at_the_next_look() -> None:
    world = await tagged("2025-11-24T12:00:00Z")
    world.arm.states[world.target] = replace(world.state, server=a_server())
    await sweep(world)
    assert world.state.value(TLS) == "on"


async def test_a_tag_of_the_past_says_nothing() -> None:
    world = await tagged("2025-11-24T08:59:59Z")
    assert world.arm.writes == [str(TLS)]
    assert await reasons(world) == ["the policy says enforce for tls-required"] * 2


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("2025-11-24T21:00:01Z", "it may stand at most 12 hours"),
        ("9999-12-31T23:59:59Z", "it may stand at most 12 hours"),
        ("tomorrow", "found 'tomorrow', wanted a moment such as 2026-03-01T18:00+01:00"),
        ("", "found '', wanted a moment such as 2026-03-01T18:00+01:00"),
        ("2025-11-24T12:00:00", "'2025-11-24T12:00:00' names no time zone, such as +01:00 or Z"),
        ("2025-11-24", "'2025-11-24' names no time zone, such as +01:00 or Z"),
    ],
)
async def test_a_tag_that_cannot_count_is_ignored_and_the_record_says_why(value: str, why: str) -> None:
    world = await tagged(value)
    assert world.arm.writes == [str(TLS)]
    assert (await reasons(world))[0] == f"the policy says enforce for tls-required; the tag {TAG} was ignored: {why}"


async def test_whoever_is_asked_reads_as_well_why_the_tag_does_not_count() -> None:
    world = await tagged("tomorrow", careful(tls_required=Mode.APPROVE))
    (reason,) = await reasons(world)
    assert reason.startswith(f"the policy says approve; the tag {TAG} was ignored")


async def test_a_tag_the_policy_does_not_know_says_nothing() -> None:
    world = await tagged("2025-11-24T12:00:00Z", a_policy())
    assert world.arm.writes == [str(TLS)]


async def test_no_request_and_no_approval_gets_past_the_tag() -> None:
    world = World(policy=careful(tls_required=Mode.APPROVE))
    await world.baseline()
    await world.change(TLS, "off")
    plan = await shown_plan(world)
    tags = {TAG: (world.clock() + timedelta(hours=1)).isoformat()}
    world.arm.states[world.target] = replace(world.state, server=a_server(tags=tags))
    await decide(world)
    await apply(world, *plan)
    assert world.arm.writes == []


async def test_an_event_about_a_rule_has_the_tags_read_too() -> None:
    world = World(policy=careful())
    await world.baseline()
    await world.event("firewallrules/write", str(RULE).lower())
    assert world.arm.calls == ["read firewallRules", "read server"]
