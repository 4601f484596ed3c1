"""Whose claims count: a trusted identity's change stands if Azure bears it out, and only as long as it does."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from shared.errors import Forbidden, Unreachable
from shared.journal import Actor, Stage, Trigger
from shared.policy import Mode, Policy, Trusted
from tests.builders import a_policy, a_server, a_state, a_trigger
from tests.engine.world import INTERNET, RULE, World, rules
from tests.fakes.arm import IDENTITY

RELEASE, TOOL, MALLORY = (f"{letter * 8}-1111-4111-8111-111111111111" for letter in "abc")
PIPELINE = Actor("release pipeline", RELEASE, TOOL, "application")
SOMEBODY = Actor("mallory@contoso.example", MALLORY, "", "user")
WITH_THE_TOOL = Actor("mallory@contoso.example", MALLORY, TOOL, "user")
HOLDFAST = Actor("func-holdfast", IDENTITY, "", "application")
APP = "firewallrules/app"
WIDER = {"startIpAddress": "203.0.113.0", "endIpAddress": "203.0.113.15"}
GOOD, OPEN = {"app": ("203.0.113.10", "203.0.113.10")}, {"app": ("0.0.0.0", "255.255.255.255")}


def a_trusting_policy(**changes: Any) -> Policy:
    trusted = Trusted(name="release", ids=frozenset({RELEASE, TOOL}), **changes)
    return replace(a_policy(public_network_access_disabled=Mode.OFF), trusted=(trusted,))


async def a_world(**changes: Any) -> World:
    world = World(a_state(server=a_server(public_access=True)), policy=a_trusting_policy(**changes))
    await world.baseline()
    world.clock.advance(60)
    return world


async def opened(world: World, actor: Actor, *, authentic: bool = False, logged: Iterable[str] = ()) -> Trigger:
    """Somebody opens the rule; what the log shows of it by now, and the event, which says who it was."""
    if logged:
        world.arm.activity.append((world.clock(), APP, frozenset(logged)))
    world.arm.set(world.target, RULE, INTERNET)
    return await heard(world, actor, authentic=authentic)


async def heard(world: World, actor: Actor, *, authentic: bool = False) -> Trigger:
    return await world.event("firewallrules/write", APP, actor=actor, authentic=authentic)


async def test_an_authentic_event_of_a_trusted_identity_is_believed_without_asking() -> None:
    world = await a_world()
    await opened(world, PIPELINE, authentic=True)
    assert rules(world.state) == OPEN
    assert "ask activity log" not in world.arm.calls


async def test_a_claim_of_the_webhook_is_believed_if_the_log_shows_nobody_else() -> None:
    world = await a_world()
    await opened(world, PIPELINE, logged=[RELEASE])
    assert rules(world.state) == OPEN
    assert world.arm.calls.count("ask activity log") == 1


@pytest.mark.parametrize("logged", [(), (MALLORY,)], ids=["nothing yet", "somebody else"])
async def test_a_claim_that_the_log_does_not_bear_out_changes_nothing(logged: tuple[str, ...]) -> None:
    world = await a_world()
    await opened(world, PIPELINE, logged=logged)
    assert rules(world.state) == GOOD


async def test_a_second_writer_in_the_log_ends_all_trust() -> None:
    world = await a_world()
    world.arm.activity.append((world.clock(), APP, frozenset({MALLORY})))
    await opened(world, PIPELINE, logged=[RELEASE])
    assert rules(world.state) == GOOD


async def test_a_writer_whom_the_log_does_not_name_is_somebody_else() -> None:
    world = await a_world()
    world.arm.activity.append((world.clock(), APP, frozenset()))
    await opened(world, PIPELINE, logged=[RELEASE])
    assert rules(world.state) == GOOD


async def test_what_the_log_shows_late_ends_an_acceptance() -> None:
    world = await a_world()
    await opened(world, PIPELINE, logged=[RELEASE])
    world.arm.activity.append((world.clock(), APP, frozenset({MALLORY})))
    await world.later(29 * 60)
    assert rules(world.state) == OPEN
    await world.later(2 * 60)
    assert rules(world.state) == GOOD


async def test_an_acceptance_that_the_complete_log_bears_out_stays() -> None:
    world = await a_world()
    await opened(world, PIPELINE, authentic=True, logged=[RELEASE])
    await world.later(3600)
    assert rules(world.state) == OPEN
    assert world.arm.calls.count("ask activity log") == 1


@pytest.mark.parametrize("authentic", [True, False], ids=["queue", "webhook"])
async def test_a_value_is_not_accepted_for_the_events_author_when_somebody_else_wrote_it_since(authentic: bool) -> None:
    world = await a_world()
    world.arm.activity.append((world.clock(), APP, frozenset({RELEASE})))
    # The pipeline widened the rule a little, somebody opened it wholly: both have written when the first event comes.
    await opened(world, PIPELINE, authentic=authentic)
    assert rules(world.state) == OPEN
    await heard(world, SOMEBODY, authentic=authentic)
    assert rules(world.state) == GOOD


async def test_a_late_event_of_before_the_last_good_look_contests_nothing() -> None:
    world = await a_world()
    await opened(world, PIPELINE, authentic=True)
    long_ago = world.clock.at.replace(year=2025, month=1)
    await world.event("firewallrules/write", APP, actor=SOMEBODY, at=long_ago)
    assert rules(world.state) == OPEN


async def test_the_pipeline_may_change_it_again() -> None:
    world = await a_world()
    await opened(world, PIPELINE, authentic=True)
    world.clock.advance(60)
    world.arm.set(world.target, RULE, WIDER)
    await heard(world, PIPELINE, authentic=True)
    assert rules(world.state) == {"app": ("203.0.113.0", "203.0.113.15")}


async def test_a_person_is_not_the_application_they_use() -> None:
    world = await a_world()
    await opened(world, WITH_THE_TOOL, authentic=True)
    assert rules(world.state) == GOOD


async def test_one_event_of_the_webhook_among_authentic_ones_has_the_log_asked() -> None:
    world = await a_world()
    world.arm.set(world.target, RULE, INTERNET)
    changes = {"id": "queue:1", "at": world.clock(), "actor": PIPELINE, "authentic": True}
    await world.store.remember(a_trigger(world.target, "firewallrules/write", APP, **changes))
    await opened(world, PIPELINE)
    assert rules(world.state) == GOOD
    assert world.arm.calls.count("ask activity log") == 1


async def test_with_patience_the_drift_is_left_until_the_log_knows() -> None:
    world = await a_world(patience_minutes=20)
    await opened(world, PIPELINE)
    assert rules(world.state) == OPEN
    world.arm.activity.append((world.clock(), APP, frozenset({RELEASE})))
    await world.later(121)
    await world.later(30 * 60)
    assert rules(world.state) == OPEN


async def test_there_is_no_patience_once_a_witness_names_somebody_else() -> None:
    world = await a_world(patience_minutes=20)
    await opened(world, PIPELINE, logged=[MALLORY])
    assert rules(world.state) == GOOD


async def test_there_is_no_patience_for_a_forged_name_beside_an_authentic_event() -> None:
    world = await a_world(patience_minutes=20)
    changes = {"id": "queue:1", "at": world.clock(), "actor": SOMEBODY, "authentic": True}
    await world.store.remember(a_trigger(world.target, "firewallrules/write", APP, **changes))
    await opened(world, PIPELINE)
    assert rules(world.state) == GOOD


async def test_patience_ends() -> None:
    world = await a_world(patience_minutes=20)
    await opened(world, PIPELINE)
    for _ in range(10):
        await world.later(119)
    assert rules(world.state) == OPEN
    await world.later(60)
    assert rules(world.state) == GOOD


async def test_our_own_identity_is_believed_no_sooner_than_anybody() -> None:
    world = await a_world()
    await opened(world, HOLDFAST)
    assert rules(world.state) == GOOD


async def test_a_change_of_our_own_that_is_borne_out_is_told_and_left() -> None:
    world = await a_world()
    await opened(world, HOLDFAST, authentic=True)
    assert rules(world.state) == OPEN


@pytest.mark.parametrize(
    "failure", [Unreachable("the log does not answer", 5), Forbidden("not allowed", "p", "s")], ids=["no answer", "403"]
)
async def test_a_witness_that_does_not_answer_stops_all_writing(failure: Exception) -> None:
    world = await a_world()

    def fail(what: str) -> None:
        raise failure

    world.arm.on_ask = fail
    await opened(world, PIPELINE)
    assert rules(world.state) == OPEN
    assert world.arm.writes == []
    assert Stage.INTENDED not in await world.stages()


async def test_a_change_that_names_nobody_trusted_costs_no_question() -> None:
    world = await a_world()
    await opened(world, SOMEBODY)
    assert rules(world.state) == GOOD
    assert "ask activity log" not in world.arm.calls
