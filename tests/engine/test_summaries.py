"""What the overview is told of a server: how each control stands, written when something changes and only then."""

from datetime import timedelta

import pytest

from shared.errors import Forbidden, Hidden, StoreUnavailable
from shared.journal import Origin, Trigger
from shared.memory import Memory
from shared.orders import Exemption, Hold, Orders
from shared.policy import Mode, Policy
from shared.standing import change_orders
from shared.state import Facet
from shared.summaries import key_of, summaries, summary_of
from shared.summary import Mark, Summary
from shared.sweeping import Sweeping
from shared.target import Target
from tests.builders import NOON, a_policy, a_state
from tests.engine.world import PUBLIC_ACCESS, RULE, World, wide
from tests.fakes.store import MemoryStore

OPEN = "public-network-access-disabled"
AUDIT = a_policy(mode=Mode.AUDIT)


async def shown(world: World) -> Summary:
    (one,) = await summaries(world.store)
    assert one == await summary_of(world.store, key_of(world.target))
    assert (one.target, one.summary) == (world.target.id, (await world.store.load(world.target)).memory.summary)
    return one.summary


async def a_world(policy: Policy = AUDIT) -> World:
    world = World(policy=policy)
    await world.baseline()
    return world


async def test_a_first_look_says_how_every_control_stands() -> None:
    marks = (await shown(await a_world())).marks
    assert set(marks.values()) == {Mark.OK}
    assert OPEN in marks


async def test_a_drift_that_is_left_alone_is_shown_until_it_is_gone() -> None:
    world = await a_world()
    await world.change(PUBLIC_ACCESS, "Enabled")
    assert (await shown(world)).marks[OPEN] is Mark.DRIFT
    await world.change(PUBLIC_ACCESS, "Disabled")
    assert (await shown(world)).marks[OPEN] is Mark.OK


async def test_what_is_put_right_at_once_costs_the_store_nothing_more() -> None:
    world = await a_world(a_policy())
    before = await world.store.documents("servers/")
    await world.change(PUBLIC_ACCESS, "Enabled")
    assert world.state.value(PUBLIC_ACCESS) == "Disabled"
    assert await world.store.documents("servers/") == before


async def test_a_hold_and_an_exemption_are_told_apart_from_a_drift() -> None:
    world = await a_world(a_policy())
    await change_orders(world.store, lambda _: Orders(holds=(Hold("h", "", "a migration", "ada", NOON),)))
    await world.change(PUBLIC_ACCESS, "Enabled")
    assert (await shown(world)).marks[OPEN] is Mark.HELD
    exemption = Exemption("e", "", (OPEN,), "r", "ada", world.clock() + timedelta(hours=9))
    await change_orders(world.store, lambda _: Orders(exemptions=(exemption,)))
    await world.event("*")
    assert (await shown(world)).marks[OPEN] is Mark.EXEMPT


async def test_a_look_at_one_thing_leaves_what_is_known_of_the_others() -> None:
    world = await a_world()
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await world.event("*")
    await world.change(RULE, {"startIpAddress": wide().start, "endIpAddress": wide().end})
    marks = (await shown(world)).marks
    assert marks[OPEN] is marks["firewall-no-any-any"] is Mark.DRIFT


async def test_a_server_that_cannot_be_read_says_so_until_it_can() -> None:
    world = await a_world()

    def refuse(_target: Target, _facet: Facet) -> None:
        raise Forbidden("no right to read", "read", world.target.id)

    seeing, world.arm.on_read = world.arm.on_read, refuse
    await world.event("*")
    assert "no right to read" in (await shown(world)).trouble
    world.arm.on_read = seeing
    await world.event("*")
    assert (await shown(world)).trouble == ""


async def test_a_deleted_server_is_shown_no_more() -> None:
    world = await a_world()
    del world.arm.states[world.target]
    await world.event("delete")
    assert await summaries(world.store) == []


async def swept(world: World) -> None:
    await Sweeping(world.store, world.arm.servers, world.clock).begin()
    world.clock.advance(600)
    for subject in world.store.take_due(world.store.sweep):
        if isinstance(subject, Target):
            await world.store.remember(Trigger("sweep", subject.id, "*", "", world.clock(), Origin.SWEEP))
    await world.run_due()


async def test_a_server_deleted_without_an_event_leaves_the_overview_with_the_next_sweep_and_its_records_stay() -> None:
    world = await a_world()
    await world.change(PUBLIC_ACCESS, "Enabled")
    records = await world.entries()
    del world.arm.states[world.target]
    await swept(world)
    assert await summaries(world.store) == []
    assert {entry.record for entry in records} <= {entry.record for entry in await world.entries()}


async def test_a_server_that_is_not_listed_because_nobody_may_read_it_stays_on_the_overview() -> None:
    world = await a_world()

    def refuse(_target: Target, _facet: Facet) -> None:
        raise Forbidden("no right to read", "read", world.target.id)

    del world.arm.states[world.target]
    world.arm.on_read = refuse
    await swept(world)
    assert "no right to read" in (await shown(world)).trouble


def hide_everything(world: World) -> None:
    def hide(target: Target, _facet: Facet) -> None:
        raise Hidden("SubscriptionNotFound", "read", target.id)

    world.arm.on_read = hide


async def test_a_forged_event_of_a_subscription_that_is_not_shown_to_us_leaves_nothing_behind() -> None:
    world = World()
    hide_everything(world)
    await world.event("*")
    assert (await summaries(world.store), await world.entries(), await world.notices()) == ([], [], [])
    assert world.store.memory_of(world.target) == Memory()


async def test_a_server_that_was_looked_at_stays_when_its_subscription_is_shown_no_more() -> None:
    world = await a_world()
    hide_everything(world)
    await world.event("*")
    assert "SubscriptionNotFound" in (await shown(world)).trouble


async def test_an_unchanged_server_is_written_anew_each_hour() -> None:
    world = await a_world()
    first = (await shown(world)).at
    world.clock.advance(600)
    await world.event("*")
    assert (await shown(world)).at == first
    world.clock.advance(3600)
    await world.event("*")
    assert (await shown(world)).at == world.clock()


class _Full(MemoryStore):
    """Takes everything but the documents of servers."""

    async def write_document(self, name: str, body: bytes, version: str = "") -> str:
        if name.startswith("servers/"):
            raise StoreUnavailable("the store is full")
        return await super().write_document(name, body, version)


async def test_a_summary_that_cannot_be_written_fails_no_look(caplog: pytest.LogCaptureFixture) -> None:
    world = World(a_state(), policy=a_policy())
    world.store = _Full(world.clock)
    world.with_policy(world.policy)
    await world.baseline()
    await world.change(PUBLIC_ACCESS, "Enabled")
    assert world.state.value(PUBLIC_ACCESS) == "Disabled"
    assert "the store is full" in caplog.text
