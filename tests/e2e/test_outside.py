"""What stands outside a server end to end: its key's vault, the vault's lock, the Defender plan. No event comes:
the sweep finds it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from shared.journal import Stage
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import SANDBOX, SANDBOX_SUBSCRIPTION, SUBSCRIPTION, Fleet, Sort
from tests.e2e.processes import HOLDFAST, ended
from tests.e2e.server import ADA, AUDITOR, DANA, OPENED, Server
from tests.e2e.stacks import holdfast_up
from tests.e2e.world import World, policy

_PLAN = (
    f"/subscriptions/{SANDBOX_SUBSCRIPTION}/providers/Microsoft.Security/pricings/OpenSourceRelationalDatabases",
    "2024-01-01",
)
_READ_VAULTS = "Microsoft.KeyVault/vaults/read"
_LOCK = {"level": "CanNotDelete", "notes": "Servers are lost with their key."}


def vault_of(server: Server) -> tuple[str, str]:
    group = f"/subscriptions/{SANDBOX_SUBSCRIPTION}/resourceGroups/{SANDBOX}"
    return f"{group}/providers/Microsoft.KeyVault/vaults/kv-{server.name}", "2023-07-01"


def lock_of(server: Server) -> tuple[str, str]:
    return f"{vault_of(server)[0]}/providers/Microsoft.Authorization/locks/keep", "2020-05-01"


async def shown(world: World, place: tuple[str, str]) -> dict[str, Any]:
    """A resource as Azure shows it."""
    found: dict[str, Any] = await world.azure.call(AUDITOR, "GET", place[0], api_version=place[1])
    return found


async def shut(world: World, server: Server) -> None:
    """Dana shuts trusted services out of the vault."""
    path, version = vault_of(server)
    acls = (await shown(world, (path, version)))["properties"]["networkAcls"]
    body = {"properties": {"networkAcls": {**acls, "bypass": "None"}}}
    await world.azure.call(DANA, "PATCH", path, body, version)


async def types(world: World, folder: Path, *words: str) -> str:
    """What a command of Ada's prints."""
    up = folder / "up.json"
    up.write_text(json.dumps(world.line))
    _, printed = await ended(HOLDFAST, *words, environment={"HOLDFAST_CONNECT": str(up), "HOLDFAST_AS": ADA.key})
    return printed


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def outside(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A running Holdfast that cares for what stands outside servers."""
    folder = tmp_path_factory.mktemp("outside")
    fleet = Fleet(folder / "fleet.json", {Sort.ENCRYPTED: 4, Sort.SINGLE: 1, Sort.CITUS: 1})
    async with holdfast_up(folder, exchanges, policy("outside.yaml"), fleet) as world:
        # What an event of a vault brings is told in test_keys.py.
        await world.azure.control("POST", "/faults", {"events": [{"subject": "kv-", "drop": True}]})
        yield world


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def half_blind(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The same, under an identity that may not read vaults."""
    folder = tmp_path_factory.mktemp("half-blind")
    fleet = Fleet(folder / "fleet.json", {Sort.ENCRYPTED: 1})
    bank = json.loads(fleet.path.read_text(encoding="utf-8"))
    for role in bank["roles"]:
        role["not_actions"] = [_READ_VAULTS]
    fleet.path.write_text(json.dumps(bank), encoding="utf-8")
    async with holdfast_up(folder, exchanges, policy("outside.yaml"), fleet) as world:
        yield world


async def test_what_was_changed_around_a_server_is_put_back_by_the_next_sweep(outside: World) -> None:
    server = await outside.a_server(Sort.ENCRYPTED)
    before = await shown(outside, vault_of(server))
    await shut(outside, server)
    await outside.azure.call(ADA, "DELETE", lock_of(server)[0], None, lock_of(server)[1])
    await outside.sweep()
    record = await server.record(Stage.PROVEN)
    assert record.controls == {"keyvault-network-trusted-services", "keyvault-delete-lock"}
    assert (await shown(outside, vault_of(server)))["properties"] == before["properties"]
    assert (await shown(outside, vault_of(server)))["tags"] == before["tags"]
    assert _LOCK.items() <= (await shown(outside, lock_of(server)))["properties"].items()
    assert sorted(await outside.holdfasts_writes()) == [f"PATCH {vault_of(server)[0]}", f"PUT {lock_of(server)[0]}"]


async def test_people_read_what_it_was_by_its_own_name(outside: World, tmp_path: Path) -> None:
    server = await outside.a_server(Sort.ENCRYPTED)
    await shut(outside, server)
    plan = await types(outside, tmp_path, "plan", server.name)
    assert f"PATCH {vault_of(server)[0]}" in plan
    assert "Microsoft.KeyVault/vaults/write" in plan
    await outside.sweep()
    record = await server.record(Stage.PROVEN)
    name = f"key vault kv-{server.name}: networkAcls.bypass"
    assert f"{name} was None, is now AzureServices" in server.message.title
    assert f"`{name}`: `None` → `AzureServices`" in server.message.text
    assert "not known, found by the regular sweep" in server.message.text
    story = await types(outside, tmp_path, "show", record.report.record[-8:])
    assert [text for text in (plan, story) if name not in text or "neighbours/" in text] == []


async def test_one_of_them_is_taken_back_by_an_undo(outside: World, tmp_path: Path) -> None:
    server = await outside.a_server(Sort.ENCRYPTED)
    await shut(outside, server)
    await outside.sweep()
    record = (await server.record(Stage.PROVEN)).report.record
    undone = await types(outside, tmp_path, "undo", record, "--reason", "agreed", "--exempt-for", "4h", "--yes")
    assert f"✓ undoes {record}: agreed" in undone
    await outside.sweep()
    assert (await shown(outside, vault_of(server)))["properties"]["networkAcls"]["bypass"] == "None"


async def test_a_defender_plan_that_is_switched_off_is_switched_on(outside: World) -> None:
    server = await outside.a_server(Sort.ENCRYPTED)
    path, version = _PLAN
    await outside.azure.call(ADA, "PUT", path, {"properties": {"pricingTier": "Free"}}, version)
    await outside.sweep()
    record = await server.record(Stage.PROVEN)
    assert record.controls == {"defender-plan-oss-databases"}
    assert (await shown(outside, _PLAN))["properties"]["pricingTier"] == "Standard"
    assert set(await outside.holdfasts_writes()) == {f"PUT {path}"}


async def test_the_plan_is_missed_on_every_kind_of_server(outside: World, tmp_path: Path) -> None:
    servers = [await outside.a_server(sort) for sort in (Sort.SINGLE, Sort.CITUS)]
    path, version = _PLAN[0].replace(SANDBOX_SUBSCRIPTION, SUBSCRIPTION), _PLAN[1]
    await outside.azure.call(ADA, "PUT", path, {"properties": {"pricingTier": "Free"}}, version)
    plans = [await types(outside, tmp_path, "plan", server.name) for server in servers]
    assert [plan for plan in plans if "attacks on the databases raise no alert" not in plan] == []
    assert [plan for plan in plans if f"PUT {path}" not in plan] == []


async def test_who_may_not_read_the_vault_is_told_once_and_still_looks_after_the_server(half_blind: World) -> None:
    server = await half_blind.a_server(Sort.ENCRYPTED)
    await server.nothing_is_left_to_do()
    for _ in range(2):
        await half_blind.sweep()
    await server.change(ADA, "PATCH", properties=OPENED)
    await server.record(Stage.PROVEN)
    assert not await server.is_public()
    blind, mended = server.messages
    assert f"{_READ_VAULTS} is missing on key vault kv-{server.name}" in blind.text
    assert "cannot be watched" in blind.title
    assert "what stands around the server could not be read; the rest is looked after" in blind.text
    assert "was put right" in mended.title
