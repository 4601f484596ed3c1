"""Citus clusters: what is answered, what PUT and PATCH take, how they are copied, stopped and promoted."""

from typing import Any

import pytest

from emulator.app import Emulator
from emulator.settings import Settings
from tests.emulator.arm_client import PRODUCTION, ArmClient, Bench, bench_at
from tests.emulator.citus.client import PREVIEW, CitusClient
from tests.emulator.kinds import CLUSTER, GROUP, a_fleet

_NEW = CLUSTER.replace("pg-citus", "pg-new")
_COPY = CLUSTER.replace("pg-citus", "pg-copy")
_MEMBERS = {
    "administratorLogin",
    "provisioningState",
    "state",
    "postgresqlVersion",
    "citusVersion",
    "maintenanceWindow",
    "preferredPrimaryZone",
    "enableShardsOnCoordinator",
    "enableHa",
    "coordinatorServerEdition",
    "coordinatorStorageQuotaInMb",
    "coordinatorVCores",
    "coordinatorEnablePublicIpAccess",
    "nodeServerEdition",
    "nodeCount",
    "nodeStorageQuotaInMb",
    "nodeVCores",
    "nodeEnablePublicIpAccess",
    "serverNames",
    "readReplicas",
    "earliestRestoreTime",
    "privateEndpointConnections",
}
_IN_PREVIEW = {
    "aadAuthEnabled",
    "passwordEnabled",
    "authConfig",
    "databaseName",
    "enableGeoBackup",
    "dataEncryption",
}


@pytest.fixture
def citus(dana: ArmClient) -> CitusClient:
    return CitusClient(dana)


@pytest.fixture
def preview(dana: ArmClient) -> CitusClient:
    return CitusClient(dana, PREVIEW)


async def test_it_is_answered_with_the_members_of_its_definition(citus: CitusClient, preview: CitusClient) -> None:
    found = await citus.get(CLUSTER)
    assert set(found.properties) == _MEMBERS
    assert (found.properties["state"], found.properties["provisioningState"]) == ("Ready", "Succeeded")
    assert [one["name"] for one in found.properties["serverNames"]] == ["pg-citus-c", "pg-citus-w0", "pg-citus-w1"]
    assert set((await preview.get(CLUSTER)).properties) == _MEMBERS | _IN_PREVIEW


async def test_lists_are_by_subscription_and_by_group(citus: CitusClient) -> None:
    for scope in (PRODUCTION, GROUP):
        found = await citus.get(f"{scope}/providers/Microsoft.DBforPostgreSQL/serverGroupsv2")
        assert [one["name"] for one in found.body["value"]] == ["pg-citus"]


async def test_a_new_one_is_answered_with_201_and_itself(citus: CitusClient) -> None:
    answer = await citus.put(_NEW, {"administratorLoginPassword": "not-a-password"}, location="westeurope")
    assert (answer.status, answer.body["name"]) == (201, "pg-new")
    assert "/azureAsyncOperation/" in answer.headers["Azure-AsyncOperation"]
    assert answer.properties["coordinatorEnablePublicIpAccess"] is True
    assert "not-a-password" not in str((await citus.get(_NEW)).body)
    assert (await citus.put(_NEW, {})).status == 201
    assert (await citus.put(f"{_NEW}2", {})).code == "LocationRequired"


async def test_patch_closes_the_coordinator_and_cannot_open_the_nodes(citus: CitusClient) -> None:
    answer = await citus.patch(CLUSTER, coordinatorEnablePublicIpAccess=False, nodeEnablePublicIpAccess=True)
    assert (answer.status, answer.body) == (202, {})
    found = (await citus.get(CLUSTER)).properties
    assert (found["coordinatorEnablePublicIpAccess"], found["nodeEnablePublicIpAccess"]) == (False, False)
    await citus.put(CLUSTER, {"nodeEnablePublicIpAccess": True}, location="westeurope")
    assert (await citus.get(CLUSTER)).properties["nodeEnablePublicIpAccess"] is True


@pytest.mark.parametrize(
    "properties",
    [
        {"nodeCount": 1},
        {"coordinatorStorageQuotaInMb": 65_536},
        {"enableHa": "yes"},
        {"maintenanceWindow": {"startHour": 24}},
        {"postgresqlVersion": "14"},
    ],
)
async def test_what_cannot_be_changed_is_refused(citus: CitusClient, properties: dict[str, Any]) -> None:
    before = (await citus.get(CLUSTER)).body
    assert (await citus.patch(CLUSTER, **properties)).code == "InvalidParameterValue"
    assert (await citus.get(CLUSTER)).body == before


async def test_authentication_is_set_by_put_of_the_preview_only(citus: CitusClient, preview: CitusClient) -> None:
    wanted = {"activeDirectoryAuth": "enabled", "passwordAuth": "disabled"}
    for ignored in (preview.patch(CLUSTER, authConfig=wanted), citus.put(CLUSTER, {"authConfig": wanted})):
        await ignored
        assert (await preview.get(CLUSTER)).properties["authConfig"]["passwordAuth"] == "enabled"
    await preview.put(CLUSTER, {"authConfig": wanted}, location="westeurope")
    found = (await preview.get(CLUSTER)).properties
    assert (found["authConfig"], found["aadAuthEnabled"], found["passwordEnabled"]) == (wanted, "enabled", "disabled")
    again = await preview.put(CLUSTER, {"enableGeoBackup": True}, location="westeurope")
    assert again.code == "PropertyChangeNotAllowed"


