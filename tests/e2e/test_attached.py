"""What hangs on a server end to end: somebody takes it away or adds to it, and the event alone brings it back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from shared.journal import Stage
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import SUBSCRIPTION, Fleet, Sort
from tests.e2e.server import ADA, Server
from tests.e2e.stacks import holdfast_up
from tests.e2e.world import World, policy

_WORKSPACE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-platform/providers/Microsoft.OperationalInsights/workspaces/soc"
)
_LOGS = [{"category": "PostgreSQLLogs", "enabled": True}]
_METRICS = [{"category": "AllMetrics", "enabled": True}]
_STRANGER = "77777777-7777-4777-8777-777777777777"
_CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that hangs on a server: where, at which api-version, and how it is made."""

    child: str
    version: str
    properties: dict[str, Any]


_LOCK = Thing("/providers/Microsoft.Authorization/locks/keep (prod)", "2020-05-01", {"level": "CanNotDelete"})
_SETTING = Thing(
    "/providers/Microsoft.Insights/diagnosticSettings/to-soc",
    "2021-05-01-preview",
    {"workspaceId": _WORKSPACE, "logs": _LOGS, "metrics": _METRICS},
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def attached(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A running Holdfast that cares for what hangs on servers."""
    folder = tmp_path_factory.mktemp("attached")
    fleet = Fleet(folder / "fleet.json", {Sort.PRIVATE: 4, Sort.SINGLE: 3, Sort.CITUS: 2})
    async with holdfast_up(folder, exchanges, policy("attached.yaml"), fleet) as world:
        yield world


async def act(world: World, server: Server, method: str, thing: Thing, **properties: Any) -> None:
    body = {"properties": {**thing.properties, **properties}} if method == "PUT" else None
    await world.azure.call(ADA, method, f"{server.id}{thing.child}", body, thing.version)


async def shown(world: World, server: Server, thing: Thing) -> dict[str, Any]:
    found = await world.azure.call(ADA, "GET", f"{server.id}{thing.child}", api_version=thing.version)
    properties: dict[str, Any] = found["properties"]
    return properties


async def a_server_with(world: World, sort: Sort, thing: Thing) -> Server:
    """A server on which this stands, as Holdfast knows."""
    server = await world.a_server(sort)
    await act(world, server, "PUT", thing)
    await server.nothing_is_left_to_do()
    return server


@pytest.mark.parametrize("sort", [Sort.PRIVATE, Sort.SINGLE, Sort.CITUS])
async def test_a_lock_that_is_taken_off_comes_back_by_its_event(attached: World, sort: Sort) -> None:
    server = await a_server_with(attached, sort, _LOCK)
    await act(attached, server, "DELETE", _LOCK)
    record = await server.record(Stage.PROVEN)
    assert record.controls == {"resource-lock-present"}
    assert (await shown(attached, server, _LOCK))["level"] == "CanNotDelete"
    assert "lock keep (prod) was absent, is now level CanNotDelete, changed by ada.admin" in server.message.title


@pytest.mark.parametrize("sort", [Sort.PRIVATE, Sort.SINGLE, Sort.CITUS])
async def test_a_deleted_diagnostic_setting_comes_back_as_it_was(attached: World, sort: Sort) -> None:
    server = await a_server_with(attached, sort, _SETTING)
    await act(attached, server, "DELETE", _SETTING)
    record = await server.record(Stage.PROVEN)
    assert record.controls == {"diagnostic-settings-logs", "diagnostic-settings-metrics"}
    found = await shown(attached, server, _SETTING)
    assert (found["workspaceId"], [log["category"] for log in found["logs"]]) == (_WORKSPACE, ["PostgreSQLLogs"])
    assert len(await server.writes()) == 1


async def test_logs_that_are_switched_off_are_switched_on_and_what_differs_is_told(attached: World) -> None:
    server = await a_server_with(attached, Sort.PRIVATE, _SETTING)
    await act(attached, server, "PUT", _SETTING, logs=[])
    await server.record(Stage.PROVEN)
    assert "diagnostic setting to-soc was no logs, is now logs PostgreSQLLogs" in server.message.title


async def test_a_stranger_who_gets_a_right_to_write_loses_it(attached: World) -> None:
    role = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{_CONTRIBUTOR}"
    assignment = Thing(
        "/providers/Microsoft.Authorization/roleAssignments/99999999-9999-4999-8999-999999999999",
        "2022-04-01",
        {"roleDefinitionId": role, "principalId": _STRANGER, "principalType": "User"},
    )
    server = await attached.a_server(Sort.PRIVATE)
    await act(attached, server, "PUT", assignment)
    record = await server.record(Stage.PROVEN)
    assert record.controls == {"pg-control-plane-rbac-allowlist"}
    assert [write.partition(" ")[0] for write in await server.writes()] == ["DELETE"]


async def test_a_subnet_that_is_let_in_is_shut_out_again(attached: World) -> None:
    network = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-network/providers/Microsoft.Network"
    rule = Thing(
        "/virtualNetworkRules/app",
        "2017-12-01",
        {"virtualNetworkSubnetId": f"{network}/virtualNetworks/v/subnets/s", "ignoreMissingVnetServiceEndpoint": True},
    )
    server = await attached.a_server(Sort.SINGLE)
    await act(attached, server, "PUT", rule)
    record = await server.record(Stage.PROVEN)
    assert record.controls == {"no-vnet-service-endpoint-rules"}
    assert await server.writes() == ["DELETE /virtualNetworkRules/app"]
