"""What hangs on a server end to end: somebody takes it away or adds to it, and the event alone brings it back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from string import Template
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
_ALERTS = Thing(
    "/securityAlertPolicies/Default",
    "2017-12-01",
    {
        "state": "Enabled",
        "emailAccountAdmins": True,
        "emailAddresses": ["soc@contoso.example"],
        "disabledAlerts": [],
        "retentionDays": 0,
    },
)
_THREATS = Thing("/advancedThreatProtectionSettings/Default", "2025-08-01", {"state": "Enabled"})
_ENDPOINT = Thing("/virtualendpoints/pg-main", "2025-08-01", {"endpointType": "ReadWrite", "members": ["mixed-00"]})
_BACKUP = Thing("/backups/before-upgrade", "2025-08-01", {})
_DBA = Thing(
    "/administrators/3f0c8f5a-7b1e-4a52-9d15-52f1f7a2c901",
    "2025-08-01",
    {"principalName": "sg-dba-production", "principalType": "Group"},
)
_PERSON = Thing(f"/administrators/{_STRANGER}", "2025-08-01", {"principalName": "dana", "principalType": "User"})
_READER = Thing(
    "/providers/Microsoft.Authorization/roleAssignments/99999999-9999-4999-8999-999999999998",
    "2022-04-01",
    {
        "roleDefinitionId": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/"
        "acdd72a7-3385-48ef-bd42-f606fba81ae7",
        "principalId": _STRANGER,
        "principalType": "User",
    },
)


@dataclass(frozen=True, slots=True)
class Case:
    """A thing that stands there, how somebody changes it (nothing: deletes it), and what is then decided."""

    control: str
    sort: Sort
    before: Thing
    after: Thing | None
    verb: str

    def __str__(self) -> str:
        return f"{self.control}-{self.sort}"


CASES = (
    Case(
        "diagnostic-settings-destination",
        Sort.PRIVATE,
        _SETTING,
        replace(_SETTING, properties={**_SETTING.properties, "workspaceId": f"{_WORKSPACE}-of-others"}),
        "act",
    ),
    Case(
        "advanced-threat-protection-server",
        Sort.PRIVATE,
        _THREATS,
        replace(_THREATS, properties={"state": "Disabled"}),
        "act",
    ),
    Case(
        "advanced-threat-protection-server",
        Sort.SINGLE,
        _ALERTS,
        replace(_ALERTS, properties={**_ALERTS.properties, "state": "Disabled"}),
        "act",
    ),
    Case(
        "atp-email-notifications",
        Sort.SINGLE,
        _ALERTS,
        replace(_ALERTS, properties={**_ALERTS.properties, "emailAddresses": ["dana@contoso.example"]}),
        "act",
    ),
    Case(
        "atp-disabled-alerts-empty",
        Sort.SINGLE,
        _ALERTS,
        replace(_ALERTS, properties={**_ALERTS.properties, "disabledAlerts": ["Access_Anomaly"]}),
        "act",
    ),
    Case("virtual-endpoint-integrity", Sort.BOTH_SIGN_INS, _ENDPOINT, None, "ask"),
    Case("ondemand-backup-retained", Sort.PRIVATE, _BACKUP, None, "tell"),
    Case("entra-admin-provisioned", Sort.PRIVATE, _DBA, None, "ask"),
    Case("entra-admin-is-group", Sort.PRIVATE, _DBA, _PERSON, "ask"),
    Case("rbac-principals-are-groups", Sort.PRIVATE, _LOCK, _READER, "ask"),
)
_STAGES = {"act": Stage.PROVEN, "ask": Stage.ASKED, "tell": Stage.DETECTED}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def attached(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A running Holdfast that cares for what hangs on servers."""
    folder = tmp_path_factory.mktemp("attached")
    fleet = Fleet(
        folder / "fleet.json", {Sort.PRIVATE: 12, Sort.SINGLE: 6, Sort.CITUS: 2, Sort.BOTH_SIGN_INS: 1, Sort.SANDBOX: 1}
    )
    rules = folder / "policy.yaml"
    text = Template(policy("attached.yaml").read_text(encoding="utf-8"))
    rules.write_text(text.substitute(workspace=_WORKSPACE), encoding="utf-8")
    async with holdfast_up(folder, exchanges, rules, fleet) as world:
        yield world


async def act(world: World, server: Server, method: str, thing: Thing, **properties: Any) -> None:
    told = {**thing.properties, **properties}
    body = {"properties": told} if method == "PUT" and told else None
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


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_what_somebody_changes_is_decided_as_the_policy_says(attached: World, case: Case) -> None:
    server = await a_server_with(attached, case.sort, case.before)
    await act(attached, server, "PUT" if case.after else "DELETE", case.after or case.before)
    record = await server.record(_STAGES[case.verb])
    assert {(finding.control, finding.verb) for finding in record.report.findings} >= {(case.control, case.verb)}
    assert bool(await server.writes()) is (case.verb == "act")


async def test_a_server_that_loses_its_private_endpoint_is_told_of(attached: World) -> None:
    server = await attached.a_server(Sort.PRIVATE)
    (connection,) = await names(attached, server, "privateEndpointConnections")
    await act(attached, server, "DELETE", Thing(f"/privateEndpointConnections/{connection}", "2025-08-01", {}))
    record = await server.record(Stage.DETECTED)
    assert "private-endpoint-approved" in record.controls
    assert "make a private endpoint for the server" in server.message.text


async def test_a_private_endpoint_of_another_subscription_is_a_persons_to_remove(attached: World) -> None:
    server = await attached.a_server(Sort.PRIVATE)
    group = "/subscriptions/2e7a9b10-6c3d-4e5f-b1a2-7d8c9e0f1a2b/resourceGroups/rg-sandbox/providers/Microsoft.Network"
    link = {"privateLinkServiceId": server.id, "groupIds": ["postgresqlServer"]}
    body = {
        "location": "westeurope",
        "properties": {
            "subnet": {"id": f"{group}/virtualNetworks/v/subnets/s"},
            "privateLinkServiceConnections": [{"name": "pe", "properties": link}],
        },
    }
    await attached.azure.call(ADA, "PUT", f"{group}/privateEndpoints/strange", body, "2024-05-01")
    await attached.sweep()
    record = await server.record(Stage.ASKED)
    assert record.controls == {"private-endpoint-allowlist"}


async def names(world: World, server: Server, collection: str) -> list[str]:
    found = await world.azure.call(ADA, "GET", f"{server.id}/{collection}", api_version="2025-08-01")
    return [one["name"] for one in found["value"]]
