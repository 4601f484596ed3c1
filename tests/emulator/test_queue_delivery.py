"""Events that go into a storage queue: a real one, Azurite's, opened by a shared access signature."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import QueueSasPermissions, TextBase64DecodePolicy, generate_queue_sas
from azure.storage.queue.aio import QueueClient

from tests.azurite import Azurite, start_azurite
from tests.emulator.arm_client import OPEN, RULE, ArmClient, Bench

pytestmark = pytest.mark.azurite
_HOME = f"{OPEN}/firewallRules/home"


@pytest.fixture(scope="module")
def azurite() -> Iterator[Azurite]:
    with start_azurite() as found:
        yield found


@pytest.fixture
async def queue(azurite: Azurite, request: pytest.FixtureRequest) -> AsyncIterator[QueueClient]:
    name = request.node.name.replace("_", "-").split("[")[0][:60].rstrip("-")
    async with QueueClient.from_connection_string(
        azurite.connection_string, name, message_decode_policy=TextBase64DecodePolicy()
    ) as client:
        with suppress(ResourceExistsError):
            await client.create_queue()
        yield client


async def _subscribe(bench: Bench, queue: QueueClient, **more: Any) -> None:
    sas = generate_queue_sas(
        str(queue.account_name),
        queue.queue_name,
        queue.credential.account_key,
        permission=QueueSasPermissions(add=True),
        expiry=datetime.now(UTC) + timedelta(hours=1),
    )
    body = {"endpoint": f"{queue.url}?{sas}", "endpointType": "StorageQueue"} | more
    assert (await bench.control.send("POST", "/subscriptions", body)).status == 201


async def _deliveries(bench: Bench) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await bench.control.send("GET", "/events?settle_seconds=5")).body["deliveries"]
    return found


@pytest.mark.parametrize(("schema", "member"), [("EventGridSchema", "eventType"), ("CloudEventSchemaV1_0", "type")])
async def test_a_message_is_one_event_in_base64(
    bench: Bench, queue: QueueClient, dana: ArmClient, schema: str, member: str
) -> None:
    await queue.clear_messages()
    await _subscribe(bench, queue, schema=schema)
    await dana.put(_HOME, RULE)
    assert [one["statuses"] for one in await _deliveries(bench)] == [[201]]
    (message,) = [one async for one in queue.receive_messages()]
    assert json.loads(message.content)[member] == "Microsoft.Resources.ResourceWriteSuccess"


async def test_a_queue_that_is_not_there_is_tried_again_and_given_up(
    bench: Bench, queue: QueueClient, dana: ArmClient
) -> None:
    await _subscribe(bench, queue)
    await queue.delete_queue()
    await dana.put(_HOME, RULE)
    await bench.control.send("POST", "/clock", {"advance_seconds": 7 * 24 * 3600})
    (delivery,) = await _deliveries(bench)
    assert set(delivery["statuses"][:2]) == {404}


async def test_a_signature_that_does_not_hold_is_not_tried_again(
    bench: Bench, queue: QueueClient, dana: ArmClient
) -> None:
    body = {"endpoint": f"{queue.url}?sv=2025-11-05&sig=x", "endpointType": "StorageQueue"}
    await bench.control.send("POST", "/subscriptions", body)
    await dana.put(_HOME, RULE)
    (delivery,) = await _deliveries(bench)
    assert delivery["statuses"] == [403]
