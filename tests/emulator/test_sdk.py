"""Microsoft's own SDK, unmodified: it takes 202 only and follows the operations to their end."""

from collections.abc import AsyncIterator

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.postgresqlflexibleservers.aio import PostgreSQLManagementClient
from azure.mgmt.postgresqlflexibleservers.models import (
    ConfigurationForUpdate,
    FirewallRule,
    Network,
    ServerForPatch,
)

from emulator.settings import Settings
from tests.emulator.arm_client import Bench
from tests.emulator.sdk import sdk_client

_GROUP, _SERVER = "rg-partners", "pg-partners"


@pytest.fixture
def settings() -> Settings:
    return Settings(operation_seconds=0.05)


@pytest.fixture
async def sdk(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PostgreSQLManagementClient]:
    async with sdk_client(PostgreSQLManagementClient, bench, monkeypatch) as client:
        yield client


async def test_it_reads_a_server(sdk: PostgreSQLManagementClient) -> None:
    server = await sdk.servers.get(_GROUP, _SERVER)
    assert server.properties is not None
    assert server.properties.network is not None
    assert server.properties.network.public_network_access == "Enabled"
    assert [one.name async for one in sdk.servers.list_by_subscription()] == ["pg-payments", "pg-ledger", "pg-partners"]


async def test_it_closes_a_server(sdk: PostgreSQLManagementClient) -> None:
    patch = ServerForPatch({"properties": {"network": Network(public_network_access="Disabled")}})
    poller = await sdk.servers.begin_update(_GROUP, _SERVER, patch)
    server = await poller.result()
    assert server.properties is not None
    assert server.properties.network is not None
    assert server.properties.network.public_network_access == "Disabled"


async def test_it_makes_and_removes_a_firewall_rule(sdk: PostgreSQLManagementClient) -> None:
    rule = FirewallRule({"properties": {"startIpAddress": "192.0.2.1", "endIpAddress": "192.0.2.2"}})
    poller = await sdk.firewall_rules.begin_create_or_update(_GROUP, _SERVER, "home", rule)
    assert (await poller.result()).properties.start_ip_address == "192.0.2.1"
    await (await sdk.firewall_rules.begin_delete(_GROUP, _SERVER, "home")).result()
    with pytest.raises(ResourceNotFoundError):
        await sdk.firewall_rules.get(_GROUP, _SERVER, "home")


async def test_it_sets_a_parameter_and_sees_that_it_waits_for_a_restart(sdk: PostgreSQLManagementClient) -> None:
    change = ConfigurationForUpdate({"properties": {"value": "logical", "source": "user-override"}})
    poller = await sdk.configurations.begin_update(_GROUP, _SERVER, "wal_level", change)
    properties = (await poller.result()).properties
    assert properties is not None
    assert (properties.value, properties.is_config_pending_restart) == ("logical", True)
    await (await sdk.servers.begin_restart(_GROUP, _SERVER)).result()
    after = (await sdk.configurations.get(_GROUP, _SERVER, "wal_level")).properties
    assert after is not None
    assert after.is_config_pending_restart is False


async def test_a_failed_operation_is_an_error(sdk: PostgreSQLManagementClient, bench: Bench) -> None:
    await bench.control.fault(
        method="PATCH", operation_failed={"code": "InternalServerError", "message": "no"}, times=1
    )
    patch = ServerForPatch({"properties": {"network": Network(public_network_access="Disabled")}})
    poller = await sdk.servers.begin_update(_GROUP, _SERVER, patch)
    with pytest.raises(HttpResponseError, match="InternalServerError"):
        await poller.result()
