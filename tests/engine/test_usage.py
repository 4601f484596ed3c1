"""A look writes down what the server uses outside itself, and only what is new: from there events find it."""

import json
from collections.abc import Sequence

import pytest

from shared.errors import Gone, StoreUnavailable
from shared.outside import Outside
from shared.state import Setting, SettingKind
from shared.target import Target
from shared.usage import servers_using
from tests.builders import a_server, a_state
from tests.engine.world import RULE, World
from tests.shared.test_outside import GROUP

_IDENTITIES = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
IDENTITY = Setting(SettingKind.PROPERTY, "identity")


def attached(*names: str) -> dict[str, str]:
    ids = [f"{_IDENTITIES}/{name}" for name in names]
    return {"type": "UserAssigned", "userAssignedIdentities": json.dumps(ids)}


def a_world() -> World:
    facts = {f"identity.{name}": text for name, text in attached("keys").items()}
    return World(a_state(server=a_server(facts=facts)))


async def users(world: World, name: str) -> Sequence[Target]:
    scope = f"{_IDENTITIES}/{name}".lower()
    return await servers_using(world.store, Outside(scope, "microsoft.managedidentity/userassignedidentities"))


def about_documents(world: World) -> list[str]:
    return [call for call in world.store.calls if "document" in call and call != "document"]


async def test_a_server_is_found_from_what_it_uses_once_it_was_looked_at() -> None:
    world = a_world()
    assert await users(world, "keys") == []
    await world.baseline()
    assert await users(world, "keys") == [world.target]


async def test_a_look_that_finds_nothing_new_asks_the_store_for_nothing_more() -> None:
    world = a_world()
    await world.baseline()
    world.store.calls.clear()
    await world.event("write")
    assert about_documents(world) == []


async def test_what_a_server_begins_and_ends_to_use_is_followed() -> None:
    world = a_world()
    await world.baseline()
    await world.change(IDENTITY, attached("other"))
    assert await users(world, "keys") == []
    assert await users(world, "other") == [world.target]


async def test_a_look_at_something_else_forgets_nothing() -> None:
    world = a_world()
    await world.baseline()
    await world.change(RULE, {"startIpAddress": "203.0.113.11", "endIpAddress": "203.0.113.11"})
    assert await users(world, "keys") == [world.target]


async def test_a_deleted_server_is_found_no_more() -> None:
    world = a_world()
    await world.baseline()
    target = world.target

    def gone(*_: object) -> None:
        raise Gone("not there")

    world.arm.on_read = gone
    await world.event("delete")
    assert await users(world, "keys") == []
    assert world.store.memory_of(target).uses == {}


async def test_a_worker_that_dies_between_the_index_and_its_commit_leaves_a_row_that_leads_here() -> None:
    world = a_world()

    def die(point: str) -> None:
        if point == "before commit" and world.store.calls[-1] == "commit":
            raise StoreUnavailable("killed")

    world.store.interrupt = die
    with pytest.raises(StoreUnavailable):
        await world.event("*")
    world.store.interrupt = lambda _: None
    assert await users(world, "keys") == [world.target]
    await world.later(120)
    await world.event("*")
    assert world.store.memory_of(world.target).uses["server"] == (f"{_IDENTITIES}/keys".lower(),)
