"""What Event Grid may do with events: other schemas, arrays, twice, late, out of order, not at all."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from shared.journal import Origin, Stage
from tests.e2e.fleet import SUBSCRIPTION, Sort
from tests.e2e.processes import ROOT
from tests.e2e.world import ADA, DANA, OPENED, Server, World

_SOMEBODY = {"startIpAddress": "203.0.113.5", "endIpAddress": "203.0.113.5"}
_CAPTURES = ROOT / "tests" / "captures"


@asynccontextmanager
async def _cloud_events(world: World) -> AsyncIterator[None]:
    """Have Event Grid speak CloudEvents 1.0 while the block runs."""
    await world.subscribe(world.line["events"], "CloudEventSchemaV1_0")
    try:
        yield
    finally:
        await world.subscribe(world.line["events"])


async def _lost_event(world: World, server: Server) -> dict[str, Any]:
    """Open the server without Event Grid telling anybody; the event that nobody got."""
    await server.event_fault(drop=True, times=1)
    await server.change(ADA, "PATCH", properties=OPENED)
    (event,) = await world.published_by_azure(server)
    return event


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
    events = [await _lost_event(world, server) for server in servers]
    assert await world.deliver(events) == 202
    for server in servers:
        await server.record(Stage.PROVEN)
        assert not await server.is_public()


async def test_one_bad_event_of_an_array_does_not_hold_up_the_others(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    event = await _lost_event(world, server)
    bad = {**event, "id": f"bad-for-{server.name}", "data": {"resourceUri": f"{server.id}/../x"}}
    assert await world.deliver([bad, event, bad]) == 202
    await server.record(Stage.PROVEN)
    assert (await world.letter(bad["id"])).source == "event"


@pytest.mark.parametrize("schema", ["eventgrid", "cloudevents"])
async def test_resource_notifications_are_understood(world: World, schema: str) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await _lost_event(world, server)
    assert await world.deliver(_about(server, f"{schema}-notification-created-or-updated.json")) == 202
    await server.record(Stage.PROVEN)
    assert not await server.is_public()
    assert "**Who**: not known" in server.message.text


async def test_an_event_that_comes_four_times_is_told_once(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await server.event_fault(duplicates=3)
    await server.change(ADA, "PATCH", properties=OPENED)
    await server.nothing_is_left_to_do()
    assert [record.stages for record in await server.records()] == [[Stage.INTENDED, Stage.PROVEN]]
    assert await server.writes() == ["PATCH "]
    assert len(server.messages) == len(await server.published()) == 1


async def test_an_event_that_comes_again_later_costs_one_read(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await server.change(ADA, "PATCH", properties=OPENED)
    await server.nothing_is_left_to_do()
    before = await server.calls()
    (event, _echo) = await world.published_by_azure(server)
    assert await world.deliver(event) == 202
    await server.nothing_is_left_to_do()
    assert (await server.calls())[len(before) :] == ["GET "]
    assert len(await server.records()) == 1


async def test_events_out_of_order_end_in_the_right_state(world: World) -> None:
    server = await world.a_server(Sort.PUBLIC)
    await server.event_fault(reorder=True, times=1)
    await server.change(DANA, "PUT", "/firewallRules/holiday", _SOMEBODY)
    await server.set(DANA, "require_secure_transport", "off")
    await server.nothing_is_left_to_do()
    assert await server.rule("holiday") == ()
    assert await server.parameter("require_secure_transport") == "on"
    assert {control for record in await server.records() for control in record.controls} == {
        "firewall-rule-allowlist",
        "tls-required",
    }


async def test_a_late_event_finds_what_it_is_about(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await server.event_fault(delay_seconds=0.5)
    await server.change(ADA, "PATCH", properties=OPENED)
    assert await server.is_public()
    await server.record(Stage.PROVEN)
    assert not await server.is_public()


async def test_an_event_of_a_drift_that_is_gone_again_does_nothing(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    event = await _lost_event(world, server)
    await server.event_fault(drop=True, times=1)
    await server.change(ADA, "PATCH", properties={"network": {"publicNetworkAccess": "Disabled"}})
    assert await world.deliver(event) == 202
    await server.nothing_is_left_to_do()
    assert (await server.calls(), await server.records()) == (["GET "], [])


async def test_what_a_lost_event_was_about_is_found_by_the_sweep(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await _lost_event(world, server)
    await world.sweep()
    record = await server.record(Stage.PROVEN)
    assert not await server.is_public()
    assert record.report.trigger is not None
    assert record.report.trigger.origin is Origin.SWEEP
    assert "found by the regular sweep" in server.message.text


async def test_our_own_echo_costs_no_call(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await server.change(ADA, "PATCH", properties=OPENED)
    await server.nothing_is_left_to_do()
    published = await world.published_by_azure(server)
    assert len(published) == 2  # hers and ours
    assert await server.calls() == ["GET ", "PATCH ", "GET "]


async def test_a_forged_event_costs_one_read(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    forged = {"resourceUri": server.id, "operationName": "Microsoft.DBforPostgreSQL/flexibleServers/write"}
    await world.publish({"eventType": "Microsoft.Resources.ResourceWriteSuccess", "subject": server.id, "data": forged})
    await server.has_been_asked("GET ")
    await server.nothing_is_left_to_do()
    assert (await server.calls(), await server.records()) == (["GET "], [])


async def test_who_forges_an_echo_does_not_blind_us(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await server.change(ADA, "PATCH", properties=OPENED)
    first = await server.record(Stage.PROVEN)
    event = await _lost_event_with_correlation(world, server, first.report.record)
    assert await world.deliver(event) == 202
    await server.nothing_is_left_to_do()
    assert not await server.is_public()


async def _lost_event_with_correlation(world: World, server: Server, correlation_id: str) -> dict[str, Any]:
    await server.nothing_is_left_to_do()
    await server.event_fault(drop=True, times=1)
    await server.change(ADA, "PATCH", properties=OPENED)
    event = (await world.published_by_azure(server))[-1]
    event["data"]["correlationId"] = correlation_id
    return event


async def test_in_a_burst_of_events_each_drift_is_put_back_once(world: World) -> None:
    server = await world.a_server(Sort.PUBLIC)
    for number in range(10):
        await server.change(DANA, "PUT", f"/firewallRules/rule-{number}", _SOMEBODY)
    await server.nothing_is_left_to_do()
    rules = await world.azure.call(ADA, "GET", f"{server.id}/firewallRules")
    assert {rule["name"] for rule in rules["value"]} == {"gateway", "office"}
    proven = [record for record in await server.records() if Stage.PROVEN in record.stages]
    fixed = [change.setting for record in proven for change in record.report.changes]
    assert sorted(fixed) == [f"firewallRules/rule-{number}" for number in range(10)]


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
