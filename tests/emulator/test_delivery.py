"""How events come: handshake, schemas, filters, retries, dead letters, duplicates, delays, losses, disorder."""

from typing import Any

import pytest

from emulator.app import Emulator
from emulator.grid.subscriptions import SubscriptionSpec
from emulator.settings import Settings
from tests.emulator.arm_client import OPEN, RULE, ArmClient, Bench, bench_at
from tests.emulator.webhook import Webhook

_HOME = f"{OPEN}/firewallRules/home"


async def _subscribe(bench: Bench, hook: Webhook, **more: Any) -> int:
    return (await bench.control.send("POST", "/subscriptions", {"endpoint": hook.url, **more})).status


async def _settled(bench: Bench) -> dict[str, Any]:
    body: dict[str, Any] = (await bench.control.send("GET", "/events?settle_seconds=5")).body
    assert body["pending"] == 0
    return body


async def test_a_delivery_is_an_array_of_one(bench: Bench, hook: Webhook, dana: ArmClient) -> None:
    await _subscribe(bench, hook)
    await dana.put(_HOME, RULE)
    await hook.arrived(1)
    headers, body = hook.seen[0]
    assert len(body) == 1
    assert headers["aeg-event-type"] == "Notification"
    assert headers["aeg-subscription-name"] == "HOLDFAST"
    assert headers["aeg-delivery-count"] == "0"


async def test_cloud_events_come_one_at_a_time(bench: Bench, hook: Webhook, dana: ArmClient) -> None:
    assert await _subscribe(bench, hook, schema="CloudEventSchemaV1_0") == 201
    await dana.put(_HOME, RULE)
    (event,) = await hook.arrived(1)
    assert hook.seen[0][0]["Content-Type"].startswith("application/cloudevents+json")
    assert event["specversion"] == "1.0"
    assert event["type"] == "Microsoft.Resources.ResourceWriteSuccess"
    assert event["source"] == "/".join(OPEN.split("/")[:3])


@pytest.mark.parametrize("schema", ["EventGridSchema", "CloudEventSchemaV1_0"])
async def test_without_the_handshake_nothing_comes(bench: Bench, hook: Webhook, dana: ArmClient, schema: str) -> None:
    hook.shakes_hands = False
    assert await _subscribe(bench, hook, schema=schema) == 400
    await dana.put(_HOME, RULE)
    assert (await _settled(bench))["deliveries"] == []


async def test_filters_are_by_type_and_operation(bench: Bench, hook: Webhook, dana: ArmClient) -> None:
    prefix = "microsoft.dbforpostgresql/flexibleservers/firewallrules"
    types = ["Microsoft.Resources.ResourceWriteSuccess"]
    await _subscribe(bench, hook, includedEventTypes=types, operationPrefixes=[prefix])
    await dana.patch(OPEN, {"tags": {}})
    await dana.put(_HOME, RULE)
    await dana.delete(_HOME)
    await _settled(bench)
    assert [one["data"]["operationName"].rpartition("/")[2] for one in hook.events] == ["write"]


async def test_a_failing_endpoint_is_tried_again(bench: Bench, hook: Webhook, dana: ArmClient) -> None:
    await _subscribe(bench, hook)
    hook.answers = [500, 429, 202]
    await dana.put(_HOME, RULE)
    (delivery,) = (await _settled(bench))["deliveries"]
    assert delivery["statuses"] == [500, 429, 202]
    assert [headers["aeg-delivery-count"] for headers, _ in hook.seen] == ["0", "1", "2"]
    assert len({event["id"] for event in hook.events}) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 413])
async def test_some_answers_are_final(bench: Bench, hook: Webhook, dana: ArmClient, status: int) -> None:
    await _subscribe(bench, hook)
    hook.answers = [status]
    await dana.put(_HOME, RULE)
    (letter,) = (await _settled(bench))["deadLetters"]
    assert letter["deliveryAttempts"] == 1
    assert {"deadLetterReason", "lastDeliveryOutcome", "publishTime", "lastDeliveryAttemptTime"} < set(letter)


