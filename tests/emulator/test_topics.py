"""The topic endpoint takes what azure-eventgrid's publisher sends, with key or token."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.core.messaging import CloudEvent
from azure.core.pipeline.transport import AioHttpTransport
from azure.eventgrid import EventGridEvent
from azure.eventgrid.aio import EventGridPublisherClient
from azure.identity.aio import ManagedIdentityCredential

from tests.emulator.arm_client import Bench

_EVENT = EventGridEvent(subject="pg-partners", event_type="Holdfast.Fixed", data={"control": "x"}, data_version="1")


@pytest.fixture
async def publisher(bench: Bench) -> AsyncIterator[EventGridPublisherClient]:
    async with _publisher(bench, AzureKeyCredential(bench.address.topic_key)) as found:
        yield found
    await asyncio.sleep(0)


def _publisher(bench: Bench, credential: Any, topic: str = "") -> EventGridPublisherClient:
    transport = AioHttpTransport(connection_verify=bench.address.ca)
    endpoint = bench.address.topic_endpoint.replace("holdfast-events", topic or "holdfast-events")
    return EventGridPublisherClient(endpoint, credential, transport=transport, retry_total=0)


async def _received(bench: Bench) -> list[dict[str, Any]]:
    body: dict[str, Any] = (await bench.control.send("GET", "/topics/holdfast-events")).body
    events: list[dict[str, Any]] = body["events"]
    return events


async def test_event_grid_events_and_cloud_events_are_kept(publisher: EventGridPublisherClient, bench: Bench) -> None:
    await publisher.send([_EVENT])
    await publisher.send([CloudEvent(source="/holdfast", type="Holdfast.Fixed", data={"control": "y"})])
    grid, cloud = await _received(bench)
    assert (grid["eventType"], grid["data"]) == ("Holdfast.Fixed", {"control": "x"})
    assert (cloud["specversion"], cloud["data"]) == ("1.0", {"control": "y"})


async def test_the_apps_identity_may_publish(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in bench.address.environment("holdfast").items():
        monkeypatch.setenv(name, value)
    async with ManagedIdentityCredential() as credential, _publisher(bench, credential) as publisher:
        await publisher.send([_EVENT])
    assert len(await _received(bench)) == 1


async def test_an_owner_may_not_publish_without_the_data_action(bench: Bench) -> None:
    headers = {"Authorization": f"Bearer {await bench.token('ada', 'https://eventgrid.azure.net')}"}
    async with bench.session.post(bench.address.topic_endpoint, json=[], headers=headers) as response:
        assert response.status == 403


async def test_a_wrong_key_is_refused(bench: Bench) -> None:
    async with _publisher(bench, AzureKeyCredential("wrong")) as publisher:
        with pytest.raises(ClientAuthenticationError):
            await publisher.send([_EVENT])


async def test_a_topic_that_is_not_there_is_404(bench: Bench) -> None:
    async with _publisher(bench, AzureKeyCredential(bench.address.topic_key), "nowhere") as publisher:
        with pytest.raises(HttpResponseError, match="Resource not found"):
            await publisher.send([_EVENT])


@pytest.mark.parametrize("body", [[{"id": "1"}], ["text"], [{"specversion": "0.3"}]])
async def test_events_must_be_whole(bench: Bench, body: list[Any]) -> None:
    headers = {"aeg-sas-key": bench.address.topic_key}
    async with bench.session.post(bench.address.topic_endpoint, json=body, headers=headers) as response:
        assert response.status == 400
    assert await _received(bench) == []


async def test_a_topic_can_be_told_to_fail(publisher: EventGridPublisherClient, bench: Bench) -> None:
    await bench.control.send("POST", "/faults", {"topics": [{"status": 503, "times": 2, "latency_ms": 1}]})
    for _ in range(2):
        with pytest.raises(HttpResponseError):
            await publisher.send([_EVENT])
    await publisher.send([_EVENT])
    assert len(await _received(bench)) == 1
