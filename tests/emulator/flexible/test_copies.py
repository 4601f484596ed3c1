"""Replicas and restored copies of flexible servers, and the promotion of replicas."""

from typing import Any

import pytest

from tests.emulator.arm_client import CLOSED, OPEN, Answered, ArmClient

_COPY = OPEN.replace("pg-partners", "pg-copy")
_PERSON = {"properties": {"principalName": "x@contoso.example", "principalType": "User"}}
_SOMEBODY = "administrators/11111111-2222-4333-8444-555555555555"


async def _copy(arm: ArmClient, mode: str, source: str = OPEN, location: str = "northeurope") -> Answered:
    body = {"location": location, "properties": {"createMode": mode, "sourceServerResourceId": source}}
    return await arm.put(_COPY, body)


async def test_a_replica_says_whom_it_follows(dana: ArmClient) -> None:
    assert (await _copy(dana, "Replica")).body["operation"] == "CreateReadReplicaManagementOperation"
    replica = (await dana.get(_COPY)).properties
    assert replica["replica"] == {"role": "AsyncReplica", "capacity": 0, "replicationState": "Active"}
    assert (replica["replicationRole"], replica["sourceServerResourceId"]) == ("AsyncReplica", OPEN)
    assert [one["name"] for one in (await dana.get(f"{OPEN}/replicas")).body["value"]] == ["pg-copy"]
    assert (await dana.get(f"{_COPY}/replicas")).body["value"] == []


async def test_a_replica_far_away_is_called_so(dana: ArmClient) -> None:
    await _copy(dana, "Replica", location="swedencentral")
    assert (await dana.get(_COPY)).properties["replicationRole"] == "GeoAsyncReplica"


async def test_a_replica_has_the_primarys_parameters_and_administrators_and_no_rules(dana: ArmClient) -> None:
    await _copy(dana, "Replica")
    assert (await dana.get(f"{_COPY}/configurations/log_line_prefix")).properties["value"] == "%t-%c-u%u-"
    assert (await dana.get(f"{_COPY}/firewallRules")).body["value"] == []
    await dana.put(f"{OPEN}/{_SOMEBODY}", _PERSON)
    assert (await dana.get(f"{_COPY}/{_SOMEBODY}")).status == 200
    await dana.delete(f"{OPEN}/{_SOMEBODY}")
    assert (await dana.get(f"{_COPY}/{_SOMEBODY}")).status == 404


async def test_a_primary_cannot_go_before_its_replicas(dana: ArmClient) -> None:
    await _copy(dana, "Replica")
    answer = await dana.delete(OPEN)
    assert (answer.status, answer.code) == (400, "ReadReplicaServersExistForSourceServer")
    assert (await dana.delete(_COPY)).body["operation"] == "DropReadReplicaManagementOperation"
    assert (await dana.delete(OPEN)).status == 202


def _promotion(mode: str, option: str = "Planned") -> dict[str, Any]:
    return {"properties": {"replica": {"role": "None", "promoteMode": mode, "promoteOption": option}}}


async def test_a_promoted_replica_stands_alone(dana: ArmClient) -> None:
    await _copy(dana, "Replica")
    accepted = await dana.patch(_COPY, _promotion("Standalone", "Forced"))
    assert accepted.body["operation"] == "PromoteReadReplicaManagementOperation"
    found = (await dana.get(_COPY)).properties
    assert (found["replicationRole"], found["replicaCapacity"]) == ("Primary", 5)
    assert "sourceServerResourceId" not in found


async def _endpoint(arm: ArmClient, *members: str) -> None:
    body = {"properties": {"endpointType": "ReadWrite", "members": list(members)}}
    assert (await arm.put(f"{OPEN}/virtualendpoints/ve-partners", body)).status == 202


