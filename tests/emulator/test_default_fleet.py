"""The small bank has all three kinds of servers and what stands around them, each where Azure would have it."""

import pytest

from tests.emulator.arm_client import PRODUCTION, ArmClient
from tests.emulator.around.client import AroundClient, version_of

_SINGLE = f"{PRODUCTION}/resourceGroups/rg-legacy/providers/Microsoft.DBforPostgreSQL/servers/pg-reporting"
_CLUSTER = f"{PRODUCTION}/resourceGroups/rg-citus/providers/Microsoft.DBforPostgreSQL/serverGroupsv2/pg-risk"
_PLATFORM = f"{PRODUCTION}/resourceGroups/rg-platform/providers"
_FLEXIBLE = {"pg-payments", "pg-ledger", "pg-partners", "pg-crm-staging", "pg-analytics", "pg-archive"}
_VAULT = f"{_PLATFORM}/Microsoft.KeyVault/vaults/kv-contoso-pg"


@pytest.fixture
def around(dana: ArmClient) -> AroundClient:
    return AroundClient(dana)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            "flexibleServers",
            {"pg-payments", "pg-ledger", "pg-partners", "pg-crm-staging", "pg-analytics", "pg-archive"},
        ),
        ("servers", {"pg-reporting"}),
        ("serverGroupsv2", {"pg-risk"}),
    ],
)
async def test_every_kind_is_found_by_its_own_query(dana: ArmClient, kind: str, names: set[str]) -> None:
    query = f"resources | where type =~ 'microsoft.dbforpostgresql/{kind}' | project name"
    path = "/providers/Microsoft.ResourceGraph/resources"
    rows = (await dana.send("POST", path, {"query": query}, version="2021-03-01")).body["data"]
    assert {row["name"] for row in rows} == names


@pytest.mark.parametrize("server", [_SINGLE, _CLUSTER])
async def test_old_and_large_servers_are_logged_and_locked(around: AroundClient, server: str) -> None:
    assert await around.names(f"{server}/providers/Microsoft.Insights/diagnosticSettings") == ["to-workspace"]
    assert (await around.delete(server)).code == "ScopeLocked"


async def test_the_cluster_is_reached_privately(around: AroundClient) -> None:
    (connection,) = await around.listed(f"{_CLUSTER}/privateEndpointConnections")
    endpoint = connection["properties"]["privateEndpoint"]["id"]
    (mine,) = (await around.get(endpoint)).properties["privateLinkServiceConnections"]
    assert mine["properties"]["privateLinkServiceConnectionState"]["status"] == "Approved"
    assert await around.names(f"{endpoint}/privateDnsZoneGroups") == ["default"]


@pytest.mark.parametrize(
    "path",
    [
        _VAULT,
        f"{_VAULT}/keys/postgres",
        f"{_VAULT}/providers/Microsoft.Authorization/locks/keep",
        f"{_PLATFORM}/Microsoft.OperationalInsights/workspaces/log-contoso",
        f"{_PLATFORM}/Microsoft.Network/virtualNetworks/vnet-data/subnets/snet-endpoints",
        f"{_PLATFORM}/Microsoft.Network/networkSecurityGroups/nsg-data/securityRules/deny-internet-to-postgres",
        f"{_PLATFORM}/Microsoft.Insights/activityLogAlerts/postgres-firewall",
        f"{PRODUCTION}/providers/Microsoft.Security/pricings/OpenSourceRelationalDatabases",
        f"{PRODUCTION}/providers/Microsoft.Security/securityContacts/default",
        f"{PRODUCTION}/providers/Microsoft.Insights/diagnosticSettings/activity-log",
        f"{_SINGLE}/securityAlertPolicies/Default",
    ],
)
async def test_what_stands_around_them_is_there(around: AroundClient, path: str) -> None:
    assert (await around.arm.get(path, version=version_of(path))).status == 200
