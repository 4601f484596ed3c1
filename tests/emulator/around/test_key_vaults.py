"""Key vaults and their keys as Resource Manager has them, and servers that cannot reach their key."""

from typing import Any

import pytest

from tests.emulator.arm_client import OPEN, PRODUCTION
from tests.emulator.around.client import AroundClient
from tests.emulator.kinds import ADMIN, GROUP, IDENTITY, KEY_VERSION, VAULT

_NEW = VAULT.replace("kv-kinds", "kv-new")
_BODY: dict[str, Any] = {"tenantId": ADMIN, "sku": {"family": "A", "name": "standard"}}


async def test_a_vault_is_made_with_the_services_defaults(around: AroundClient) -> None:
    made = await around.put(_NEW, _BODY, location="westeurope")
    assert made.status == 200
    found = made.properties
    assert (found["enableSoftDelete"], found["softDeleteRetentionInDays"]) == (True, 90)
    assert (found["vaultUri"], found["publicNetworkAccess"]) == ("https://kv-new.vault.azure.net/", "Enabled")
    assert "enablePurgeProtection" not in found
    assert set(await around.names(f"{GROUP}/providers/Microsoft.KeyVault/vaults")) == {"kv-kinds", "kv-new"}
    assert (await around.delete(_NEW)).status == 200
    assert (await around.delete(_NEW)).status == 204


async def test_patch_keeps_what_it_does_not_speak_of(around: AroundClient) -> None:
    await around.put(_NEW, _BODY, location="westeurope")
    acls = {"defaultAction": "Deny", "bypass": "AzureServices"}
    changed = await around.patch(_NEW, enablePurgeProtection=True, networkAcls=acls)
    assert changed.status == 200
    await around.patch(_NEW, networkAcls={"bypass": "None"})
    found = (await around.get(_NEW)).properties
    assert found["networkAcls"] == {"defaultAction": "Deny", "bypass": "None"}
    assert found["enablePurgeProtection"] is True


@pytest.mark.parametrize(
    "properties",
    [
        {"enablePurgeProtection": False},
        {"enableSoftDelete": False},
        {"softDeleteRetentionInDays": 30},
        {"softDeleteRetentionInDays": 91},
        {"publicNetworkAccess": "Perhaps"},
    ],
)
async def test_there_is_no_way_back_from_protection(around: AroundClient, properties: dict[str, Any]) -> None:
    assert (await around.patch(VAULT, **properties)).status == 400
    assert (await around.get(VAULT)).properties["enablePurgeProtection"] is True


async def test_access_policies_are_added_and_removed(around: AroundClient) -> None:
    policy = {"tenantId": ADMIN, "objectId": ADMIN, "permissions": {"keys": ["get", "wrapKey", "unwrapKey"]}}
    added = await around.put(f"{VAULT}/accessPolicies/add", {"accessPolicies": [policy]})
    assert (added.status, added.properties["accessPolicies"]) == (200, [policy])
    assert (await around.get(VAULT)).properties["accessPolicies"] == [policy]
    removed = await around.put(f"{VAULT}/accessPolicies/remove", {"accessPolicies": [policy]})
    assert removed.properties["accessPolicies"] == []
    assert (await around.put(f"{VAULT}/accessPolicies/forget", {"accessPolicies": []})).status == 400
    assert (await around.put(f"{VAULT}/accessPolicies/add", {})).status == 400


async def test_a_key_is_read_with_its_versions(around: AroundClient) -> None:
    found = (await around.get(f"{VAULT}/keys/pg-key")).properties
    assert (found["kty"], found["keySize"], found["attributes"]["enabled"]) == ("RSA-HSM", 3072, True)
    assert found["keyUriWithVersion"] == f"https://kv-kinds.vault.azure.net/keys/pg-key/{KEY_VERSION}"
    assert found["attributes"]["recoveryLevel"] == "Recoverable"
    assert await around.names(f"{VAULT}/keys") == ["pg-key"]
    assert await around.names(f"{VAULT}/keys/pg-key/versions") == [KEY_VERSION]
    assert (await around.get(f"{VAULT}/keys/pg-key/versions/{KEY_VERSION}")).properties["kty"] == "RSA-HSM"
    for path in ("keys/other", "keys/pg-key/versions/0", "keys/other/versions"):
        assert (await around.get(f"{VAULT}/{path}")).status == 404


async def test_a_key_is_made_once_and_never_changed(around: AroundClient) -> None:
    key = f"{VAULT}/keys/new-key"
    made = await around.put(key, {"kty": "EC", "attributes": {"exp": 2_000_000_000}})
    assert (made.status, made.properties["curveName"]) == (200, "P-256")
    again = await around.put(key, {"kty": "RSA"})
    assert again.properties["keyUriWithVersion"] == made.properties["keyUriWithVersion"]
    assert (await around.put(f"{VAULT}/keys/third", {"kty": "oct"})).status == 400
    assert (await around.delete(key)).status == 405


def _encrypted(uri: str) -> dict[str, Any]:
    return {
        "location": "northeurope",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}},
        "properties": {
            "administratorLogin": "pgadmin",
            "dataEncryption": {
                "type": "AzureKeyVault",
                "primaryKeyURI": uri,
                "primaryUserAssignedIdentityId": IDENTITY,
            },
        },
    }


@pytest.mark.parametrize(
    ("uri", "status", "state"),
    [
        ("https://kv-kinds.vault.azure.net/keys/pg-key", "Valid", "Ready"),
        (f"https://kv-kinds.vault.azure.net/keys/pg-key/{KEY_VERSION}", "Valid", "Ready"),
        ("https://kv-kinds.vault.azure.net/keys/lost", "Invalid", "Inaccessible"),
        ("https://kv-elsewhere.vault.azure.net/keys/unknown", "Valid", "Ready"),
    ],
)
async def test_a_server_without_its_key_is_inaccessible(
    around: AroundClient, uri: str, status: str, state: str
) -> None:
    server = OPEN.replace("pg-partners", "pg-new")
    assert (await around.send("PUT", server, _encrypted(uri))).status == 202
    found = (await around.get(server)).properties
    assert (found["dataEncryption"]["primaryEncryptionKeyStatus"], found["state"]) == (status, state)


async def test_resource_graph_knows_what_has_a_location(around: AroundClient) -> None:
    query = "resources | where type == 'microsoft.keyvault/vaults' | project name, properties.enablePurgeProtection"
    path = "/providers/Microsoft.ResourceGraph/resources"
    rows = (await around.arm.send("POST", path, {"query": query}, version="2021-03-01")).body["data"]
    assert rows == [{"name": "kv-kinds", "properties_enablePurgeProtection": True}]


async def test_an_identity_has_its_ids(around: AroundClient) -> None:
    assert set((await around.get(IDENTITY)).properties) == {"tenantId", "principalId", "clientId"}
    place = "providers/Microsoft.ManagedIdentity/userAssignedIdentities"
    assert await around.names(f"{PRODUCTION}/{place}") == ["id-kinds"]
