"""What is no event of ours, or no event at all, straight to the webhook: kept with the reason, never answered 400."""

from typing import Any

import aiohttp
import pytest

from shared.journal import Stage
from tests.e2e.fleet import SUBSCRIPTION, Sort
from tests.e2e.server import ADA, OPENED
from tests.e2e.world import World

_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-held"
_SERVERS = "providers/Microsoft.DBforPostgreSQL/flexibleServers"
_WRITTEN = "Microsoft.Resources.ResourceWriteSuccess"


def _event(id_: str, resource: object, **changes: object) -> dict[str, Any]:
    event = {
        "id": id_,
        "topic": f"/subscriptions/{SUBSCRIPTION}",
        "subject": resource if isinstance(resource, str) else "",
        "eventType": _WRITTEN,
        "eventTime": "2026-03-01T12:00:00Z",
        "dataVersion": "2",
        "metadataVersion": "1",
        "data": {"resourceUri": resource, "operationName": "Microsoft.DBforPostgreSQL/flexibleServers/write"},
    }
    return {name: value for name, value in {**event, **changes}.items() if value is not ...}


def _cloud(id_: object, **changes: object) -> dict[str, Any]:
    event = {
        "specversion": "1.0",
        "id": id_,
        "source": f"/subscriptions/{SUBSCRIPTION}",
        "subject": f"{_GROUP}/{_SERVERS}/private-00",
        "type": _WRITTEN,
        "time": "2026-03-01T12:00:00Z",
        "data": {"resourceUri": f"{_GROUP}/{_SERVERS}/private-00"},
    }
    return {name: value for name, value in {**event, **changes}.items() if value is not ...}


_IDS = {
    "dots": f"{_GROUP}/{_SERVERS}/private-00/../private-01",
    "dots in the group": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/../{_SERVERS}/private-00",
    "quotes": f"{_GROUP}/{_SERVERS}/private-00'; drop table servers; --",
    "percent-encoding": f"{_GROUP}/{_SERVERS}/private-00%2f..%2fprivate-01",
    "ten kilobytes": f"{_GROUP}/{_SERVERS}/{'a' * 10_240}",
    "a long group": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{'g' * 10_240}/{_SERVERS}/private-00",
    "a host name": f"https://evil.example{_GROUP}/{_SERVERS}/private-00",
    "a host name in the name": f"{_GROUP}/{_SERVERS}/private-00.evil.example",
    "a user and a host": f"{_GROUP}/{_SERVERS}/private-00@evil.example/",
    "a query": f"{_GROUP}/{_SERVERS}/private-00?api-version=1",
    "a fragment": f"{_GROUP}/{_SERVERS}/private-00#x",
    "a line break": f"{_GROUP}/{_SERVERS}/private-00\r\nHost: evil.example",
    "a null": f"{_GROUP}/{_SERVERS}/private-00\x00",
    "look-alike letters": f"{_GROUP}/{_SERVERS}/рrivate-00",
    "no subscription": f"/subscriptions/none/resourceGroups/rg-held/{_SERVERS}/private-00",
    "an empty name": f"{_GROUP}/{_SERVERS}/",
}


@pytest.mark.parametrize("resource", _IDS.values(), ids=_IDS)
async def test_an_id_that_azure_would_not_make_is_kept_with_the_reason(
    world: World, resource: str, request: pytest.FixtureRequest
) -> None:
    id_ = request.node.name
    await world.azure.control("DELETE", "/calls")
    assert await world.deliver(_event(id_, resource)) == 202
    letter = await world.letter(id_)
    assert letter.source == "event"
    assert "resource id" in letter.reason
    assert len(letter.reason) < 400
    assert await world.holdfasts_calls() == []


