"""Security groups, virtual networks, private endpoints and their DNS zone groups."""

from typing import Any

import pytest

from tests.emulator.arm_client import CLOSED, OPEN, PRODUCTION, Bench
from tests.emulator.around.client import AroundClient
from tests.emulator.kinds import CLUSTER, GROUP, NSG, SINGLE, SUBNET

_NETWORK = SUBNET.rpartition("/subnets/")[0]
_ENDPOINT = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe-test"
_ALLOW = {
    "protocol": "Tcp",
    "sourcePortRange": "*",
    "sourceAddressPrefix": "Internet",
    "destinationPortRange": "5432",
    "destinationAddressPrefix": "*",
    "access": "Allow",
    "priority": 100,
    "direction": "Inbound",
}


def _endpoint(target: str, *, manual: bool = False) -> dict[str, Any]:
    word = "manualPrivateLinkServiceConnections" if manual else "privateLinkServiceConnections"
    group = "coordinator" if "serverGroupsv2" in target else "postgresqlServer"
    connection = {"name": "to-pg", "properties": {"privateLinkServiceId": target, "groupIds": [group]}}
    return {"subnet": {"id": SUBNET}, word: [connection]}


async def test_a_security_rule_is_part_of_its_group(around: AroundClient) -> None:
    made = await around.put(f"{NSG}/securityRules/open", _ALLOW)
    assert made.status == 201
    assert "/providers/Microsoft.Network/locations/" in made.headers["Azure-AsyncOperation"]
    assert (await around.arm.get(made.headers["Azure-AsyncOperation"])).body["status"] == "Succeeded"
    group = (await around.get(NSG)).properties
    assert [one["name"] for one in group["securityRules"]] == ["no-internet", "open"]
    assert [one["name"] for one in group["defaultSecurityRules"]][2] == "DenyAllInBound"
    assert (await around.put(f"{NSG}/securityRules/other", _ALLOW)).code == "SecurityRuleConflict"
    assert (await around.delete(f"{NSG}/securityRules/open")).status == 202
    assert await around.names(f"{NSG}/securityRules") == ["no-internet"]


async def test_a_put_of_the_group_replaces_its_rules(around: AroundClient) -> None:
    rules = [{"name": "open", "properties": _ALLOW}]
    made = await around.put(NSG, {"securityRules": rules}, location="westeurope")
    assert (made.status, [one["name"] for one in made.properties["securityRules"]]) == (200, ["open"])
    assert (await around.send("PATCH", NSG, {"tags": {"a": "b"}})).body["tags"] == {"a": "b"}
    assert await around.names(f"{NSG}/securityRules") == ["open"]


async def test_a_put_of_a_subnet_says_everything(around: AroundClient) -> None:
    found = (await around.get(SUBNET)).properties
    assert (found["networkSecurityGroup"], found["privateEndpointNetworkPolicies"]) == ({"id": NSG}, "Disabled")
    body = {"addressPrefix": "10.0.1.0/24", "privateEndpointNetworkPolicies": "Enabled"}
    assert (await around.put(SUBNET, body)).status == 200
    found = (await around.get(SUBNET)).properties
    assert found["privateEndpointNetworkPolicies"] == "Enabled"
    assert "networkSecurityGroup" not in found
    assert [one["name"] for one in (await around.get(_NETWORK)).properties["subnets"]] == ["snet-apps"]


@pytest.mark.parametrize("target", [OPEN, SINGLE, CLUSTER])
async def test_a_new_endpoint_is_connected_at_once(around: AroundClient, target: str) -> None:
    made = await around.put(_ENDPOINT, _endpoint(target), location="westeurope")
    assert made.status == 201
    (mine,) = (await around.get(_ENDPOINT)).properties["privateLinkServiceConnections"]
    assert mine["properties"]["privateLinkServiceConnectionState"]["status"] == "Approved"
    theirs = await around.listed(f"{target}/privateEndpointConnections")
    assert theirs[-1]["properties"]["privateEndpoint"]["id"] == _ENDPOINT
    assert (await around.get(SUBNET)).properties["privateEndpoints"] == [{"id": _ENDPOINT}]
    assert (await around.delete(_ENDPOINT)).status == 202
    assert len(await around.listed(f"{target}/privateEndpointConnections")) == len(theirs) - 1


async def test_a_manual_endpoint_waits_for_approval(around: AroundClient) -> None:
    await around.put(_ENDPOINT, _endpoint(OPEN, manual=True), location="westeurope")
    (theirs,) = await around.listed(f"{OPEN}/privateEndpointConnections")
    state = {"status": "Approved", "description": "good"}
    assert theirs["properties"]["privateLinkServiceConnectionState"]["status"] == "Pending"
    await around.put(theirs["id"], {"privateLinkServiceConnectionState": state})
    (mine,) = (await around.get(_ENDPOINT)).properties["manualPrivateLinkServiceConnections"]
    assert mine["properties"]["privateLinkServiceConnectionState"]["description"] == "good"
    await around.put(_ENDPOINT, _endpoint(OPEN, manual=True), location="westeurope")
    assert len(await around.listed(f"{OPEN}/privateEndpointConnections")) == 1


async def test_an_endpoint_whose_connection_was_removed_knows(around: AroundClient) -> None:
    await around.put(_ENDPOINT, _endpoint(OPEN), location="westeurope")
    (theirs,) = await around.listed(f"{OPEN}/privateEndpointConnections")
    assert (await around.delete(theirs["id"])).status == 202
    (mine,) = (await around.get(_ENDPOINT)).properties["privateLinkServiceConnections"]
    assert mine["properties"]["privateLinkServiceConnectionState"]["status"] == "Disconnected"


async def test_who_may_not_approve_has_to_ask(bench: Bench, around: AroundClient) -> None:
    name, assignment = "88888888-0000-4000-8000-000000000001", "providers/Microsoft.Authorization/roleAssignments"
    role = "b24988ac-6180-42a0-ab88-20f7382dd24c"
    body = {
        "roleDefinitionId": f"{PRODUCTION}/providers/Microsoft.Authorization/roleDefinitions/{role}",
        "principalId": bench.address.principals["auditor"]["object_id"],
    }
    await around.put(f"{GROUP}/{assignment}/{name}", body)
    auditor = AroundClient(await bench.arm("auditor"))
    answer = await auditor.put(_ENDPOINT, _endpoint(CLOSED), location="westeurope")
    assert (answer.status, answer.code) == (403, "LinkedAuthorizationFailed")
    assert (await auditor.put(_ENDPOINT, _endpoint(CLOSED, manual=True), location="westeurope")).status == 201


async def test_a_zone_group_belongs_to_an_endpoint(around: AroundClient) -> None:
    zone = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com"
    path = f"{_ENDPOINT}/privateDnsZoneGroups/default"
    body = {"privateDnsZoneConfigs": [{"name": "pg", "properties": {"privateDnsZoneId": zone}}]}
    assert (await around.put(path, body)).code == "ParentResourceNotFound"
    await around.put(_ENDPOINT, _endpoint(OPEN), location="westeurope")
    assert (await around.put(path, body)).status == 201
    (config,) = (await around.get(path)).properties["privateDnsZoneConfigs"]
    assert config["properties"]["privateDnsZoneId"] == zone
    assert await around.names(f"{_ENDPOINT}/privateDnsZoneGroups") == ["default"]
    assert (await around.delete(path)).status == 202
