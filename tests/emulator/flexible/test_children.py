"""Virtual endpoints, threat protection, backups and databases of flexible servers."""

from typing import Any

import pytest

from tests.emulator.arm_client import OPEN, ArmClient, Bench
from tests.emulator.webhook import Webhook

_ENDPOINT = f"{OPEN}/virtualendpoints/ve-partners"
_THREATS = f"{OPEN}/advancedThreatProtectionSettings/Default"


def _members(*names: str) -> dict[str, Any]:
    return {"properties": {"endpointType": "ReadWrite", "members": list(names)}}


async def test_a_virtual_endpoint_always_has_the_primary(dana: ArmClient) -> None:
    body = {"location": "northeurope", "properties": {"createMode": "Replica", "sourceServerResourceId": OPEN}}
    await dana.put(OPEN.replace("pg-partners", "pg-copy"), body)
    made = await dana.put(_ENDPOINT, _members("pg-copy"))
    assert made.body["operation"] == "VirtualEndpointCreateManagementOperation"
    found = (await dana.get(_ENDPOINT)).properties
    assert found["members"] == ["pg-partners", "pg-copy"]
    assert found["virtualEndpoints"][0] == "ve-partners.writer.postgres.database.azure.com"
    changed = await dana.patch(_ENDPOINT, _members("pg-partners"))
    assert changed.body["operation"] == "VirtualEndpointUpdateManagementOperation"
    assert (await dana.get(_ENDPOINT)).properties["members"] == ["pg-partners"]
    assert (await dana.delete(_ENDPOINT)).body["operation"] == "VirtualEndpointDropManagementOperation"
    assert (await dana.get(f"{OPEN}/virtualendpoints")).body["value"] == []


@pytest.mark.parametrize(
    "body", [_members("pg-stranger"), {"properties": {"endpointType": "ReadWrite"}}, {"properties": {"members": []}}]
)
async def test_a_virtual_endpoint_is_for_servers_that_belong_together(dana: ArmClient, body: dict[str, Any]) -> None:
    assert (await dana.put(_ENDPOINT, body)).code == "InvalidParameterValue"
    assert (await dana.patch(_ENDPOINT, _members())).code == "ResourceNotFound"


async def test_threat_protection_is_always_there_and_dates_from_its_first_use(dana: ArmClient) -> None:
    found = (await dana.get(_THREATS)).properties
    assert found == {"state": "Disabled", "creationTime": "0001-01-01T00:00:00Z"}
    accepted = await dana.put(_THREATS, {"properties": {"state": "Enabled"}})
    assert accepted.body["operation"] == "UpsertThreatProtectionStateOperation"
    first = (await dana.get(_THREATS)).properties
    await dana.put(_THREATS, {"properties": {"state": "Disabled"}})
    (second,) = (await dana.get(f"{OPEN}/advancedThreatProtectionSettings")).body["value"]
    assert (first["state"], second["properties"]["state"]) == ("Enabled", "Disabled")
    assert first["creationTime"] == second["properties"]["creationTime"] != "0001-01-01T00:00:00Z"
    assert (await dana.put(_THREATS, {"properties": {"state": "Perhaps"}})).status == 400
    assert (await dana.get(_THREATS.replace("Default", "Other"))).status == 404
    assert (await dana.get(_THREATS, version="2022-12-01")).code == "NoRegisteredProviderFound"


async def test_backups_are_made_and_asked_for(dana: ArmClient) -> None:
    (own,) = (await dana.get(f"{OPEN}/backups")).body["value"]
    assert (own["properties"]["backupType"], own["properties"]["source"]) == ("Full", "Automatic")
    assert (await dana.send("PUT", f"{OPEN}/backups/before-release")).status == 202
    assert (await dana.get(f"{OPEN}/backups/before-release")).properties["backupType"] == "Customer On-Demand"
    assert (await dana.delete(f"{OPEN}/backups/before-release")).status == 202


async def test_databases_come_and_go(dana: ArmClient) -> None:
    names = [one["name"] for one in (await dana.get(f"{OPEN}/databases")).body["value"]]
    assert names == ["azure_maintenance", "postgres", "azure_sys"]
    made = await dana.put(f"{OPEN}/databases/orders", {"properties": {"charset": "utf8"}})
    assert made.body["operation"] == "UpsertServerDatabaseManagementOperation"
    assert (await dana.get(f"{OPEN}/databases/orders")).properties == {"charset": "utf8", "collation": "en_US.utf8"}
    assert (await dana.delete(f"{OPEN}/databases/orders")).status == 202


async def test_what_an_endpoint_can_connect_to(dana: ArmClient) -> None:
    (found,) = (await dana.get(f"{OPEN}/privateLinkResources")).body["value"]
    assert found["properties"]["requiredZoneNames"] == ["privatelink.postgres.database.azure.com"]


@pytest.mark.parametrize(
    ("method", "child", "body", "action"),
    [
        ("PUT", "virtualendpoints/ve", _members("pg-partners"), "virtualendpoints/write"),
        (
            "PUT",
            "advancedThreatProtectionSettings/Default",
            {"properties": {"state": "Enabled"}},
            "advancedThreatProtectionSettings/write",
        ),
        ("PUT", "databases/orders", {"properties": {}}, "databases/write"),
        ("DELETE", "databases/postgres", None, "databases/delete"),
        ("POST", "stop", None, "stop/action"),
    ],
)
async def test_a_change_is_told_with_its_operation(
    bench: Bench, hook: Webhook, method: str, child: str, body: dict[str, Any] | None, action: str
) -> None:
    await bench.control.send("POST", "/subscriptions", {"endpoint": hook.url})
    await (await bench.arm("dana")).send(method, f"{OPEN}/{child}", body)
    (event,) = await hook.arrived(1)
    assert event["data"]["operationName"] == f"Microsoft.DBforPostgreSQL/flexibleServers/{action}"
