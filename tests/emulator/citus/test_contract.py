"""A broad session with Citus clusters is held against Microsoft's definitions of both versions, strictly."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.arm_client import PRODUCTION, RULE
from tests.emulator.citus.client import PREVIEW, STABLE, CitusClient
from tests.emulator.judge import follow, judged
from tests.emulator.kinds import ADMIN, CLUSTER, GROUP, a_fleet

_CHILDREN = (
    "servers",
    "servers/pg-citus-c",
    "servers/pg-citus-w0/configurations",
    "configurations",
    "configurations/log_checkpoints",
    "coordinatorConfigurations/log_checkpoints",
    "nodeConfigurations/shared_preload_libraries",
    "firewallRules",
    "firewallRules/office",
    "roles",
    "roles/sg-dba",
    "privateEndpointConnections",
    "privateLinkResources",
    "privateLinkResources/coordinator",
)
_COPY = CLUSTER.replace("pg-citus", "pg-copy")


async def _read_everything(citus: CitusClient) -> None:
    for child in ("", *(f"/{child}" for child in _CHILDREN)):
        assert (await citus.get(f"{CLUSTER}{child}")).status == 200
    for scope in (PRODUCTION, GROUP):
        assert (await citus.get(f"{scope}/providers/Microsoft.DBforPostgreSQL/serverGroupsv2")).status == 200
    assert (await citus.get(CLUSTER.replace("pg-citus", "nowhere"))).status == 404


async def _write_everything(citus: CitusClient) -> None:
    async def write(method: str, path: str, body: Any = None) -> None:
        await follow(citus.arm, method, path, body, citus.version)

    pending = (await citus.get(f"{CLUSTER}/privateEndpointConnections")).body["value"][1]["id"]
    state = {"privateLinkServiceConnectionState": {"status": "Approved", "description": "good"}}
    entra = {"externalIdentity": {"objectId": ADMIN, "principalType": "group"}, "roleType": "admin"}
    role = entra if citus.version == PREVIEW else {"password": "not-a-password"}
    window = {"customWindow": "Enabled", "dayOfWeek": 6, "startHour": 2, "startMinute": 30}
    await write("PATCH", CLUSTER, {"properties": {"enableHa": True, "maintenanceWindow": window}, "tags": {"a": "b"}})
    await write("PATCH", CLUSTER, {"properties": {"coordinatorEnablePublicIpAccess": False}})
    await write("PUT", f"{CLUSTER}/firewallRules/home", RULE)
    await write("PUT", f"{CLUSTER}/roles/app", {"properties": role})
    await write("PUT", pending, {"properties": state})
    for kind in ("coordinatorConfigurations", "nodeConfigurations"):
        await write("PUT", f"{CLUSTER}/{kind}/log_duration", {"properties": {"value": "on"}})
    for word in ("restart", "stop", "start"):
        await write("POST", f"{CLUSTER}/{word}")
    replica = {"sourceResourceId": CLUSTER, "sourceLocation": "westeurope"}
    await write("PUT", _COPY, {"location": "northeurope", "properties": replica})
    await _read_everything(citus)
    await write("POST", f"{_COPY}/promote")
    for path in (f"{CLUSTER}/firewallRules/home", f"{CLUSTER}/roles/app", pending, _COPY):
        await write("DELETE", path)
        assert (await citus.send("DELETE", path)).status == 204


@pytest.mark.parametrize("version", [STABLE, PREVIEW])
async def test_a_broad_session_keeps_the_contracts(tmp_path: Path, version: str) -> None:
    counts: Counter[str] = Counter()
    async with judged(tmp_path, a_fleet(), counts) as bench:
        citus = CitusClient(await bench.arm("dana"), version)
        for part in (_read_everything, _write_everything, _read_everything):
            await part(citus)
    assert counts["held"] > 60
    assert counts["poll"] > 25