async def test_what_is_fixed_may_be_sent_back_as_it_is(preview: CitusClient) -> None:
    found = (await preview.get(CLUSTER)).body["properties"]
    same = {name: found[name] for name in ("enableGeoBackup", "databaseName", "dataEncryption")}
    assert same["enableGeoBackup"] is False
    assert (await preview.put(CLUSTER, same, location="westeurope")).status == 201


async def test_high_availability_shows_on_every_node(citus: CitusClient) -> None:
    await citus.patch(CLUSTER, enableHa=True)
    found = (await citus.get(f"{CLUSTER}/servers")).body["value"]
    assert [one["properties"]["haState"] for one in found] == ["Healthy"] * 3
    assert [one["properties"]["role"] for one in found] == ["Coordinator", "Worker", "Worker"]
    node = (await citus.get(f"{CLUSTER}/servers/pg-citus-w1")).properties
    assert node["fullyQualifiedDomainName"].startswith("w1-pg-citus.")
    assert (await citus.get(f"{CLUSTER}/servers/pg-citus-w7")).status == 404


async def test_it_stops_and_starts(citus: CitusClient) -> None:
    assert (await citus.send("POST", f"{CLUSTER}/start")).code == "ClusterStateNotAllowed"
    assert (await citus.send("POST", f"{CLUSTER}/stop")).status == 202
    assert (await citus.get(CLUSTER)).properties["state"] == "Stopped"
    assert (await citus.send("POST", f"{CLUSTER}/restart")).code == "ClusterStateNotAllowed"
    assert (await citus.send("POST", f"{CLUSTER}/start")).status == 202
    assert (await citus.send("POST", f"{CLUSTER}/restart")).status == 202
    assert (await citus.get(CLUSTER)).properties["state"] == "Ready"


async def test_a_replica_is_read_only_until_it_is_promoted(citus: CitusClient) -> None:
    source = {"sourceResourceId": CLUSTER, "sourceLocation": "westeurope"}
    assert (await citus.put(_COPY, source, location="northeurope")).properties["sourceResourceId"] == CLUSTER
    assert (await citus.get(CLUSTER)).properties["readReplicas"] == [_COPY]
    assert (await citus.get(f"{_COPY}/servers")).body["value"][0]["properties"]["isReadOnly"] is True
    assert (await citus.send("POST", f"{CLUSTER}/promote")).code == "ClusterIsNotReadReplica"
    assert (await citus.send("POST", f"{_COPY}/promote")).status == 202
    assert "sourceResourceId" not in (await citus.get(_COPY)).properties
    assert (await citus.get(CLUSTER)).properties["readReplicas"] == []


async def test_a_restored_cluster_stands_alone(citus: CitusClient) -> None:
    source = {"sourceResourceId": CLUSTER, "pointInTimeUTC": "2026-01-01T00:00:00Z"}
    assert (await citus.put(_COPY, source, location="northeurope")).status == 201
    assert "sourceResourceId" not in (await citus.get(_COPY)).properties
    assert (await citus.put(f"{_COPY}2", {"sourceResourceId": "/no"}, location="x")).code == "InvalidParameterValue"


async def test_it_can_be_deleted_and_deleted_again(citus: CitusClient) -> None:
    await citus.put(_COPY, {"sourceResourceId": CLUSTER}, location="northeurope")
    answer = await citus.send("DELETE", CLUSTER)
    assert (answer.status, answer.body) == (202, {})
    assert (await citus.get(CLUSTER)).code == "ResourceNotFound"
    assert (await citus.send("DELETE", CLUSTER)).status == 204
    assert "sourceResourceId" not in (await citus.get(_COPY)).properties


async def test_a_running_change_shows(settings: Settings) -> None:
    slow = settings.model_copy(update={"operation_seconds": 60})
    async with Emulator(a_fleet(), slow).running() as address, bench_at(address) as bench:
        citus = CitusClient(await bench.arm("dana"))
        answer = await citus.patch(CLUSTER, enableHa=True)
        found = (await citus.get(CLUSTER)).properties
        assert (found["state"], found["provisioningState"], found["enableHa"]) == ("Updating", "InProgress", False)
        assert (await citus.arm.get(answer.headers["Location"])).status == 202
        assert (await citus.patch(CLUSTER, enableHa=False)).code == "ServerIsBusy"
        await bench.control.send("POST", "/clock", {"advance_seconds": 61})
        assert (await citus.get(CLUSTER)).properties["enableHa"] is True


async def test_a_reader_cannot_write(bench: Bench) -> None:
    auditor = CitusClient(await bench.arm("auditor"))
    assert (await auditor.get(CLUSTER)).status == 200
    message = (await auditor.send("POST", f"{CLUSTER}/promote")).body["error"]["message"]
    assert "'Microsoft.DBforPostgreSQL/serverGroupsv2/promote/action'" in message


async def test_resource_graph_knows_it(dana: ArmClient) -> None:
    query = "resources | where type == 'microsoft.dbforpostgresql/servergroupsv2' | project name, properties.state"
    path = "/providers/Microsoft.ResourceGraph/resources"
    rows = (await dana.send("POST", path, {"query": query}, version="2021-03-01")).body["data"]
    assert rows == [{"name": "pg-citus", "properties_state": "Ready"}]
