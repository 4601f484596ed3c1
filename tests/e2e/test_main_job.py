"""The main job through the real doors: somebody opens a server, and it is closed again, proven, and told."""

from datetime import UTC, datetime, timedelta

import aiohttp

from shared.journal import Stage
from tests.e2e.fleet import Sort
from tests.e2e.server import ADA, DANA, INTERNET, OPENED, PIPELINE
from tests.e2e.world import World

_ADA, _HER_ADDRESS = "ada.admin@contoso.example", "198.51.100.7"


async def test_an_opened_server_is_closed_again_and_proven(world: World) -> None:
    server = await world.an_opened_server()
    record = await server.record(Stage.PROVEN)
    assert not await server.is_public()
    assert record.stages == [Stage.INTENDED, Stage.PROVEN]
    assert record.controls == {"public-network-access-disabled"}
    assert record.report.outcome == "put back and proven by reading again"


async def test_the_record_says_who_did_it_when_and_from_where(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    before = datetime.now(UTC)
    await server.change(ADA, "PATCH", properties=OPENED)
    trigger = (await server.record(Stage.PROVEN)).report.trigger
    assert trigger is not None
    assert trigger.actor is not None
    assert (trigger.actor.name, trigger.actor.kind, trigger.actor.ip) == (_ADA, "user", _HER_ADDRESS)
    assert before <= trigger.at <= trigger.received_at <= before + timedelta(seconds=5)


async def test_people_are_told_once_who_did_it_when_and_from_where(world: World) -> None:
    server = await world.an_opened_server()
    trigger = (await server.record(Stage.PROVEN)).report.trigger
    message = server.message
    assert trigger is not None
    assert "was put right" in message.title
    assert f"changed by {_ADA}" in message.title
    for word in (server.name, _ADA, _HER_ADDRESS, f"{trigger.at:%Y-%m-%d %H:%M:%S} UTC", "`Enabled` → `Disabled`"):
        assert word in message.text


async def test_machines_are_told_on_the_topic(world: World) -> None:
    server = await world.an_opened_server()
    record = await server.record(Stage.PROVEN)
    (event,) = await server.published()
    assert event["eventType"] == "Holdfast.Remediated"
    assert event["data"]["record"] == record.report.record
    assert event["data"]["trigger"]["actor"]["name"] == _ADA
    assert event["data"]["trigger"]["actor"]["ip"] == _HER_ADDRESS


async def test_a_widened_rule_costs_one_read_one_write_and_one_proving_read(world: World) -> None:
    server = await world.a_server(Sort.PUBLIC)
    await server.change(DANA, "PUT", "/firewallRules/office", INTERNET)
    await server.nothing_is_left_to_do()
    assert await server.rule("office") == ("192.0.2.10", "192.0.2.14")
    assert await server.calls() == ["GET /firewallRules", "PUT /firewallRules/office", "GET /firewallRules"]


async def test_an_application_is_named_by_its_id(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await server.set(PIPELINE, "require_secure_transport", "off")
    await server.record(Stage.PROVEN)
    assert "(application)" in server.message.title


async def test_it_is_proven_within_a_second_of_the_event(world: World) -> None:
    servers = [await world.an_opened_server() for _ in range(3)]
    reports = [(await server.record(Stage.PROVEN)).report for server in servers]
    # the fastest: a busy machine slows some of them, and waiting slows all
    assert min(report.elapsed_seconds or 60 for report in reports) < 1


async def test_the_history_and_the_record_show_what_happened(world: World) -> None:
    server = await world.an_opened_server()
    record = await server.record(Stage.PROVEN)
    history = await world.command("history", server.id)
    shown = await world.command("show", record.report.record)
    assert [word for word in ("✓ proven", _ADA, "publicNetworkAccess") if word not in history] == []
    assert [word for word in ("event: write of the server", "begun", "✓ proven", "told to") if word not in shown] == []


async def test_two_drifts_of_one_moment_are_both_put_back(world: World) -> None:
    server = await world.a_server(Sort.PUBLIC)
    await server.change(DANA, "PUT", "/firewallRules/office", INTERNET)
    await server.set(DANA, "require_secure_transport", "off")
    await server.change(DANA, "PUT", "/firewallRules/holiday", INTERNET)
    await server.nothing_is_left_to_do()
    assert await server.rule("office") == ("192.0.2.10", "192.0.2.14")
    assert await server.rule("holiday") == ()
    assert await server.parameter("require_secure_transport") == "on"


async def test_the_health_page_asks_for_its_key_and_says_that_all_is_well(world: World) -> None:
    async with aiohttp.ClientSession() as session:
        url = f"{world.line['http']}/api/health"
        async with session.get(url) as answer:
            assert answer.status == 401
        async with session.get(url, headers={"x-functions-key": world.line["function_key"]}) as answer:
            assert (answer.status, (await answer.json())["healthy"]) == (200, True)
