"""What hangs on a single server: rules, the administrator, keys, alert policy, connections, databases."""

from typing import Any

import pytest

from tests.emulator.arm_client import RULE, ArmClient, Bench
from tests.emulator.kinds import ADMIN, BASIC, SINGLE, SUBNET
from tests.emulator.single.client import SingleClient
from tests.emulator.webhook import Webhook

_VERSION = "3f6ab38018b641ef933b0b7cd4443f57"
_URI = f"https://kv-kinds.vault.azure.net/keys/pg-key/{_VERSION}"
_KEY = f"{SINGLE}/keys/kv-kinds_pg-key_{_VERSION}"
_PERSON = {
    "administratorType": "ActiveDirectory",
    "login": "mallory@contoso.example",
    "sid": "11111111-2222-4333-8444-555555555555",
    "tenantId": "6b1f3c0e-52d4-4f6a-9b3e-6f0d9a7c2e51",
}


@pytest.fixture
def single(dana: ArmClient) -> SingleClient:
    return SingleClient(dana)


async def test_a_firewall_rule_comes_and_goes(single: SingleClient) -> None:
    rule = f"{SINGLE}/firewallRules/home"
    assert (await single.send("PUT", rule, RULE)).body["operation"] == "UpsertElasticServerFirewallRules"
    assert (await single.get(rule)).properties == RULE["properties"]
    assert (await single.send("DELETE", rule)).body["operation"] == "DropElasticServerFirewallRule"
    assert (await single.get(rule)).code == "ResourceNotFound"
    assert (await single.send("DELETE", rule)).status == 204


async def test_firewall_rules_rest_while_public_access_is_off(single: SingleClient) -> None:
    assert (await single.send("PUT", f"{BASIC}/firewallRules/home", RULE)).code == "PublicNetworkAccessDisabled"


async def test_a_virtual_network_rule_names_a_subnet(single: SingleClient) -> None:
    rule = f"{SINGLE}/virtualNetworkRules/batch"
    accepted = await single.put(rule, {"virtualNetworkSubnetId": SUBNET, "ignoreMissingVnetServiceEndpoint": True})
    assert accepted.body["operation"] == "UpsertElasticServerVnetFirewallRule"
    # asked about under the resource group, as recorded
    assert "/resourceGroups/rg-kinds/providers/" in (await single.get(rule)).body["id"]
    assert (await single.get(rule)).properties["state"] == "Ready"
    assert (await single.put(rule, {"virtualNetworkSubnetId": "/nowhere"})).code == "InvalidParameterValue"
    await single.patch(BASIC, properties={"publicNetworkAccess": "Enabled"})
    basic = rule.replace("pg-single", "pg-basic")
    assert (await single.put(basic, {"virtualNetworkSubnetId": SUBNET})).code == "FeatureSwitchNotEnabled"


async def test_there_is_one_administrator_of_an_odd_type(single: SingleClient) -> None:
    path = f"{SINGLE}/administrators/activeDirectory"
    found = (await single.get(path)).body
    assert (found["type"], found["properties"]["sid"]) == ("PostgreSQL.Server.PAL", ADMIN)
    changed = await single.put(path, _PERSON)
    assert changed.body["operation"] == "UpdateActiveDirectoryAdministrator"
    assert "/administratorAzureAsyncOperation/" in changed.headers["Azure-AsyncOperation"]
    assert "/resourceGroups/rg-kinds/" in changed.headers["Location"]
    assert (await single.arm.get(changed.headers["Azure-AsyncOperation"])).body["status"] == "Succeeded"
    assert [one["properties"] for one in (await single.get(f"{SINGLE}/administrators")).body["value"]] == [_PERSON]
    assert (await single.send("DELETE", path)).body["operation"] == "DropActiveDirectoryAdministrator"
    assert (await single.get(path)).status == 404
    assert (await single.put(path, _PERSON)).body["operation"] == "CreateActiveDirectoryAdministrator"


@pytest.mark.parametrize("missing", sorted(_PERSON))
async def test_an_administrator_is_said_in_full(single: SingleClient, missing: str) -> None:
    body = {name: value for name, value in _PERSON.items() if name != missing}
    assert (await single.put(f"{SINGLE}/administrators/activeDirectory", body)).code == "InvalidParameterValue"
    assert (await single.put(f"{SINGLE}/administrators/other", _PERSON)).code == "InvalidParameterValue"


async def test_the_alert_policy_is_always_there(single: SingleClient) -> None:
    path = f"{BASIC}/securityAlertPolicies/default"
    assert (await single.get(path)).properties["state"] == "Disabled"
    changed = {"state": "Enabled", "emailAccountAdmins": True, "emailAddresses": ["soc@contoso.example"]}
    assert (await single.put(path, changed)).status == 202
    assert (await single.get(path)).properties | changed == (await single.get(path)).properties
    await single.put(path, {"state": "Enabled"})
    assert (await single.get(path)).properties["emailAddresses"] == []
    assert (await single.get(f"{BASIC}/securityAlertPolicies/other")).status == 404
    assert [one["name"] for one in (await single.get(f"{BASIC}/securityAlertPolicies")).body["value"]] == ["Default"]


