"""What hangs on a cluster: rules, roles, connections, parameters."""

from typing import Any

import pytest

from tests.emulator.arm_client import RULE, ArmClient, Bench
from tests.emulator.citus.client import PREVIEW, CitusClient
from tests.emulator.kinds import ADMIN, CLUSTER
from tests.emulator.webhook import Webhook


@pytest.fixture
def citus(dana: ArmClient) -> CitusClient:
    return CitusClient(dana)


@pytest.fixture
def preview(dana: ArmClient) -> CitusClient:
    return CitusClient(dana, PREVIEW)


async def test_a_firewall_rule_comes_and_goes(citus: CitusClient) -> None:
    rule = f"{CLUSTER}/firewallRules/home"
    made = await citus.send("PUT", rule, RULE)
    assert (made.status, made.properties) == (201, RULE["properties"] | {"provisioningState": "Succeeded"})
    assert [one["name"] for one in (await citus.get(f"{CLUSTER}/firewallRules")).body["value"]] == ["office", "home"]
    gone = await citus.send("DELETE", rule)
    assert (gone.status, gone.body) == (202, {})
    assert (await citus.get(rule)).code == "ResourceNotFound"
    assert (await citus.send("DELETE", rule)).status == 204


async def test_a_role_of_the_database_is_answered_without_its_password(citus: CitusClient) -> None:
    role = f"{CLUSTER}/roles/app"
    made = await citus.put(role, {"password": "not-a-password"})
    assert (made.status, made.properties) == (201, {"provisioningState": "Succeeded"})
    assert (await citus.put(role, {})).code == "InvalidParameterValue"
    assert (await citus.send("DELETE", role)).status == 202


async def test_a_role_of_entra_is_of_the_preview(citus: CitusClient, preview: CitusClient) -> None:
    found = (await preview.get(f"{CLUSTER}/roles/sg-dba")).properties
    assert (found["roleType"], found["externalIdentity"]["objectId"]) == ("admin", ADMIN)
    assert set((await citus.get(f"{CLUSTER}/roles/sg-dba")).properties) == {"provisioningState"}
    identity = {"objectId": "11111111-2222-4333-8444-555555555555", "principalType": "user"}
    assert (await preview.put(f"{CLUSTER}/roles/eve", {"externalIdentity": identity})).status == 201
    found = (await preview.get(f"{CLUSTER}/roles/eve")).properties
    assert (found["roleType"], found["externalIdentity"]["principalType"]) == ("user", "user")
    for wrong in ({"objectId": ADMIN}, {"objectId": ADMIN, "principalType": "robot"}):
        assert (await preview.put(f"{CLUSTER}/roles/x", {"externalIdentity": wrong})).code == "InvalidParameterValue"
    body = {"externalIdentity": identity, "roleType": "king"}
    assert (await preview.put(f"{CLUSTER}/roles/x", body)).code == "InvalidParameterValue"


async def test_a_pending_connection_is_decided_once(citus: CitusClient) -> None:
    found = (await citus.get(f"{CLUSTER}/privateEndpointConnections")).body["value"]
    assert [one["properties"]["groupIds"] for one in found] == [["coordinator"]] * 2
    decision = {"privateLinkServiceConnectionState": {"status": "Approved", "description": "good"}}
    assert (await citus.put(found[0]["id"], decision)).code == "PrivateEndpointConnectionStatusNotPending"
    made = await citus.put(found[1]["id"], decision)
    assert (made.status, made.properties["privateLinkServiceConnectionState"]["status"]) == (201, "Approved")
    gone = await citus.send("DELETE", found[1]["id"])
    assert (gone.status, gone.body) == (202, {})


async def test_every_node_can_be_connected_to(citus: CitusClient) -> None:
    found = (await citus.get(f"{CLUSTER}/privateLinkResources")).body["value"]
    assert [one["name"] for one in found] == ["coordinator", "worker-0", "worker-1"]
    assert (await citus.get(f"{CLUSTER}/privateLinkResources/worker-1")).status == 200


async def test_a_parameter_has_a_value_for_each_role(citus: CitusClient) -> None:
    made = await citus.put(f"{CLUSTER}/coordinatorConfigurations/log_duration", {"value": "on"})
    assert (made.status, made.properties["value"], made.properties["source"]) == (201, "on", "user-override")
    assert made.body["type"] == "Microsoft.DBforPostgreSQL/serverGroupsv2/coordinatorConfigurations"
    found = (await citus.get(f"{CLUSTER}/configurations/log_duration")).properties
    assert found["serverRoleGroupConfigurations"] == [
        {"role": "Coordinator", "value": "on", "defaultValue": "off", "source": "user-override"},
        {"role": "Worker", "value": "off", "defaultValue": "off", "source": "system-default"},
    ]
    assert (await citus.get(f"{CLUSTER}/nodeConfigurations/log_duration")).properties["value"] == "off"
    assert (await citus.put(f"{CLUSTER}/nodeConfigurations/log_duration", {"value": "maybe"})).status == 400
    assert (await citus.get(f"{CLUSTER}/nodeConfigurations/no_such_thing")).code == "ResourceNotFound"


async def test_a_node_lists_the_values_of_its_role(citus: CitusClient) -> None:
    await citus.put(f"{CLUSTER}/nodeConfigurations/log_lock_waits", {"value": "on"})
    for node, value in (("pg-citus-c", "off"), ("pg-citus-w0", "on")):
        found = (await citus.get(f"{CLUSTER}/servers/{node}/configurations")).body["value"]
        values = {one["name"]: one["properties"]["value"] for one in found}
        assert (values["log_lock_waits"], values["log_disconnections"]) == (value, "on")


async def test_what_needs_a_restart_says_so(citus: CitusClient) -> None:
    path = f"{CLUSTER}/coordinatorConfigurations/shared_preload_libraries"
    made = await citus.put(path, {"value": "citus,pg_stat_statements,pgaudit"})
    assert made.properties["requiresRestart"] is True
    assert (await citus.send("POST", f"{CLUSTER}/restart")).status == 202
    assert (await citus.get(path)).properties["value"].endswith("pgaudit")


@pytest.mark.parametrize(
    ("child", "properties", "action"),
    [
        ("firewallRules/home", RULE["properties"], "firewallRules/write"),
        ("roles/app", {"password": "not-a-password"}, "roles/write"),
        ("coordinatorConfigurations/log_duration", {"value": "on"}, "coordinatorConfigurations/write"),
        ("nodeConfigurations/log_duration", {"value": "on"}, "nodeConfigurations/write"),
    ],
)
async def test_a_change_is_told_with_its_operation(
    bench: Bench, hook: Webhook, child: str, properties: dict[str, Any], action: str
) -> None:
    await bench.control.send("POST", "/subscriptions", {"endpoint": hook.url})
    await CitusClient(await bench.arm("dana")).put(f"{CLUSTER}/{child}", properties)
    (event,) = await hook.arrived(1)
    assert event["eventType"] == "Microsoft.Resources.ResourceWriteSuccess"
    assert event["data"]["operationName"] == f"Microsoft.DBforPostgreSQL/serverGroupsv2/{action}"
