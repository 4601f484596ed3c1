"""Looking before a failover: reads only, as much as can be had, and never taking what is hidden for empty."""

from datetime import timedelta
from typing import Any

import pytest

from shared.copies import COMPARED
from shared.errors import Forbidden, Refused, Throttled, Unreachable
from shared.failover.model import Survey
from shared.failover.survey import Surveyor
from shared.orders import Hold, Orders
from shared.policy import BreakGlass, Policy
from shared.ports import Lag
from shared.standing import change_orders
from shared.state import FIREWALL_RULES, Facet
from shared.target import Target
from tests.builders import NOON, a_policy
from tests.engine.world import World
from tests.failover.builders import VE, a_primary, a_replica, named
from tests.failover.world import a_world

A, B, C = named("pg-a"), named("pg-b"), named("pg-c")


def _world(**more: Any) -> World:
    return a_world(a_primary(endpoints=VE, replicas=("pg-b", "pg-c"), **more), a_replica(), a_replica("pg-c"))


async def _survey(world: World, only: Target | None = None, policy: Policy | None = None) -> Survey:
    surveyor = Surveyor(world.arm, world.store, policy or a_policy())
    return await surveyor.survey(A, only, NOON)


async def test_it_sees_the_primary_and_all_its_replicas_with_their_lag() -> None:
    world = _world()
    world.arm.lags[C] = Lag(99, NOON)
    survey = await _survey(world)
    assert [one.target for one in survey.replicas] == [B, C]
    assert [one.lag.seconds for one in survey.replicas] == [1.0, 99]
    assert world.arm.writes == []


async def test_a_named_replica_is_looked_at_even_where_azure_lists_none() -> None:
    world = _world()

    def lost(target: Target, _facet: Facet) -> None:
        if target == A:
            raise Unreachable("503", 60)

    world.arm.on_read = lost
    survey = await _survey(world, B)
    assert (survey.primary.state, survey.primary.why, survey.listed) == (None, "503", False)
    assert [one.target for one in survey.replicas] == [B]


@pytest.mark.parametrize("error", [Forbidden("no right", "x/read", "/y"), Throttled("429", 9)])
async def test_what_cannot_be_read_hides_nothing_else(error: Exception) -> None:
    world = _world()

    def hidden(target: Target, facet: Facet) -> None:
        if target == B and facet == FIREWALL_RULES:
            raise error

    world.arm.on_read = hidden
    replica = (await _survey(world)).replicas[0]
    assert replica.unseen == {FIREWALL_RULES: str(error)}
    assert replica.state is not None
    assert replica.state.server is not None
    assert "wal_level" in replica.state.parameters


async def test_a_server_that_is_gone_is_told() -> None:
    world = _world()
    del world.arm.states[B]
    replica = (await _survey(world)).replicas[0]
    assert replica.state is None
    assert "was not found" in replica.why


async def test_orders_and_tags_are_seen() -> None:
    until = NOON + timedelta(hours=2)
    world = _world(tags={"Emergency": until.isoformat()})
    hold = Hold("h", "", "stop", "Ada", NOON)
    await change_orders(world.store, lambda _: Orders((hold,)))
    policy = Policy(break_glass=BreakGlass(tag="emergency", longest_hours=12))
    survey = await _survey(world, policy=policy)
    assert survey.primary.break_glass_until == until
    assert survey.orders.holds == (hold,)


async def test_a_hold_that_cannot_be_placed_stops_it() -> None:
    world = _world()
    scope = "/providers/microsoft.management/managementgroups/mg-x"
    await change_orders(world.store, lambda _: Orders((Hold("h", scope, "stop", "Ada", NOON),)))
    with pytest.raises(Refused, match="whether anybody holds pg-a cannot be seen"):
        await _survey(world)


async def test_everything_that_copies_are_compared_in_is_read() -> None:
    world = _world()
    survey = await _survey(world)
    read = {call.removeprefix("read ") for call in world.arm.calls if call.startswith("read ")}
    assert {str(facet) for facet in COMPARED[A.kind]} <= read
    assert survey.primary.state is not None
    assert {"wal_level", "max_connections"} <= survey.primary.state.parameters.keys()
