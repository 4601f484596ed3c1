"""A security alert by each of its doors, and by several at once, reaches the engine once; its life is kept in step."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from shared.alert import AlertStatus
from shared.alerts.known import Known, known_alert
from shared.alerts.life import status_notice
from shared.journal import Origin, Report, Stage, Trigger, new_id, now
from shared.ports import Commit
from tests.alerts.shapes import read
from tests.e2e.fleet import Sort
from tests.e2e.processes import HOLDFAST, output
from tests.e2e.server import ADA, Server
from tests.e2e.waiting import until
from tests.e2e.world import World

DOORS = ("event hub", "http", "event grid", "cloud events", "pull")
VERSION = "2022-01-01"


async def raised(world: World, server: Server, **given: Any) -> dict[str, Any]:
    """An alert that Defender has raised; it is not streamed unless that is said."""
    return await world.azure.raise_alert(server.target, "GeoAnomaly", **{"export": False, **given})


async def post(address: str, body: object, **headers: str) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data=json.dumps(body), headers={"Content-Type": "application/json", **headers}) as answer,
    ):
        return answer.status


async def through(world: World, door: str, alert: dict[str, Any]) -> None:
    """Bring the alert to a door, as Azure does; each door has its own shape of it."""
    doors, key = world.line["alerts"], {"x-functions-key": world.line["function_key"]}
    record, rest = alert["exported"], {name: value for name, value in alert.items() if name != "exported"}
    event = {"id": new_id(), "subject": alert["id"]}
    grid = {**event, "topic": "/t", "eventType": "Contoso.Alert", "eventTime": f"{now():%Y-%m-%dT%H:%M:%SZ}"}
    cloud = {**event, "source": "/t", "specversion": "1.0", "type": "Contoso.Alert", "time": grid["eventTime"]}
    notification = {"aeg-event-type": "Notification"}
    match door:
        case "event hub":
            assert await post(doors["event_hub"], [record], **key) == 202
        case "http":
            flat = {name: value for name, value in record.items() if name not in ("AzureResourceId", "Status")}
            assert await post(doors["http"], flat, **key) == 202
        case "event grid":
            assert (
                await post(doors["event_grid"], [{**grid, "data": record, "dataVersion": "1"}], **notification) == 202
            )
        case "cloud events":
            assert await post(doors["event_grid"], {**cloud, "data": rest}, **notification) == 202
        case _:
            assert "taken in" in await pulled(world)


async def pulled(world: World, *words: str) -> str:
    return await output(HOLDFAST, "alerts", "pull", *words, environment=world.line["environment"])


async def known(world: World, alert: dict[str, Any]) -> Known:
    found = await until(lambda: known_alert(world.store, alert["name"]), "the alert is not known")
    assert found is not None
    return found


async def quiet(world: World, server: Server) -> None:
    """Wait until nothing waits for the server any more."""

    async def look() -> bool:
        dossier = await world.store.load(server.target)
        return not dossier.triggers and not dossier.outbox

    await until(look, f"{server.name} is looked at without end")


async def status_of(world: World, alert: dict[str, Any]) -> str:
    found = await world.azure.call(ADA, "GET", alert["id"], api_version=VERSION)
    return str(found["properties"]["status"])


@pytest.mark.parametrize("door", DOORS)
async def test_each_door_has_the_server_looked_at_once(world: World, door: str) -> None:
    server = await world.a_server(Sort.PRIVATE)
    alert = await raised(world, server)
    await through(world, door, alert)
    found = await known(world, alert)
    await quiet(world, server)
    assert (found.target, [heard.door for heard in found.heard]) == (
        server.id,
        [door.replace("cloud events", "event grid")],
    )
    assert (await server.calls()).count("GET ") == 1


async def test_an_alert_that_comes_by_several_doors_is_looked_into_once(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    alert = await raised(world, server)
    doors = ("event hub", "http", "event grid", "cloud events")
    await through(world, doors[0], alert)
    await quiet(world, server)
    await asyncio.gather(*(through(world, door, alert) for door in (*doors, *doors)))
    await pulled(world)
    await quiet(world, server)
    assert [heard.door for heard in (await known(world, alert)).heard] == ["event hub"]
    assert (await server.calls()).count("GET ") == 1


async def test_continuous_export_brings_what_defender_raises(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    alert = await raised(world, server, export=True)
    await known(world, alert)
    await quiet(world, server)
    assert (await server.calls()).count("GET ") == 1


async def test_one_bad_record_of_a_batch_costs_no_other(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    alert = await raised(world, server)
    bad = {**alert["exported"], "SystemAlertId": f"bad-for-{server.name}", "Entities": "none"}
    assessment = {"type": "Microsoft.Security/assessments", "securityEventDataEnrichment": {"action": "Write"}}
    key = {"x-functions-key": world.line["function_key"]}
    assert (
        await post(world.line["alerts"]["event_hub"], ["no json", bad, assessment, [alert["exported"]]], **key) == 202
    )
    assert (await known(world, alert)).target == server.id
    letter = await world.letter(f"bad-for-{server.name}")
    assert (letter.source, letter.reason) == ("alert", "Entities: found text, wanted an array")


async def test_an_alert_that_names_no_server_is_told_to_people(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    alert = await raised(world, server)
    lost = {**alert["exported"], "AzureResourceId": f"lost-{server.name}", "ResourceIdentifiers": None}
    key = {"x-functions-key": world.line["function_key"]}
    assert await post(world.line["alerts"]["http"], lost, **key) == 202
    (message,) = await world.told(f"lost-{server.name}")
    assert "Log on from an unusual location" in message.title
    assert "leads to no PostgreSQL server" in message.title


async def test_what_is_no_alert_is_refused_and_kept(world: World) -> None:
    key = {"x-functions-key": world.line["function_key"]}
    assert await post(world.line["alerts"]["http"], {"hello": "no-alert-at-all"}, **key) == 400
    assert (await world.letter("no-alert-at-all")).source == "alert"
    assert await post(world.line["alerts"]["http"], {}) == 401


_HOSTILE = {
    "no json": "hello",
    "no utf-8": b"\xff\xfe",
    "an open array": "[",
    "deep": "[" * 100_000,
    "a number": "7",
    "a long number": "9" * 5000,
    "a null": "null",
    "a text": json.dumps("<script>alert(1)</script>"),
    "wrong types": json.dumps({"AlertType": [1], "SystemAlertId": {"a": 1}}),
    "a path for an id": json.dumps({"AlertType": "x", "SystemAlertId": "../../etc/passwd"}),
    "a wrapped number": json.dumps({"specversion": "1.0", "data": 7}),
}


@pytest.mark.parametrize("body", _HOSTILE.values(), ids=_HOSTILE)
async def test_no_door_is_broken_by_what_is_no_alert(world: World, body: str | bytes) -> None:
    key = {"x-functions-key": world.line["function_key"]}
    before = len(await world.letters("alert"))
    async with (
        aiohttp.ClientSession() as session,
        session.post(world.line["alerts"]["http"], data=body, headers=key) as answer,
    ):
        assert answer.status == 400
        assert await answer.json() == {"could not be read": 1}
    if isinstance(body, str):
        assert await post(world.line["alerts"]["event_hub"], [body], **key) == 202
    assert len(await world.letters("alert")) >= before
    assert (await world.health())["healthy"]


async def test_hostile_texts_reach_people_as_one_printable_line(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    alert = await raised(world, server)
    hostile = f"<img src=x>\u202e\u200f\x1b[31m\r\nBcc: all@example.com lost-hostile-{server.name} " + "A" * 100_000
    lost = {**alert["exported"], "AlertDisplayName": hostile, "AzureResourceId": hostile, "ResourceIdentifiers": None}
    key = {"x-functions-key": world.line["function_key"]}
    assert await post(world.line["alerts"]["event_hub"], [lost], **key) == 202
    (message, *_) = await world.told(f"lost-hostile-{server.name}")
    assert message.title.isprintable()
    assert "<img" not in message.text
    assert len(message.text) < 5000


async def test_a_dismissal_in_defender_is_heard_of(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    alert = await raised(world, server, export=True)
    await known(world, alert)
    await world.azure.call(ADA, "POST", f"{alert['id']}/dismiss", api_version=VERSION)

    async def look() -> bool:
        return len((await known(world, alert)).heard) == 2

    await until(look, "the dismissal was not heard of")
    assert [heard.status for heard in (await known(world, alert)).heard] == [AlertStatus.ACTIVE, AlertStatus.DISMISSED]


async def gives_status(world: World, server: Server, alert: dict[str, Any], *statuses: AlertStatus) -> str:
    """What the engine commits when it acts and has proven it; the record."""
    told = read(alert["exported"])
    record = new_id()
    trigger = Trigger(f"alert:{told.id}:active", server.id, "", "", now(), Origin.ALERT, alert=told)
    report = Report(record, server.id, "medium", now(), trigger)
    notices = [status_notice(report, told, status, now(), number) for number, status in enumerate(statuses)]
    dossier = await world.store.load(server.target)
    await world.store.commit(server.target, dossier.version, Commit(dossier.memory, notices=tuple(notices)))
    await world.store.wake_delivery(server.target)
    return record


async def told(world: World, record: str, count: int) -> list[str]:
    async def look() -> list[str]:
        entries = [one.detail for one in await world.store.record(record) if one.stage is Stage.NOTIFIED]
        return entries if len(entries) == count else []

    return await until(look, "the record does not say who was told")


async def test_the_alert_is_in_progress_and_then_resolved_in_defender(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    alert = await raised(world, server)
    await world.azure.control(
        "POST", "/faults", {"calls": [{"path": "/inProgress$", "principal": "holdfast", "status": 503, "times": 1}]}
    )
    record = await gives_status(world, server, alert, AlertStatus.IN_PROGRESS, AlertStatus.RESOLVED)
    lines = await told(world, record, 2)
    assert lines == ["Holdfast.AlertStatus told to defender, event grid"] * 2
    assert await status_of(world, alert) == "Resolved"


async def test_what_somebody_has_dismissed_stays_dismissed(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    alert = await raised(world, server, status="Dismissed")
    record = await gives_status(world, server, alert, AlertStatus.RESOLVED)
    (line,) = await told(world, record, 1)
    assert "refused by defender: somebody has dismissed alert" in line
    assert await status_of(world, alert) == "Dismissed"


async def test_a_forged_alert_costs_a_read_and_defender_knows_nothing_of_it(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    alert = await raised(world, server)
    forged = {**alert["exported"], "SystemAlertId": f"forged-{server.name}"}
    key = {"x-functions-key": world.line["function_key"]}
    assert await post(world.line["alerts"]["event_hub"], [forged], **key) == 202
    await known(world, {**alert, "name": f"forged-{server.name}"})
    await quiet(world, server)
    assert await server.writes() == []
    record = await gives_status(world, server, {**alert, "exported": forged}, AlertStatus.IN_PROGRESS)
    (line,) = await told(world, record, 1)
    assert f"refused by defender: Defender knows no alert forged-{server.name}" in line


async def test_the_command_lists_and_shows_what_came(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    alert = await raised(world, server, export=True)
    await known(world, alert)
    listed = await world.command("alerts", "list", "--limit", "5000")
    assert alert["name"][-8:] in listed
    shown = await world.command("alerts", "show", alert["name"][-12:])
    assert server.name in shown
    assert "ip 203.0.113.66" in " ".join(shown.split())
