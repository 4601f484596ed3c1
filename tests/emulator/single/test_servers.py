"""Single servers: what is answered, what PATCH takes, what is only set at creation."""

from typing import Any

import pytest

from tests.emulator.arm_client import PRODUCTION, ArmClient, Bench
from tests.emulator.kinds import BASIC, GROUP, SINGLE
from tests.emulator.single.client import SingleClient

_NEW = SINGLE.replace("pg-single", "pg-new")
_MEMBERS = {
    "administratorLogin",
    "storageProfile",
    "version",
    "sslEnforcement",
    "minimalTlsVersion",
    "userVisibleState",
    "fullyQualifiedDomainName",
    "earliestRestoreDate",
    "replicationRole",
    "masterServerId",
    "replicaCapacity",
    "byokEnforcement",
    "privateEndpointConnections",
    "infrastructureEncryption",
    "publicNetworkAccess",
}


@pytest.fixture
def single(dana: ArmClient) -> SingleClient:
    return SingleClient(dana)


def _server(**properties: Any) -> dict[str, Any]:
    made = {"createMode": "Default", "administratorLogin": "pgadmin", "administratorLoginPassword": "not-a-password"}
    return {"location": "westeurope", "sku": {"name": "GP_Gen5_4"}, "properties": made | properties}


async def test_it_is_answered_with_the_members_of_recorded_answers(single: SingleClient) -> None:
    found = await single.get(SINGLE)
    assert set(found.properties) == _MEMBERS
    assert found.body["sku"] == {"name": "GP_Gen5_2", "tier": "GeneralPurpose", "family": "Gen5", "capacity": 2}
    assert found.properties["userVisibleState"] == "Ready"
    assert found.properties["fullyQualifiedDomainName"] == "pg-single.postgres.database.azure.com"
    states = [
        one["properties"]["privateLinkServiceConnectionState"]["status"]
        for one in found.properties["privateEndpointConnections"]
    ]
    assert states == ["Approved", "Pending"]


async def test_lists_are_by_subscription_and_by_group(single: SingleClient) -> None:
    for scope in (PRODUCTION, GROUP):
        found = await single.get(f"{scope}/providers/Microsoft.DBforPostgreSQL/servers")
        assert [one["name"] for one in found.body["value"]] == ["pg-single", "pg-basic"]


async def test_only_its_own_api_version_is_known(single: SingleClient) -> None:
    answer = await single.arm.get(SINGLE, version="2025-08-01")
    assert (answer.status, answer.code) == (400, "NoRegisteredProviderFound")


async def test_patch_merges_the_storage_profile(single: SingleClient) -> None:
    accepted = await single.patch(SINGLE, properties={"storageProfile": {"backupRetentionDays": 35}})
    assert (accepted.status, accepted.body["operation"]) == (202, "UpsertElasticServer")
    profile = (await single.get(SINGLE)).properties["storageProfile"]
    assert (profile["backupRetentionDays"], profile["storageAutogrow"]) == (35, "Enabled")


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"storageProfile": {"geoRedundantBackup": "Enabled"}}, "PropertyChangeNotAllowed"),
        ({"version": "10"}, "PropertyChangeNotAllowed"),
        ({"storageProfile": {"backupRetentionDays": 6}}, "InvalidParameterValue"),
        ({"storageProfile": {"storageMB": 5120}}, "InvalidParameterValue"),
        ({"sslEnforcement": "Perhaps"}, "InvalidParameterValue"),
        ({"minimalTlsVersion": "TLS1_3"}, "InvalidParameterValue"),
    ],
)
async def test_what_cannot_be_changed_is_refused(single: SingleClient, properties: dict[str, Any], code: str) -> None:
    before = (await single.get(SINGLE)).body
    answer = await single.patch(SINGLE, properties=properties)
    assert (answer.status, answer.code) == (400, code)
    assert (await single.get(SINGLE)).body == before


