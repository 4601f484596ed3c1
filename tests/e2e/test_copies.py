"""Copies end to end: created, mirrored by their creation, kept in step; and mirrored by hand across kinds."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from shared.journal import Stage
from shared.target import Kind, Target
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import Fleet, Sort
from tests.e2e.processes import HOLDFAST, ended
from tests.e2e.server import ADA, AUDITOR, Server
from tests.e2e.stacks import holdfast_up
from tests.e2e.waiting import until
from tests.e2e.world import World, policy

_LOCK, _LOCKS_AT = "/providers/Microsoft.Authorization/locks/keep", "2020-05-01"
_SOURCES = {
    Kind.FLEXIBLE: "sourceServerResourceId",
    Kind.SINGLE: "sourceServerId",
    Kind.CITUS: "sourceResourceId",
}
_PARAMETERS = {
    Kind.FLEXIBLE: "/configurations/log_disconnections",
    Kind.SINGLE: "/configurations/log_disconnections",
    Kind.CITUS: "/coordinatorConfigurations/log_disconnections",
}
_SORTS = {Kind.FLEXIBLE: Sort.PUBLIC, Kind.SINGLE: Sort.SINGLE, Kind.CITUS: Sort.CITUS}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def copies(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("copies")
    fleet = Fleet(folder / "fleet.json", {Sort.PUBLIC: 7, Sort.SINGLE: 4, Sort.CITUS: 1})
    async with holdfast_up(folder, exchanges, policy("copies.yaml"), fleet) as world:
        yield world


async def a_source(world: World, kind: Kind) -> Server:
    """A server with a tag, a lock and a parameter that somebody set."""
    source = await world.a_server(_SORTS[kind])
    await source.tag(ADA, owner="payments")
    await source.change(ADA, "PUT", _PARAMETERS[kind], {"value": "on"})
    if kind is Kind.SINGLE:
        await source.set(ADA, "azure.replication_support", "REPLICA")
    lock = {"properties": {"level": "CanNotDelete"}}
    await world.azure.call(ADA, "PUT", f"{source.id}{_LOCK}", lock, _LOCKS_AT)
    await source.nothing_is_left_to_do()
    return source


async def copied(world: World, source: Server, mode: str) -> Server:
    """Ada copies it."""
    kind = source.target.kind
    properties: dict[str, Any] = {_SOURCES[kind]: source.id}
    if kind is not Kind.CITUS:
        properties["createMode"] = mode
        if mode != "Replica":
            moment = "restorePointInTime" if kind is Kind.SINGLE else "pointInTimeUTC"
            properties[moment] = "2026-03-01T12:00:00Z"
    target = Target(kind, source.target.subscription, source.target.resource_group, f"{source.name}-copy")
    await world.azure.call(ADA, "PUT", target.id, {"location": "westeurope", "properties": properties})
    return Server(world, target, set())


async def tags(world: World, server: Server) -> dict[str, str]:
    found = await world.azure.call(AUDITOR, "GET", server.id)
    return dict(found.get("tags") or {})


async def is_locked(world: World, server: Server) -> bool:
    path = f"{server.id}/providers/Microsoft.Authorization/locks"
    found = await world.azure.call(AUDITOR, "GET", path, api_version=_LOCKS_AT)
    return any(one["id"].lower().startswith(server.id.lower()) for one in found["value"])


async def resources(world: World, server: Server) -> list[Any]:
    """What Azure holds of the server and below it."""
    found = (await world.azure.control("GET", "/state"))["resources"]
    bodies = found.items() if isinstance(found, dict) else ((one["id"], one) for one in found)
    mine = server.id.lower()
    return [body for name, body in bodies if str(name).lower() == mine or str(name).lower().startswith(f"{mine}/")]


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        (Kind.FLEXIBLE, "Replica"),
        (Kind.FLEXIBLE, "PointInTimeRestore"),
        (Kind.SINGLE, "Replica"),
        (Kind.SINGLE, "PointInTimeRestore"),
        (Kind.CITUS, "Replica"),
    ],
)
async def test_a_copy_is_mirrored_by_its_creation(copies: World, kind: Kind, mode: str) -> None:
    source = await a_source(copies, kind)
    before = await resources(copies, source)
    copy = await copied(copies, source, mode)
    record = await copy.record(Stage.PROVEN)
    await copy.nothing_is_left_to_do()
    assert (await tags(copies, copy)).get("owner") == "payments"
    assert await is_locked(copies, copy)
    if kind is not Kind.CITUS:
        assert await copy.parameter("log_disconnections") == "on"
    assert record.report.outcome == f"copied from {source.name} and proven by reading again"
    assert await resources(copies, source) == before
    assert [call for call in await source.calls() if not call.startswith("GET ")] == []


async def test_what_lets_somebody_in_waits_for_a_person(copies: World) -> None:
    source = await a_source(copies, Kind.FLEXIBLE)
    copy = await copied(copies, source, "Replica")
    asked = await copy.record(Stage.ASKED)
    assert {line.setting for line in asked.report.changes} >= {"firewallRules/office", "firewallRules/gateway"}
    await copy.nothing_is_left_to_do()
    assert await copy.rule("office") == ()
    titles = [message.title for message in copy.messages]
    assert any("needs your decision" in title for title in titles)
    assert any("was put right" in title for title in titles)


async def test_a_replica_is_kept_in_step_by_its_own_events(copies: World) -> None:
    source = await a_source(copies, Kind.FLEXIBLE)
    copy = await copied(copies, source, "Replica")
    await copy.record(Stage.PROVEN)
    await copy.nothing_is_left_to_do()
    await copies.azure.call(ADA, "DELETE", f"{copy.id}{_LOCK}", api_version=_LOCKS_AT)

    async def locked() -> bool:
        return await is_locked(copies, copy)

    await until(locked, "the lock did not come back")


async def test_it_is_mirrored_by_hand_across_kinds_and_taken_back(copies: World, tmp_path: Path) -> None:
    source, target = await a_source(copies, Kind.SINGLE), await copies.a_server(Sort.PUBLIC)
    up = tmp_path / "up.json"
    up.write_text(json.dumps(copies.line))
    desk = {"HOLDFAST_CONNECT": str(up), "HOLDFAST_AS": ADA.key}
    code, printed = await ended(HOLDFAST, "mirror", source.id, target.id, "--dry-run", environment=desk)
    assert code == 1, printed
    assert "is no replica of" in printed
    assert await target.writes() == []
    code, printed = await ended(HOLDFAST, "mirror", source.id, target.id, "--yes", environment=desk)
    assert code == 0, printed
    assert f"copied from {source.name} and proven by reading again" in printed
    assert (await tags(copies, target)).get("owner") == "payments"
    assert await target.parameter("log_disconnections") == "on"
    record = (await target.record(Stage.PROVEN)).entries[0].record
    code, printed = await ended(HOLDFAST, "undo", record, "--reason", "a rehearsal", "--yes", environment=desk)
    assert code == 0, printed
    assert "owner" not in await tags(copies, target)
    assert [call for call in await source.calls() if not call.startswith("GET ")] == []
