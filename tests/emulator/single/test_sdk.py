"""Microsoft's own SDK for single servers, unmodified."""

from collections.abc import AsyncIterator

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.rdbms.postgresql.aio import PostgreSQLManagementClient
from azure.mgmt.rdbms.postgresql.models import (
    Configuration,
    FirewallRule,
    ServerAdministratorResource,
    ServerForCreate,
    ServerPropertiesForReplica,
    ServerSecurityAlertPolicy,
    ServerUpdateParameters,
    VirtualNetworkRule,
)

from emulator.app import Emulator
from emulator.settings import Settings
from tests.emulator.arm_client import Bench
from tests.emulator.kinds import ADMIN, SINGLE, SUBNET, a_fleet
from tests.emulator.sdk import sdk_client

_AT = ("rg-kinds", "pg-single")


@pytest.fixture
def azure() -> Emulator:
    return Emulator(a_fleet(), Settings(operation_seconds=0.02))


@pytest.fixture
async def sdk(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PostgreSQLManagementClient]:
    async with sdk_client(PostgreSQLManagementClient, bench, monkeypatch) as client:
        yield client


async def test_it_reads_servers_and_parameters(sdk: PostgreSQLManagementClient) -> None:
    server = await sdk.servers.get(*_AT)
    assert (server.ssl_enforcement, server.replication_role) == ("Enabled", "None")
    assert [one.name async for one in sdk.servers.list()] == ["pg-single", "pg-basic"]
    values = {one.name: one.value async for one in sdk.configurations.list_by_server(*_AT)}
    assert values["log_disconnections"] == "on"


async def test_it_changes_and_restarts_a_server(sdk: PostgreSQLManagementClient) -> None:
    change = ServerUpdateParameters(public_network_access="Disabled", minimal_tls_version="TLS1_2")
    server = await (await sdk.servers.begin_update(*_AT, change)).result()
    assert (server.public_network_access, server.minimal_tls_version) == ("Disabled", "TLS1_2")
    await (await sdk.servers.begin_restart(*_AT)).result()


async def test_it_makes_a_replica_and_lists_it(sdk: PostgreSQLManagementClient) -> None:
    body = ServerForCreate(location="westeurope", properties=ServerPropertiesForReplica(source_server_id=SINGLE))
    made = await (await sdk.servers.begin_create("rg-kinds", "pg-copy", body)).result()
    assert made.replication_role == "Replica"
    assert [one.name async for one in sdk.replicas.list_by_server(*_AT)] == ["pg-copy"]
    await (await sdk.servers.begin_delete("rg-kinds", "pg-copy")).result()


async def test_it_makes_and_removes_rules(sdk: PostgreSQLManagementClient) -> None:
    rule = FirewallRule(start_ip_address="192.0.2.1", end_ip_address="192.0.2.2")
    made = await (await sdk.firewall_rules.begin_create_or_update(*_AT, "home", rule)).result()
    assert made.start_ip_address == "192.0.2.1"
    await (await sdk.firewall_rules.begin_delete(*_AT, "home")).result()
    with pytest.raises(ResourceNotFoundError):
        await sdk.firewall_rules.get(*_AT, "home")
    network = VirtualNetworkRule(virtual_network_subnet_id=SUBNET)
    assert (
        await (await sdk.virtual_network_rules.begin_create_or_update(*_AT, "x", network)).result()
    ).state == "Ready"


async def test_it_sets_a_parameter(sdk: PostgreSQLManagementClient) -> None:
    change = Configuration(value="on", source="user-override")
    made = await (await sdk.configurations.begin_create_or_update(*_AT, "log_duration", change)).result()
    assert (made.value, made.source) == ("on", "user-override")


async def test_it_sets_the_administrator_and_the_alert_policy(sdk: PostgreSQLManagementClient) -> None:
    person = ServerAdministratorResource(
        administrator_type="ActiveDirectory", login="sg-dba", sid=ADMIN, tenant_id=ADMIN
    )
    made = await (await sdk.server_administrators.begin_create_or_update(*_AT, person)).result()
    assert made.login == "sg-dba"
    policy = ServerSecurityAlertPolicy(state="Disabled")
    changed = await (await sdk.server_security_alert_policies.begin_create_or_update(*_AT, "Default", policy)).result()
    assert changed.state == "Disabled"


async def test_it_reads_connections_and_keys(sdk: PostgreSQLManagementClient) -> None:
    assert len([one async for one in sdk.private_endpoint_connections.list_by_server(*_AT)]) == 2
    assert [one.name async for one in sdk.private_link_resources.list_by_server(*_AT)] == ["plr"]
    assert [one async for one in sdk.server_keys.list(*_AT)] == []


async def test_a_failed_operation_is_an_error(sdk: PostgreSQLManagementClient, bench: Bench) -> None:
    await bench.control.fault(method="PATCH", operation_failed={"code": "InternalServerError", "message": "no"})
    poller = await sdk.servers.begin_update(*_AT, ServerUpdateParameters(public_network_access="Disabled"))
    with pytest.raises(HttpResponseError, match="InternalServerError"):
        await poller.result()
