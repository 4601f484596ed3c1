"""The main job on single servers and Citus clusters: somebody changes something, it is put back, proven and told."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.journal import Stage
from tests.e2e.fleet import DBA_GROUP, Sort
from tests.e2e.processes import HOLDFAST, ended
from tests.e2e.server import ADA, DANA, INTERNET, Server
from tests.e2e.world import World

_OFFICE = ("192.0.2.10", "192.0.2.14")
_KINDS = pytest.mark.parametrize("sort", [Sort.SINGLE, Sort.CITUS])


async def proven(server: Server) -> None:
    """What somebody did was put back, and everybody was told once."""
    record = await server.record(Stage.PROVEN)
    assert record.stages == [Stage.INTENDED, Stage.PROVEN]
    assert "was put right" in server.message.title
    (event,) = await server.published()
    assert event["eventType"] == "Holdfast.Remediated"


@_KINDS
async def test_a_widened_rule_costs_one_read_one_write_and_one_proving_read(world: World, sort: Sort) -> None:
    server = await world.a_server(sort)
    await server.change(DANA, "PUT", "/firewallRules/office", INTERNET)
    await proven(server)
    await server.nothing_is_left_to_do()
    shown = await server.shows("/firewallRules/office")
    assert (shown["startIpAddress"], shown["endIpAddress"]) == _OFFICE
    calls = [call for call in await server.calls() if call.startswith(("GET", "PUT"))]
    assert calls == ["GET /firewallRules", "PUT /firewallRules/office", "GET /firewallRules"]


@_KINDS
async def test_a_long_operation_is_not_held_and_its_echo_brings_the_proof(world: World, sort: Sort) -> None:
    server = await world.a_server(sort)
    await server.fault(method="PUT", operation_seconds=1.0)
    async with world.pace(retry_after_seconds=60):
        await server.change(DANA, "PUT", "/firewallRules/office", INTERNET)
        record = await server.record(Stage.PROVEN)
    assert record.stages == [Stage.INTENDED, Stage.APPLIED, Stage.PROVEN]
    assert record.report.elapsed_seconds is not None
    assert 1 <= record.report.elapsed_seconds < 5  # the echo came, nobody waited 60 s


@_KINDS
async def test_an_operation_that_ends_as_failed_is_told_with_azures_own_words(world: World, sort: Sort) -> None:
    server = await world.a_server(sort)
    failure = {"code": "InternalServerError", "message": "The storage of the server is being moved."}
    await server.fault(method="PUT", operation_failed=failure, times=1)
    await server.change(DANA, "PUT", "/firewallRules/office", INTERNET)
    record = await server.record(Stage.FAILED)
    assert "The storage of the server is being moved." in record.report.error


@_KINDS
async def test_what_was_put_back_can_be_taken_back_and_stays_so(world: World, tmp_path: Path, sort: Sort) -> None:
    server = await world.a_server(sort)
    await server.change(DANA, "PUT", "/firewallRules/office", INTERNET)
    record = (await server.record(Stage.PROVEN)).report.record
    up = tmp_path / "up.json"
    up.write_text(json.dumps(world.line))
    words = ("undo", record, "--reason", "it was agreed", "--exempt-for", "4h", "--yes")
    environment = {"HOLDFAST_CONNECT": str(up), "HOLDFAST_AS": "ada"}
    code, printed = await ended(HOLDFAST, *words, environment=environment)
    assert code == 0, printed
    await server.nothing_is_left_to_do()
    shown = await server.shows("/firewallRules/office")
    assert (shown["startIpAddress"], shown["endIpAddress"]) == tuple(INTERNET.values())


@pytest.mark.parametrize(
    ("properties", "wanted"),
    [
        ({"sslEnforcement": "Disabled"}, {"sslEnforcement": "Enabled"}),
        ({"minimalTlsVersion": "TLS1_0"}, {"minimalTlsVersion": "TLS1_2"}),
    ],
    ids=str,
)
async def test_encryption_of_a_single_server_comes_back(
    world: World, properties: Mapping[str, str], wanted: Mapping[str, str]
) -> None:
    server = await world.a_server(Sort.SINGLE)
    await server.change(ADA, "PATCH", properties=properties)
    await proven(server)
    assert (await server.shows()).items() >= wanted.items()
    await server.nothing_is_left_to_do()
    assert await server.calls() == ["GET ", "PATCH ", "GET "]


async def test_a_parameter_of_a_single_server_comes_back(world: World) -> None:
    server = await world.a_server(Sort.SINGLE)
    await server.set(DANA, "log_checkpoints", "off")
    await proven(server)
    assert await server.parameter("log_checkpoints") == "on"


async def test_the_workers_of_a_cluster_are_closed_again(world: World) -> None:
    server = await world.a_server(Sort.CITUS)
    await opened_to_workers(world, server)
    await proven(server)
    found = await server.shows()
    assert (found["coordinatorEnablePublicIpAccess"], found["nodeEnablePublicIpAccess"]) == (True, False)
    await server.nothing_is_left_to_do()
    # A PUT is the whole cluster, so it is read once more before.
    assert await server.calls() == ["GET ", "GET ", "PUT ", "GET "]


async def test_the_parameter_of_a_clusters_workers_comes_back(world: World) -> None:
    server = await world.a_server(Sort.CITUS)
    await server.change(DANA, "PUT", "/nodeConfigurations/log_checkpoints", {"value": "off"})
    await proven(server)
    assert await server.parameter("log_checkpoints", "/nodeConfigurations") == "on"
    await server.nothing_is_left_to_do()
    read = "GET /configurations/log_checkpoints"
    assert await server.calls() == [read, "PUT /nodeConfigurations/log_checkpoints", read]


async def test_a_stranger_who_administers_a_cluster_too_is_removed(world: World) -> None:
    server = await world.a_server(Sort.CITUS)
    stranger = {"objectId": "44444444-4444-4444-8444-444444444444", "principalType": "user"}
    await server.change(DANA, "PUT", "/roles/mallory", {"roleType": "admin", "externalIdentity": stranger})
    await proven(server)
    assert await server.shows("/roles/mallory") == {}
    assert (await server.shows("/roles/sg-dba-production"))["externalIdentity"]["objectId"] == DBA_GROUP


async def test_whoever_takes_the_place_of_a_single_servers_administrator_is_told(world: World) -> None:
    server = await world.a_server(Sort.SINGLE)
    tenant = (await server.shows("/administrators/activeDirectory"))["tenantId"]
    stranger = {"login": "mallory", "sid": "44444444-4444-4444-8444-444444444444", "tenantId": tenant}
    await server.change(
        DANA, "PUT", "/administrators/activeDirectory", {"administratorType": "ActiveDirectory", **stranger}
    )
    await server.reaches(Stage.ASKED)
    assert await server.writes() == []


async def opened_to_workers(world: World, server: Server) -> None:
    """Somebody gives the workers public addresses: Azure takes that in a PUT only."""
    body: dict[str, Any] = {"location": "westeurope", "properties": {"nodeEnablePublicIpAccess": True}}
    await world.azure.call(ADA, "PUT", server.id, body, "2022-11-08")