_ENVELOPES: dict[str, tuple[dict[str, Any], str]] = {
    "no id": (_event(..., f"{_GROUP}/{_SERVERS}/private-00"), "id"),  # type: ignore[arg-type]
    "an empty id": (_event("", f"{_GROUP}/{_SERVERS}/private-00"), "id"),
    "an id that is a number": (_event(7, f"{_GROUP}/{_SERVERS}/private-00"), "id"),  # type: ignore[arg-type]
    "no type": (_event("no-type", f"{_GROUP}/{_SERVERS}/private-00", eventType=...), "type"),
    "no time": (_event("no-time", f"{_GROUP}/{_SERVERS}/private-00", eventTime=...), "time"),
    "a time without a zone": (
        _event("no-zone", f"{_GROUP}/{_SERVERS}/private-00", eventTime="2026-03-01T12:00:00"),
        "time",
    ),
    "data that is a text": (_event("text-data", f"{_GROUP}/{_SERVERS}/private-00", data="hello"), "data"),
    "data that is a list": (_event("list-data", f"{_GROUP}/{_SERVERS}/private-00", data=[1]), "data"),
    "no data": (_event("no-data", f"{_GROUP}/{_SERVERS}/private-00", data=...), "data"),
    "an id of a resource that is a number": (_event("number", 7), "resourceUri"),
    "a cloud event without id": (_cloud(...), "id"),
    "a cloud event without type": (_cloud("cloud-no-type", type=...), "type"),
    "a cloud event without time": (_cloud("cloud-no-time", time=...), "time"),
    "a cloud event whose data is a text": (_cloud("cloud-text", data="hello"), "data"),
    "an empty object": ({}, "id"),
    "another schema": ({"essentials": {"alertId": "x"}, "schemaId": "azureMonitorCommonAlertSchema"}, "id"),
}


@pytest.mark.parametrize(("event", "named"), _ENVELOPES.values(), ids=_ENVELOPES)
async def test_an_event_that_breaks_its_schema_is_kept_with_the_reason(
    world: World, event: dict[str, Any], named: str
) -> None:
    before = {letter.id for letter in await world.store.dead_letters(1000)}
    assert await world.deliver(event) == 202
    (letter,) = [letter for letter in await world.store.dead_letters(1000) if letter.id not in before]
    assert letter.source == "event"
    assert named in letter.reason


@pytest.mark.parametrize("time", ["soon", 7, {"at": "noon"}], ids=str)
async def test_a_time_that_the_worker_library_cannot_read_never_reaches_the_app(world: World, time: object) -> None:
    # Event Grid stamps the time itself, so this is nobody's event; the library fails, and the next event is handled.
    assert await world.deliver(_event("bad-time", f"{_GROUP}/{_SERVERS}/private-00", eventTime=time)) == 500
    assert (await world.health())["healthy"] is True


async def test_dead_letters_are_listed_with_their_reason(world: World) -> None:
    assert await world.deliver(_event("listed-letter", f"{_GROUP}/{_SERVERS}/../../x")) == 202
    printed = await world.command("dead-letters", "list")
    lines = printed.splitlines()
    (number, *_) = [number for number, line in enumerate(lines) if "listed-letter" in line]
    assert "not an ARM resource id" in lines[number - 1]


@pytest.mark.parametrize("body", [b"", b"hello", b'{"id": ', b"\xff\xfe", b"[" * 100_000], ids=repr)
async def test_what_is_no_json_is_refused_at_the_door(world: World, body: bytes) -> None:
    assert await world.deliver(body) == 400
    assert (await world.health())["healthy"] is True


async def test_who_does_not_say_what_it_is_is_refused_at_the_door(world: World) -> None:
    async with aiohttp.ClientSession() as session, session.post(world.line["events"], json=[]) as answer:
        assert answer.status == 400


async def test_an_event_with_claims_of_every_shape_does_no_harm(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await server.event_fault(drop=True, times=1)
    await server.change(ADA, "PATCH", properties=OPENED)
    upn = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
    claims = {
        upn: "[click](http://evil.example) <@U1>\u202e\n# hello `x`" * 50,
        "ipaddr": ["no", "address"],
        "name": None,
    }
    data = {"resourceUri": server.id, "operationName": "x" * 10_000, "claims": claims, "httpRequest": "no JSON"}
    assert await world.deliver(_event(f"claims-{server.name}", server.id, data=data)) == 202
    await server.record(Stage.PROVEN)
    message = server.message
    (who,) = [line for line in message.text.splitlines() if "**Who**" in line]
    # between backticks nothing is a link, a heading or a mention
    assert (who.count("`"), who.startswith("- **Who**: `"), who.endswith("` (user)")) == (2, True, True)
    assert "](" not in message.title
    assert len(message.title) < 400
