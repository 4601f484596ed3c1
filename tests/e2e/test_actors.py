"""Whose word counts, with Azure's own witnesses: the activity log, the app's queue, Azure Policy, management groups."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
import pytest_asyncio

from shared.journal import Stage
from shared.store.sqlite_queue import SqliteQueues
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import SMALL, Fleet, Sort
from tests.e2e.server import ADA, OPENED, PIPELINE
from tests.e2e.stacks import holdfast_up
from tests.e2e.world import World, policy

_ASSIGNMENT = (
    "/providers/Microsoft.Management/managementGroups/mg-contoso"
    "/providers/Microsoft.Authorization/policyAssignments/contoso-postgres"
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def trusting(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("trusting")
    async with holdfast_up(folder, exchanges, policy("trust.yaml"), Fleet(folder / "fleet.json", SMALL)) as world:
        yield world


async def test_below_the_management_group_anybodys_change_is_put_back(trusting: World) -> None:
    server = await trusting.an_opened_server()
    await server.record(Stage.PROVEN)
    assert not await server.is_public()
    assert not [call for call in await trusting.holdfasts_calls() if "eventtypes" in call]


async def test_a_pipelines_change_that_the_log_bears_out_is_let_stand(trusting: World) -> None:
    server = await trusting.a_server(Sort.PRIVATE)
    await server.change(PIPELINE, "PATCH", properties=OPENED)
    record = await server.record(Stage.DETECTED)
    assert await server.is_public()
    (finding,) = record.report.findings
    assert finding.reason == "changed by release-pipeline, a trusted identity, confirmed by the activity log"
    assert len([call for call in await trusting.holdfasts_calls() if "eventtypes" in call]) == 1


async def test_while_the_log_knows_nothing_the_pipelines_change_is_put_back(trusting: World) -> None:
    server = await trusting.a_server(Sort.PRIVATE)
    async with trusting.pace(activity_log_lag_seconds=600):
        await server.change(PIPELINE, "PATCH", properties=OPENED)
        await server.record(Stage.PROVEN)
    assert not await server.is_public()


async def test_an_event_of_the_apps_own_queue_needs_no_log(trusting: World) -> None:
    server = await trusting.a_server(Sort.PRIVATE)
    async with trusting.pace(activity_log_lag_seconds=600):
        await server.event_fault(drop=True, times=1)
        await server.change(PIPELINE, "PATCH", properties=OPENED)
        (event,) = await trusting.published_by_azure(server)
        with closing(sqlite3.connect(trusting.line["store"].removeprefix("sqlite:"), isolation_level=None)) as opened:
            SqliteQueues(opened).send("holdfast-events", json.dumps(event))
        record = await server.record(Stage.DETECTED)
    assert await server.is_public()
    assert "Event Grid's own delivery" in record.report.findings[0].reason


async def test_a_forged_name_in_an_event_of_the_webhook_helps_nobody(trusting: World) -> None:
    server = await trusting.a_server(Sort.PRIVATE)
    helper = await trusting.a_server(Sort.PRIVATE)
    await helper.change(PIPELINE, "PATCH", properties=OPENED)
    (genuine,) = await trusting.published_by_azure(helper)
    forged = await trusting.lost_event(server)
    forged["data"] |= {name: genuine["data"][name] for name in ("claims", "authorization", "correlationId")}
    assert await trusting.deliver(forged) == 202
    await server.record(Stage.PROVEN)
    assert not await server.is_public()


async def test_an_azure_policy_exemption_is_honoured_as_long_as_it_stands(trusting: World) -> None:
    server = await trusting.a_server(Sort.PRIVATE)
    path = f"{server.id}/providers/Microsoft.Authorization/policyExemptions/migration"
    properties = {"policyAssignmentId": _ASSIGNMENT, "exemptionCategory": "Waiver", "displayName": "the migration"}
    await trusting.azure.call(ADA, "PUT", path, {"properties": properties}, api_version="2022-07-01-preview")
    await server.change(ADA, "PATCH", properties=OPENED)
    record = await server.record(Stage.DETECTED)
    assert await server.is_public()
    assert record.report.findings[0].reason == "exempt by the Azure Policy exemption migration"
    await trusting.azure.call(ADA, "DELETE", path, api_version="2022-07-01-preview")
    await server.change(ADA, "PATCH", properties=OPENED)
    await server.record(Stage.PROVEN)
    assert not await server.is_public()
