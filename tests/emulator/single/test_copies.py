"""Replicas and restored copies of single servers."""

import pytest

from tests.emulator.arm_client import ArmClient
from tests.emulator.kinds import SINGLE
from tests.emulator.single.client import SingleClient

_COPY = SINGLE.replace("pg-single", "pg-copy")


@pytest.fixture
def single(dana: ArmClient) -> SingleClient:
    return SingleClient(dana)


async def _copy(single: SingleClient, mode: str, **more: str) -> str:
    properties = {"createMode": mode, "sourceServerId": SINGLE, **more}
    accepted = await single.put(_COPY, properties, location="northeurope")
    assert accepted.status == 202, accepted
    return str(accepted.body["operation"])


async def test_a_replica_belongs_to_its_primary_and_inherits_no_rules(single: SingleClient) -> None:
    assert await _copy(single, "Replica") == "CreateElasticServerContinuousCopy"
    replica = (await single.get(_COPY)).properties
    assert (replica["replicationRole"], replica["masterServerId"], replica["replicaCapacity"]) == ("Replica", SINGLE, 0)
    assert (await single.get(SINGLE)).properties["replicationRole"] == "Master"
    assert [one["name"] for one in (await single.get(f"{SINGLE}/replicas")).body["value"]] == ["pg-copy"]
    assert (await single.get(f"{_COPY}/firewallRules")).body["value"] == []


async def test_a_replica_is_told_to_stand_alone(single: SingleClient) -> None:
    await _copy(single, "Replica")
    assert (await single.patch(_COPY, properties={"replicationRole": "None"})).status == 202
    for server in (SINGLE, _COPY):
        found = (await single.get(server)).properties
        assert (found["replicationRole"], found["masterServerId"]) == ("None", "")


async def test_replicas_outlive_their_primary(single: SingleClient) -> None:
    await _copy(single, "Replica")
    await single.send("DELETE", SINGLE)
    assert (await single.get(_COPY)).properties["replicationRole"] == "None"


async def test_replication_must_be_supported(single: SingleClient) -> None:
    await single.put(f"{SINGLE}/configurations/azure.replication_support", {"value": "OFF"})
    properties = {"createMode": "Replica", "sourceServerId": SINGLE}
    assert (await single.put(_COPY, properties, location="northeurope")).code == "ReplicationSupportDisabled"


async def test_a_restored_server_has_firewall_rules_and_no_network_rules(single: SingleClient) -> None:
    assert (
        await _copy(single, "PointInTimeRestore", restorePointInTime="2026-01-01T00:00:00Z") == "RestoreElasticServer"
    )
    assert len((await single.get(f"{_COPY}/firewallRules")).body["value"]) == 1
    assert (await single.get(f"{_COPY}/virtualNetworkRules")).body["value"] == []
    assert (await single.get(f"{_COPY}/configurations/log_disconnections")).properties["value"] == "on"
    assert (await single.get(_COPY)).properties["replicationRole"] == "None"
