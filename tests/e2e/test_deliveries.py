"""What Event Grid may do with events: bring them twice, late, out of order, or not at all; and what others forge."""

from shared.journal import Origin, Stage
from tests.e2e.fleet import Sort
from tests.e2e.server import ADA, DANA, OPENED
from tests.e2e.world import World

_SOMEBODY = {"startIpAddress": "203.0.113.5", "endIpAddress": "203.0.113.5"}


async def test_an_event_that_comes_four_times_is_told_once(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await server.event_fault(duplicates=3)
    await server.change(ADA, "PATCH", properties=OPENED)
    await server.nothing_is_left_to_do()
    assert [record.stages for record in await server.records()] == [[Stage.INTENDED, Stage.PROVEN]]
    assert await server.writes() == ["PATCH "]
    assert len(server.messages) == len(await server.published()) == 1


async def test_an_event_that_comes_again_later_costs_one_read(world: World) -> None:
    server = await world.an_opened_server()
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
    event = await world.lost_event(server)
    await server.event_fault(drop=True, times=1)
    await server.change(ADA, "PATCH", properties={"network": {"publicNetworkAccess": "Disabled"}})
    assert await world.deliver(event) == 202
    await server.nothing_is_left_to_do()
    assert (await server.calls(), await server.records()) == (["GET "], [])


async def test_what_a_lost_event_was_about_is_found_by_the_sweep(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await world.lost_event(server)
    await world.sweep()
    record = await server.record(Stage.PROVEN)
    assert not await server.is_public()
    assert record.report.trigger is not None
    assert record.report.trigger.origin is Origin.SWEEP
    assert "found by the regular sweep" in server.message.text


async def test_our_own_echo_costs_no_call(world: World) -> None:
    server = await world.an_opened_server()
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
    server = await world.an_opened_server()
    first = await server.record(Stage.PROVEN)
    await server.nothing_is_left_to_do()
    event = await world.lost_event(server)
    event["data"]["correlationId"] = first.report.record
    assert await world.deliver(event) == 202
    await server.nothing_is_left_to_do()
    assert not await server.is_public()


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