async def test_after_the_last_attempt_it_is_a_dead_letter(hook: Webhook) -> None:
    settings = Settings(time_scale=0.0001, delivery_attempts=3)
    async with Emulator(settings=settings).running() as address, bench_at(address) as bench:
        await _subscribe(bench, hook)
        hook.answers = [500] * 3
        await (await bench.arm("dana")).put(_HOME, RULE)
        (letter,) = (await _settled(bench))["deadLetters"]
    assert (letter["deadLetterReason"], letter["deliveryAttempts"]) == ("MaxDeliveryAttemptsExceeded", 3)


async def test_an_endpoint_that_is_gone_is_tried_again(
    bench: Bench, hook: Webhook, dana: ArmClient, azure: Emulator
) -> None:
    await _subscribe(bench, hook)
    azure.courier.subscriptions["holdfast"].spec = SubscriptionSpec(endpoint="http://127.0.0.1:9/hook")
    await dana.put(_HOME, RULE)
    while not azure.courier.deliveries[0].statuses:
        await azure.courier.settled(0.01)
    azure.courier.subscriptions["holdfast"].spec = SubscriptionSpec(endpoint=hook.url)
    assert await hook.arrived(1)


async def test_duplicates(bench: Bench, hook: Webhook, dana: ArmClient) -> None:
    await _subscribe(bench, hook)
    await bench.control.event_fault(duplicates=2, times=1)
    await dana.put(_HOME, RULE)
    events = await hook.arrived(3)
    assert len({event["id"] for event in events}) == 1


async def test_losses(bench: Bench, hook: Webhook, dana: ArmClient) -> None:
    await _subscribe(bench, hook)
    await bench.control.event_fault(operation="Microsoft.DBforPostgreSQL/flexibleServers/firewallRules", drop=True)
    await dana.put(_HOME, RULE)
    await dana.patch(OPEN, {"tags": {}})
    await _settled(bench)
    assert [event["subject"] for event in hook.events] == [OPEN]


async def test_delays_end_with_the_clock(bench: Bench, hook: Webhook, dana: ArmClient) -> None:
    await _subscribe(bench, hook)
    await bench.control.event_fault(delay_seconds=3600, times=1)
    await dana.put(_HOME, RULE)
    assert hook.events == []
    await bench.control.send("POST", "/clock", {"advance_seconds": 3601})
    assert await hook.arrived(1)


async def test_disorder(bench: Bench, hook: Webhook, dana: ArmClient) -> None:
    await _subscribe(bench, hook)
    await bench.control.event_fault(reorder=True, times=1)
    await dana.put(_HOME, RULE)
    await dana.delete(_HOME)
    events = await hook.arrived(2)
    assert [event["eventType"].rpartition(".")[2] for event in events] == [
        "ResourceDeleteSuccess",
        "ResourceWriteSuccess",
    ]


async def test_a_held_event_comes_even_alone(bench: Bench, hook: Webhook, dana: ArmClient) -> None:
    await _subscribe(bench, hook)
    await bench.control.event_fault(reorder=True, hold_seconds=0.01, times=1)
    await dana.put(_HOME, RULE)
    assert await hook.arrived(1)


async def test_a_subscription_given_at_start_waits_for_its_endpoint(hook: Webhook) -> None:
    hook.shakes_hands = False
    emulator = Emulator(subscriptions=[SubscriptionSpec(endpoint=hook.url)])
    async with emulator.running() as address, bench_at(address) as bench:
        hook.shakes_hands = True
        await emulator.courier.settled(5)
        assert (await bench.control.send("GET", "/subscriptions")).body["value"][0]["state"] == "Active"


async def test_any_event_can_be_sent(bench: Bench, hook: Webhook) -> None:
    await _subscribe(bench, hook)
    forged = {"eventType": "Microsoft.PolicyInsights.PolicyStateChanged", "subject": "forged", "data": {"a": 1}}
    assert (await bench.control.send("POST", "/events", forged)).status == 202
    (event,) = await hook.arrived(1)
    assert (event["subject"], event["data"]) == ("forged", {"a": 1})


async def test_a_subscription_can_be_taken_away(bench: Bench, hook: Webhook, dana: ArmClient) -> None:
    await _subscribe(bench, hook)
    assert (await bench.control.send("DELETE", "/subscriptions/holdfast")).status == 204
    await dana.put(_HOME, RULE)
    assert (await _settled(bench))["deliveries"] == []