async def test_a_switchover_changes_places_and_the_endpoints_follow(dana: ArmClient) -> None:
    await _copy(dana, "Replica")
    await _endpoint(dana, "pg-copy")
    await dana.patch(_COPY, _promotion("Switchover"))
    assert (await dana.get(_COPY)).properties["replicationRole"] == "Primary"
    assert (await dana.get(OPEN)).properties["sourceServerResourceId"] == _COPY
    (endpoint,) = (await dana.get(f"{_COPY}/virtualendpoints")).body["value"]
    assert endpoint["properties"]["members"] == ["pg-copy", "pg-partners"]
    assert (await dana.get(f"{OPEN}/virtualendpoints")).body["value"] == []


async def test_the_other_replicas_follow_the_new_primary(dana: ArmClient) -> None:
    await _copy(dana, "Replica")
    other = {"location": "swedencentral", "properties": {"createMode": "Replica", "sourceServerResourceId": OPEN}}
    await dana.put(f"{_COPY}-far", other)
    await _endpoint(dana, "pg-copy")
    await dana.patch(_COPY, _promotion("Switchover"))
    found = (await dana.get(f"{_COPY}-far")).properties
    assert (found["sourceServerResourceId"], found["replicationRole"]) == (_COPY, "GeoAsyncReplica")


async def test_a_switchover_needs_a_virtual_endpoint_that_leads_to_the_replica(dana: ArmClient) -> None:
    await _copy(dana, "Replica")
    assert (await dana.patch(_COPY, _promotion("Switchover"))).code == "VirtualEndpointNotConfigured"
    await _endpoint(dana, "pg-partners")
    assert (await dana.patch(_COPY, _promotion("Switchover", "Forced"))).code == "VirtualEndpointNotConfigured"


@pytest.mark.parametrize(("option", "status"), [("Planned", 400), ("Forced", 202)])
async def test_a_planned_switchover_needs_servers_of_one_size(dana: ArmClient, option: str, status: int) -> None:
    await _copy(dana, "Replica")
    await _endpoint(dana, "pg-copy")
    await dana.put(f"{OPEN}/configurations/max_connections", {"properties": {"value": "900"}})
    assert (await dana.patch(_COPY, _promotion("Switchover", option))).status == status


async def test_a_replica_that_stands_alone_leaves_the_endpoints(dana: ArmClient) -> None:
    await _copy(dana, "Replica")
    await _endpoint(dana, "pg-copy")
    await dana.patch(_COPY, _promotion("Standalone"))
    (endpoint,) = (await dana.get(f"{OPEN}/virtualendpoints")).body["value"]
    assert endpoint["properties"]["members"] == ["pg-partners"]


@pytest.mark.parametrize("mode", ["Standalone", "Switchover", "Perhaps"])
async def test_only_replicas_are_promoted(dana: ArmClient, mode: str) -> None:
    assert (await dana.patch(OPEN, _promotion(mode))).code == "InvalidParameterValue"


async def test_a_restored_server_has_nothing_but_its_own_properties(dana: ArmClient) -> None:
    assert (await _copy(dana, "PointInTimeRestore")).body["operation"] == "RestoreSnapshotManagementOperation"
    found = (await dana.get(_COPY)).properties
    assert (found["version"], found["replicationRole"]) == ("16", "Primary")
    assert (await dana.get(f"{_COPY}/firewallRules")).body["value"] == []
    assert (await dana.get(f"{_COPY}/configurations/log_line_prefix")).properties["source"] == "system-default"


async def test_a_geo_restore_needs_geo_backups(dana: ArmClient) -> None:
    assert (await _copy(dana, "GeoRestore")).code == "GeoBackupsNotAvailable"
    assert (await _copy(dana, "GeoRestore", CLOSED)).status == 202


async def test_a_copy_needs_its_source(dana: ArmClient) -> None:
    assert (await _copy(dana, "Replica", "/nowhere")).code == "InvalidParameterValue"
    assert (await _copy(dana, "ReviveDropped")).code == "NotEmulated"


async def test_it_stops_and_starts(dana: ArmClient) -> None:
    assert (await dana.send("POST", f"{OPEN}/stop")).body["operation"] == "StopServerManagementOperation"
    assert (await dana.get(OPEN)).properties["state"] == "Stopped"
    assert (await dana.send("POST", f"{OPEN}/start")).status == 202
    assert (await dana.get(OPEN)).properties["state"] == "Ready"
