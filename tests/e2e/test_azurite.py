"""The main job with its state in a storage account: Azurite, which Microsoft's own tools speak to."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from azure.core.exceptions import ResourceExistsError
from azure.storage.blob.aio import BlobLeaseClient, ContainerClient
from azure.storage.queue import QueueSasPermissions, generate_queue_sas
from azure.storage.queue.aio import QueueClient

from shared.alerts.known import known_alert
from shared.journal import Stage
from tests.azurite import Azurite, start_azurite
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import Sort
from tests.e2e.processes import HOLDFAST, output
from tests.e2e.stacks import pieces
from tests.e2e.waiting import until
from tests.e2e.world import World

pytestmark = pytest.mark.azurite


@pytest.fixture(scope="module")
def azurite() -> Iterator[Azurite]:
    with start_azurite() as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stored(
    azurite: Azurite, exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    async with pieces(tmp_path_factory.mktemp("azurite"), exchanges, storage=azurite.connection_string) as world:
        yield world


async def test_an_opened_server_is_closed_again_proven_and_told(stored: World) -> None:
    server = await stored.an_opened_server()
    record = await server.record(Stage.PROVEN)
    assert not await server.is_public()
    assert record.stages == [Stage.INTENDED, Stage.PROVEN]
    assert "changed by ada.admin@contoso.example" in server.message.title
    assert [event["eventType"] for event in await server.published()] == ["Holdfast.Remediated"]


@pytest_asyncio.fixture(loop_scope="session")
async def queued(stored: World, azurite: Azurite) -> AsyncIterator[World]:
    """Event Grid writes into the app's own queue, and does not call the webhook."""
    (webhook,) = (await stored.azure.control("GET", "/subscriptions"))["value"]
    async with QueueClient.from_connection_string(azurite.connection_string, "holdfast-events") as queue:
        await queue.create_queue()
        expiry, add = datetime.now(UTC) + timedelta(hours=1), QueueSasPermissions(add=True)
        key = queue.credential.account_key
        sas = generate_queue_sas(str(queue.account_name), queue.queue_name, key, permission=add, expiry=expiry)
        spec = {"name": "queue", "endpoint": f"{queue.url}?{sas}", "endpointType": "StorageQueue"}
    await stored.azure.control("DELETE", f"/subscriptions/{webhook['name']}")
    await stored.azure.control("POST", "/subscriptions", spec)
    yield stored
    await stored.azure.control("DELETE", "/subscriptions/queue")
    await stored.azure.control("POST", "/subscriptions", {name: webhook[name] for name in ("name", "endpoint")})


async def test_event_grid_may_write_into_the_apps_own_queue_instead(queued: World) -> None:
    server = await queued.an_opened_server()
    record = await server.record(Stage.PROVEN)
    assert record.stages == [Stage.INTENDED, Stage.PROVEN]
    assert "changed by ada.admin@contoso.example" in server.message.title


async def test_garbage_in_a_queue_becomes_a_dead_letter_that_the_command_lists(stored: World, azurite: Azurite) -> None:
    async with QueueClient.from_connection_string(azurite.connection_string, "holdfast-reconcile") as queue:
        await queue.send_message("bm8gd29yayBtZXNzYWdl")  # base64, as the host takes it: "no work message"
    letter = await stored.letter("no work message")
    assert letter.reason.startswith("not a work message")
    printed = await output(
        HOLDFAST, "dead-letters", "list", environment={"AzureWebJobsStorage": azurite.connection_string}
    )
    assert "no work message" in printed


async def test_a_poison_message_becomes_a_dead_letter(stored: World, azurite: Azurite) -> None:
    async with QueueClient.from_connection_string(azurite.connection_string, "holdfast-deliver-poison") as queue:
        with suppress(ResourceExistsError):
            await queue.create_queue()
        await queue.send_message("cG9pc29u")  # "poison"
    letter = await stored.letter("poison")
    assert (letter.source, letter.body) == ("deliver", "poison")


async def test_a_message_that_is_no_base64_does_not_stop_the_queue(stored: World, azurite: Azurite) -> None:
    async with QueueClient.from_connection_string(azurite.connection_string, "holdfast-reconcile") as queue:
        await queue.send_message("!!! no base64 !!!")
    server = await stored.an_opened_server()
    await server.record(Stage.PROVEN)


@pytest.mark.parametrize("seconds", [0.1, 0.3, 0.5])
async def test_killed_on_the_way_everything_converges(stored: World, azurite: Azurite, seconds: float) -> None:
    (host,) = stored.hosts
    server = await stored.an_opened_server(latency_ms=60)
    await asyncio.sleep(seconds)
    await host.kill()
    kills = [time.monotonic()]
    await _all_leases_end(azurite)
    await host.start()
    await server.nothing_is_left_to_do()
    await server.was_put_right_once(kills)


async def _all_leases_end(azurite: Azurite) -> None:
    """What waiting does to the leases of a dead host."""
    async with ContainerClient.from_connection_string(azurite.connection_string, "holdfast-leases") as leases:
        async for blob in leases.list_blobs():
            if blob.lease.status == "locked":
                await BlobLeaseClient(leases.get_blob_client(blob.name)).break_lease(0)


async def test_an_alert_that_no_door_brought_is_found_by_asking(stored: World) -> None:
    server = await stored.a_server(Sort.PRIVATE)
    alert = await stored.azure.raise_alert(server.target, "GeoAnomaly", export=False)
    for _ in range(2):
        await stored.by_hand("poll_alerts")
        known = await until(lambda: known_alert(stored.store, alert["name"]), "the alert is not known")
        assert known is not None
        assert [heard.door for heard in known.heard] == ["poll"]
    await server.has_been_asked("GET ")
    assert (await server.calls()).count("GET ") == 1
