"""`holdfast hold`, `release` and `holds`: the kill switch."""

import pytest

from shared.journal import Stage
from shared.orders import Hold
from shared.standing import orders_of
from shared.target import FLEET
from tests.builders import SUBSCRIPTION, a_state, a_target
from tests.cli.terminal import ADA, Printed, Terminal, a_public_world
from tests.engine.world import APP, INTERNET, RULE, World, rules

_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-payments"


async def _type(world: World, *words: str) -> Printed:
    return await Terminal(world).types(*words)


async def _holds(world: World) -> tuple[Hold, ...]:
    return (await orders_of(world.store)).holds


async def _public() -> World:
    world = a_public_world()
    await world.baseline()
    return world


@pytest.mark.parametrize("place", ["pg-payments", "--everything", _GROUP, f"{_GROUP}/"])
async def test_nothing_is_written_where_it_is_held(place: str) -> None:
    world = await _public()
    printed = await _type(world, "hold", place, "--reason", "migration")
    await world.change(RULE, INTERNET)
    assert printed.code == 0
    assert printed.lacks("■ held", "Nothing is written there until `holdfast release") == []
    assert world.arm.writes == []


async def test_a_release_has_the_server_looked_at_again() -> None:
    world = await _public()
    await _type(world, "hold", "pg-payments", "--reason", "migration")
    await world.change(RULE, INTERNET)
    printed = await _type(world, "release", "pg-payments", "--reason", "done")
    await world.run_due()
    assert printed.lacks("▶ released: pg-payments, held by ada.admin@contoso.example", "1 server will be") == []
    assert rules(world.state) == {"app": (APP["startIpAddress"], APP["endIpAddress"])}


async def test_a_wide_release_has_all_its_servers_looked_at_again() -> None:
    world = World(a_state(), a_state(a_target("pg-ledger")))
    await _type(world, "hold", _GROUP, "--reason", "migration")
    (order,) = await _holds(world)
    printed = await _type(world, "release", order.id[-8:])
    assert printed.lacks("2 servers will be looked at now.") == []
    assert await _holds(world) == ()


async def test_a_hold_for_one_control_leaves_the_others_alone() -> None:
    world = await _public()
    await _type(world, "hold", "pg-payments", "--control", "tls-required", "--reason", "old clients")
    await world.change(RULE, INTERNET)
    assert world.arm.writes == [str(RULE)]


async def test_releasing_everything_leaves_single_servers_held() -> None:
    world = World()
    await _type(world, "hold", "--everything", "--reason", "what is going on?")
    await _type(world, "hold", "pg-payments", "--reason", "migration")
    printed = await _type(world, "release", "--everything")
    assert [order.scope for order in await _holds(world)] == [world.target.id.lower()]
    assert printed.lacks("1 other hold in force") == []


async def test_every_order_is_recorded_with_its_giver() -> None:
    world = World()
    await _type(world, "hold", "--everything", "--reason", "stop")
    (entry,) = await world.store.history(FLEET)
    assert entry.stage is Stage.ORDERED
    assert entry.detail == f"{ADA.name} holds everything: stop"


async def test_the_list_says_what_by_whom_and_why() -> None:
    world = World()
    assert (await _type(world, "holds")).lacks("Nothing is held.") == []
    await _type(world, "hold", "pg-payments", "--control", "tls-required", "--reason", "old clients")
    assert (await _type(world, "holds")).lacks("pg-payments for tls-required", "old clients", ADA.name) == []
    (found,) = (await _type(world, "holds", "--format", "json")).json
    assert (found["control"], found["by"], found["automatic"]) == ("tls-required", ADA.name, False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hold"], "say what to hold"),
        (["hold", "pg-payments", "--everything", "--reason", "x"], "say what to hold"),
        (["hold", "--everything"], "a hold needs a reason"),
        (["hold", "/subscriptions/x", "--reason", "x"], "wanted a server's name or a management group, subscription"),
        (["hold", "--everything", "--reason", "x", "--control", "tls"], "no control is named 'tls'"),
        (["release"], "say which holds"),
        (["release", "--everything"], "no hold on everything is in force"),
        (["release", "pg-payments"], "no hold on pg-payments is in force"),
        (["release", "nonsense"], "'nonsense' is neither a hold nor a place"),
    ],
)
async def test_what_makes_no_sense_is_refused(words: list[str], said: str) -> None:
    world = World()
    printed = await _type(world, *words)
    assert printed.code == 2
    assert printed.lacks(said) == []
    assert await _holds(world) == ()