async def test_a_key_needs_an_identity_and_its_name(single: SingleClient) -> None:
    key = {"serverKeyType": "AzureKeyVault", "uri": _URI}
    assert (await single.put(_KEY, key)).code == "AzureKeyVaultMissingServerIdentity"
    await single.patch(SINGLE, identity={"type": "SystemAssigned"})
    for body in ({**key, "uri": "https://example.org"}, {**key, "serverKeyType": "Own"}):
        assert (await single.put(_KEY, body)).code == "InvalidParameterValue"
    assert (await single.put(f"{SINGLE}/keys/other", key)).code == "InvalidParameterValue"
    accepted = await single.put(_KEY, key)
    assert accepted.body["operation"] == "UpsertElasticServerEncryptionKeysManagementOperation"
    assert "/serverKeyAzureAsyncOperation/" in accepted.headers["Azure-AsyncOperation"]
    assert (await single.get(SINGLE)).properties["byokEnforcement"] == "Enabled"
    assert (await single.get(_KEY)).body["kind"] == "azurekeyvault"


async def test_a_new_key_takes_the_place_of_the_old_one(single: SingleClient) -> None:
    await single.patch(SINGLE, identity={"type": "SystemAssigned"})
    for version in (_VERSION, "0" * 32):
        name, uri = _KEY.replace(_VERSION, version), _URI.replace(_VERSION, version)
        await single.put(name, {"serverKeyType": "AzureKeyVault", "uri": uri})
    found = (await single.get(f"{SINGLE}/keys")).body["value"]
    assert [one["name"] for one in found] == [f"kv-kinds_pg-key_{'0' * 32}"]
    assert (await single.send("DELETE", found[0]["id"])).status == 202
    assert (await single.get(SINGLE)).properties["byokEnforcement"] == "Disabled"


async def test_a_pending_connection_is_decided_once(single: SingleClient) -> None:
    found = (await single.get(f"{SINGLE}/privateEndpointConnections")).body["value"]
    settled, pending = (one["id"] for one in found)
    decision = {"privateLinkServiceConnectionState": {"status": "Rejected", "description": "no"}}
    answer = await single.put(settled, decision)
    assert (answer.status, answer.code) == (400, "PrivateEndpointConnectionStatusNotPending")
    accepted = await single.put(pending, decision)
    assert accepted.body["operation"] == "RejectElasticServerPrivateEndpointConnection"
    assert "/privateEndpointConnectionAzureAsyncOperation/" in accepted.headers["Azure-AsyncOperation"]
    assert (await single.get(pending)).properties["privateLinkServiceConnectionState"]["status"] == "Rejected"
    assert (await single.send("DELETE", pending)).status == 202
    assert (await single.get(pending)).status == 404


async def test_what_an_endpoint_can_connect_to(single: SingleClient) -> None:
    found = (await single.get(f"{SINGLE}/privateLinkResources")).body["value"]
    assert [one["properties"]["groupId"] for one in found] == ["postgresqlServer"]
    assert (await single.get(f"{SINGLE}/privateLinkResources/plr")).body == found[0]
    assert (await single.get(f"{SINGLE}/privateLinkResources/other")).status == 404


async def test_a_database_comes_and_goes(single: SingleClient) -> None:
    path = f"{SINGLE}/databases/orders"
    assert (await single.put(path, {"charset": "UTF8"})).status == 202
    assert (await single.get(path)).properties["charset"] == "UTF8"
    assert (await single.send("DELETE", path)).status == 202


@pytest.mark.parametrize(
    ("child", "body", "action"),
    [
        ("firewallRules/home", RULE["properties"], "firewallRules/write"),
        ("virtualNetworkRules/apps", {"virtualNetworkSubnetId": SUBNET}, "virtualNetworkRules/write"),
        ("configurations/log_duration", {"value": "on"}, "configurations/write"),
        ("administrators/activeDirectory", _PERSON, "administrators/write"),
        ("securityAlertPolicies/default", {"state": "Disabled"}, "securityAlertPolicies/write"),
    ],
)
async def test_a_change_is_told_with_its_operation(
    bench: Bench, hook: Webhook, child: str, body: dict[str, Any], action: str
) -> None:
    await bench.control.send("POST", "/subscriptions", {"endpoint": hook.url})
    await SingleClient(await bench.arm("dana")).put(f"{SINGLE}/{child}", body)
    (event,) = await hook.arrived(1)
    assert event["eventType"] == "Microsoft.Resources.ResourceWriteSuccess"
    assert event["data"]["operationName"] == f"Microsoft.DBforPostgreSQL/servers/{action}"
    assert event["subject"] == f"{SINGLE}/{child}"
