"""Microsoft's own SDK for Citus clusters, unmodified."""

from collections.abc import AsyncIterator

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.cosmosdbforpostgresql.aio import CosmosdbForPostgresqlMgmtClient
from azure.mgmt.cosmosdbforpostgresql.models import (
    Cluster,
    ClusterForUpdate,
    FirewallRule,
    Role,
    ServerConfiguration,
)

from emulator.app import Emulator
from emulator.settings import Settings
from tests.emulator.arm_client import Bench
from tests.emulator.kinds import CLUSTER, a_fleet
from tests.emulator.sdk import sdk_client

_AT = ("rg-kinds", "pg-citus")


@pytest.fixture
def azure() -> Emulator:
    return Emulator(a_fleet(), Settings(operation_seconds=0.02))


@pytest.fixture
async def sdk(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CosmosdbForPostgresqlMgmtClient]:
    async with sdk_client(CosmosdbForPostgresqlMgmtClient, bench, monkeypatch) as client:
        yield client


async def test_it_reads_clusters_and_nodes(sdk: CosmosdbForPostgresqlMgmtClient) -> None:
    cluster = await sdk.clusters.get(*_AT)
    assert (cluster.coordinator_enable_public_ip_access, cluster.node_count) == (True, 2)
    assert [one.name async for one in sdk.clusters.list()] == ["pg-citus"]
    assert [one.role async for one in sdk.servers.list_by_cluster(*_AT)] == ["Coordinator", "Worker", "Worker"]


async def test_it_changes_a_cluster(sdk: CosmosdbForPostgresqlMgmtClient) -> None:
    change = ClusterForUpdate(coordinator_enable_public_ip_access=False)
    await (await sdk.clusters.begin_update(*_AT, change)).result()
    assert (await sdk.clusters.get(*_AT)).coordinator_enable_public_ip_access is False


async def test_it_makes_promotes_and_deletes_a_replica(sdk: CosmosdbForPostgresqlMgmtClient) -> None:
    body = Cluster(location="northeurope", source_resource_id=CLUSTER, source_location="westeurope")
    made = await (await sdk.clusters.begin_create("rg-kinds", "pg-copy", body)).result()
    assert made.source_resource_id == CLUSTER
    await (await sdk.clusters.begin_promote_read_replica("rg-kinds", "pg-copy")).result()
    assert (await sdk.clusters.get("rg-kinds", "pg-copy")).source_resource_id is None
    await (await sdk.clusters.begin_delete("rg-kinds", "pg-copy")).result()


async def test_it_stops_starts_and_restarts(sdk: CosmosdbForPostgresqlMgmtClient) -> None:
    await (await sdk.clusters.begin_stop(*_AT)).result()
    assert (await sdk.clusters.get(*_AT)).state == "Stopped"
    await (await sdk.clusters.begin_start(*_AT)).result()
    await (await sdk.clusters.begin_restart(*_AT)).result()


async def test_it_makes_and_removes_rules_and_roles(sdk: CosmosdbForPostgresqlMgmtClient) -> None:
    rule = FirewallRule(start_ip_address="192.0.2.1", end_ip_address="192.0.2.2")
    made = await (await sdk.firewall_rules.begin_create_or_update(*_AT, "home", rule)).result()
    assert str(made.provisioning_state) == "Succeeded"
    role = await (await sdk.roles.begin_create(*_AT, "app", Role(password="not-a-password"))).result()
    assert str(role.name) == "app"
    await (await sdk.firewall_rules.begin_delete(*_AT, "home")).result()
    with pytest.raises(ResourceNotFoundError):
        await sdk.firewall_rules.get(*_AT, "home")


async def test_it_sets_parameters_of_both_roles(sdk: CosmosdbForPostgresqlMgmtClient) -> None:
    change = ServerConfiguration(value="on")
    begin = (sdk.configurations.begin_update_on_coordinator, sdk.configurations.begin_update_on_node)
    for update in begin:
        assert (await (await update(*_AT, "log_duration", change)).result()).value == "on"
    found = await sdk.configurations.get(*_AT, "log_duration")
    assert [one.value for one in found.server_role_group_configurations or ()] == ["on", "on"]
