"""What comes from Event Grid: both schemas, arrays, notifications, and what is meant for others."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from shared.journal import Stage
from tests.e2e.fleet import SUBSCRIPTION, Sort
from tests.e2e.processes import ROOT
from tests.e2e.server import ADA, OPENED, Server
from tests.e2e.world import World

_CAPTURES = ROOT / "tests" / "captures"


@asynccontextmanager
async def _cloud_events(world: World) -> AsyncIterator[None]:
    """Have Event Grid speak CloudEvents 1.0 while the block runs."""
    await world.subscribe(world.line["events"], "CloudEventSchemaV1_0")
    try:
        yield
    finally:
        await world.subscribe(world.line["events"])


def _about(server: Server, name: str) -> dict[str, Any]:
    """A captured event, as if it were about this server."""
    event: dict[str, Any] = json.loads((_CAPTURES / name).read_text(encoding="utf-8"))
    event["id"] = f"captured-for-{server.name}"
    event["subject"] = event["data"]["resourceInfo"]["id"] = server.id
    return event


async def test_cloud_events_are_understood(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    async with _cloud_events(world):
        await server.change(ADA, "PATCH", properties=OPENED)
        record = await server.record(Stage.PROVEN)
    assert not await server.is_public()
    assert record.report.trigger is not None
    assert record.report.trigger.actor is not None
    assert record.report.trigger.actor.name == "ada.admin@contoso.example"


async def test_every_event_of_an_array_is_handled(world: World) -> None:
    servers = [await world.a_server(Sort.PRIVATE) for _ in range(3)]
    events = [await world.lost_event(server) for server in servers]
    assert await world.deliver(events) == 202
    for server in servers:
        await server.record(Stage.PROVEN)
        assert not await server.is_public()


async def test_one_bad_event_of_an_array_does_not_hold_up_the_others(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    event = await world.lost_event(server)
    bad = {**event, "id": f"bad-for-{server.name}", "data": {"resourceUri": f"{server.id}/../x"}}
    assert await world.deliver([bad, event, bad]) == 202
    await server.record(Stage.PROVEN)
    assert (await world.letter(bad["id"])).source == "event"


@pytest.mark.parametrize("schema", ["eventgrid", "cloudevents"])
async def test_resource_notifications_are_understood(world: World, schema: str) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await world.lost_event(server)
    assert await world.deliver(_about(server, f"{schema}-notification-created-or-updated.json")) == 202
    await server.record(Stage.PROVEN)
    assert not await server.is_public()
    assert "**Who**: not known" in server.message.text


@pytest.mark.parametrize(
    "resource",
    [
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-held/providers/Microsoft.Storage/storageAccounts/stheld",
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-held",
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-held/providers/Microsoft.DBforMySQL/flexibleServers/private-00",
    ],
)
async def test_events_of_others_are_accepted_and_ignored(world: World, resource: str) -> None:
    letters = len(await world.store.dead_letters(1000))
    event = {
        "id": "somebody-elses",
        "topic": f"/subscriptions/{SUBSCRIPTION}",
        "subject": resource,
        "eventType": "Microsoft.Resources.ResourceWriteSuccess",
        "eventTime": "2026-03-01T12:00:00Z",
        "dataVersion": "2",
        "metadataVersion": "1",
        "data": {"resourceUri": resource, "operationName": "Microsoft.Storage/storageAccounts/write"},
    }
    assert await world.deliver(event) == 202
    assert len(await world.store.dead_letters(1000)) == letters


async def test_an_unknown_kind_of_event_is_accepted_and_ignored(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    event = {
        "id": "key-vault",
        "topic": "/",
        "subject": server.id,
        "eventType": "Microsoft.KeyVault.SecretNearExpiry",
        "eventTime": "2026-03-01T12:00:00Z",
        "dataVersion": "1",
        "metadataVersion": "1",
        "data": {"resourceUri": server.id},
    }
    assert await world.deliver(event) == 202
    await server.nothing_is_left_to_do()
    assert await server.calls() == []