async def test_patch_ignores_what_its_definition_lacks(single: SingleClient) -> None:
    assert (await single.patch(SINGLE, properties={"infrastructureEncryption": "Enabled"})).status == 202
    assert (await single.get(SINGLE)).properties["infrastructureEncryption"] == "Disabled"


async def test_put_cannot_encrypt_twice_afterwards(single: SingleClient) -> None:
    assert (await single.send("PUT", _NEW, _server(infrastructureEncryption="Enabled"))).status == 202
    assert (await single.get(_NEW)).properties["infrastructureEncryption"] == "Enabled"
    answer = await single.send("PUT", _NEW, _server(infrastructureEncryption="Disabled"))
    assert answer.code == "PropertyChangeNotAllowed"


async def test_a_lowest_tls_version_once_asked_for_stays_asked_for(single: SingleClient) -> None:
    assert (await single.patch(SINGLE, properties={"minimalTlsVersion": "TLS1_2"})).status == 202
    assert (await single.patch(SINGLE, properties={"minimalTlsVersion": "TLSEnforcementDisabled"})).status == 400
    assert (await single.patch(SINGLE, properties={"sslEnforcement": "Disabled"})).status == 202


async def test_an_identity_gets_its_ids(single: SingleClient) -> None:
    await single.patch(SINGLE, identity={"type": "SystemAssigned"})
    identity = (await single.get(SINGLE)).body["identity"]
    assert (identity["type"], set(identity)) == ("SystemAssigned", {"type", "principalId", "tenantId"})


async def test_a_new_server_has_the_defaults_and_the_systems_databases(single: SingleClient) -> None:
    accepted = await single.send("PUT", _NEW, _server())
    assert accepted.body["operation"] == "UpsertElasticServer"
    found = (await single.get(_NEW)).properties
    assert (found["sslEnforcement"], found["minimalTlsVersion"]) == ("Enabled", "TLSEnforcementDisabled")
    names = [one["name"] for one in (await single.get(f"{_NEW}/databases")).body["value"]]
    assert names == ["postgres", "azure_maintenance", "azure_sys"]
    assert "not-a-password" not in str((await single.get(_NEW)).body)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"properties": {"createMode": "Default"}}, "LocationRequired"),
        (_server(createMode="Perhaps"), "InvalidParameterValue"),
        (_server() | {"sku": {"name": "Standard_D2"}}, "InvalidParameterValue"),
        (_server(createMode="Replica", sourceServerId="/nowhere"), "InvalidParameterValue"),
    ],
)
async def test_a_new_server_must_be_described(single: SingleClient, body: dict[str, Any], code: str) -> None:
    assert (await single.send("PUT", _NEW, body)).code == code


async def test_it_can_be_deleted_and_deleted_again(single: SingleClient) -> None:
    assert (await single.send("DELETE", BASIC)).body["operation"] == "DropElasticServer"
    assert (await single.get(BASIC)).code == "ResourceNotFound"
    assert (await single.get(f"{BASIC}/firewallRules")).code == "ParentResourceNotFound"
    assert (await single.send("DELETE", BASIC)).status == 204


async def test_a_reader_cannot_write(bench: Bench) -> None:
    auditor = SingleClient(await bench.arm("auditor"))
    assert (await auditor.get(SINGLE)).status == 200
    answer = await auditor.patch(SINGLE, tags={})
    assert answer.code == "AuthorizationFailed"
    assert "'Microsoft.DBforPostgreSQL/servers/write'" in answer.body["error"]["message"]
    assert "servers/restart/action" in (await auditor.send("POST", f"{SINGLE}/restart")).body["error"]["message"]


async def test_resource_graph_knows_it(dana: ArmClient) -> None:
    query = "resources | where type == 'microsoft.dbforpostgresql/servers' | project name, properties.sslEnforcement"
    path = "/providers/Microsoft.ResourceGraph/resources"
    rows = (await dana.send("POST", path, {"query": query}, version="2021-03-01")).body["data"]
    assert rows[0] == {"name": "pg-single", "properties_sslEnforcement": "Enabled"}
