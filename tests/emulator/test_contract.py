"""Every answer of a broad session is held against Microsoft's definitions, strictly."""

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.app import Emulator
from emulator.settings import Settings
from tests.contracts import HELD, VALIDATOR, is_kept, restated, validator
from tests.emulator.arm_client import CLOSED, INJECTED, MIXED, OLD, OPEN, PRODUCTION, RULE, ArmClient, bench_at

_GRAPH = "/providers/Microsoft.ResourceGraph/resources"
_MG = "/providers/Microsoft.Management/managementGroups/mg-contoso"


def _new_server(**network: str) -> dict[str, Any]:
    return {
        "location": "westeurope",
        "sku": {"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"},
        "properties": {
            "administratorLogin": "pgadmin",
            "administratorLoginPassword": "not-a-password",
            "version": "16",
            "storage": {"storageSizeGB": 128},
            "network": network,
        },
    }


async def _follow(arm: ArmClient, method: str, path: str, body: Any = None) -> None:
    answer = await arm.send(method, path, body)
    assert answer.status == 202, answer
    for name in ("Azure-AsyncOperation", "Location"):
        assert (await arm.get(answer.headers[name])).status == 200


async def _read_everything(arm: ArmClient) -> None:
    for server in (CLOSED, INJECTED, OPEN, MIXED, OLD):
        children = ("firewallRules", "configurations", "administrators", "privateEndpointConnections", "capabilities")
        for path in (server, *(f"{server}/{child}" for child in children)):
            assert (await arm.get(path)).status == 200
    for path in (f"{PRODUCTION}/resourceGroups/rg-payments", PRODUCTION):
        assert (await arm.get(f"{path}/providers/Microsoft.DBforPostgreSQL/flexibleServers")).status == 200
    assert (await arm.get(f"{PRODUCTION}/providers/Microsoft.DBforPostgreSQL/locations/westeurope/capabilities")).body
    for path in ("resourcegroups", "resourcegroups/rg-payments", "providers/Microsoft.DBforPostgreSQL"):
        assert (await arm.get(f"{PRODUCTION}/{path}", version="2025-04-01")).status == 200


async def _write_everything(arm: ArmClient) -> None:
    await _follow(arm, "PATCH", OPEN, {"properties": {"network": {"publicNetworkAccess": "Disabled"}}})
    await _follow(
        arm, "PATCH", OPEN, {"properties": {"network": {"publicNetworkAccess": "Enabled"}}, "tags": {"a": "b"}}
    )
    await _follow(arm, "PUT", f"{OPEN}/firewallRules/home", RULE)
    await _follow(arm, "DELETE", f"{OPEN}/firewallRules/home")
    await _follow(
        arm, "PUT", f"{OPEN}/configurations/log_duration", {"properties": {"value": "on", "source": "user-override"}}
    )
    await _follow(arm, "PATCH", f"{OPEN}/configurations/wal_level", {"properties": {"value": "logical"}})
    person = {"properties": {"principalName": "x@contoso.example", "principalType": "User"}}
    await _follow(arm, "PUT", f"{OPEN}/administrators/11111111-2222-4333-8444-555555555555", person)
    await _follow(arm, "DELETE", f"{OPEN}/administrators/11111111-2222-4333-8444-555555555555")
    await _follow(arm, "POST", f"{OPEN}/restart", {"restartWithFailover": False})
    connection = (await arm.get(f"{CLOSED}/privateEndpointConnections")).body["value"][0]["id"]
    await _follow(arm, "DELETE", connection)
    new = OPEN.replace("pg-partners", "pg-new")
    await _follow(arm, "PUT", new, _new_server(publicNetworkAccess="Enabled"))
    assert (await arm.get(new)).status == 200
    await _follow(arm, "DELETE", new)
    assert (await arm.delete(new)).status == 204


async def _be_refused(arm: ArmClient) -> None:
    off = {"properties": {"value": "maybe", "source": "user-override"}}
    assert (await arm.put(f"{OPEN}/configurations/log_duration", off)).status == 400
    assert (await arm.get(f"{OLD}/configurations/ssl_min_protocol_version")).status == 404
    assert (await arm.get(OPEN.replace("pg-partners", "pg-nowhere"))).status == 404
    assert (await arm.put(f"{CLOSED}/firewallRules/home", RULE)).status == 400


async def _exempt(arm: ArmClient) -> None:
    version = "2022-07-01-preview"
    assignment = f"{_MG}/providers/Microsoft.Authorization/policyAssignments/contoso-postgres"
    given = {"policyAssignmentId": assignment, "exemptionCategory": "Mitigated", "expiresOn": "2031-01-01T00:00:00Z"}
    for scope in (_MG, PRODUCTION, OPEN):
        path = f"{scope}/providers/Microsoft.Authorization/policyExemptions"
        for status in (201, 200):
            assert (await arm.send("PUT", f"{path}/a", {"properties": given}, version)).status == status
        for each in ("", "&$filter=atScope()", "&$filter=excludeExpired()"):
            assert (await arm.get(f"{path}?api-version={version}{each}")).status == 200
        assert (await arm.get(f"{path}/a", version)).status == 200
        assert (await arm.get(f"{path}/b", version)).status == 404
        for status in (200, 204):
            assert (await arm.send("DELETE", f"{path}/a", version=version)).status == status


async def _query(arm: ArmClient) -> None:
    containers = {"query": "resourcecontainers | project id, properties"}
    assert (await arm.send("POST", _GRAPH, containers, version="2024-04-01")).body["count"] == 12
    query = "resources | where type =~ 'microsoft.dbforpostgresql/flexibleservers' | project id, name"
    body = {"query": query, "options": {"$top": 2, "resultFormat": "objectArray"}}
    assert (await arm.send("POST", _GRAPH, body, version="2021-03-01")).body["count"] == 2


async def test_a_broad_session_keeps_the_contracts(tmp_path: Path) -> None:
    if not VALIDATOR.exists():
        pytest.skip(f"the contract validator is not here: {VALIDATOR}")
    log = tmp_path / "exchanges.jsonl"
    emulator = Emulator(settings=Settings(exchange_log=log))
    async with emulator.running() as address, bench_at(address) as bench:
        arm = await bench.arm("dana")
        for part in (_read_everything, _write_everything, _be_refused, _query):
            await part(arm)
        await _exempt(await bench.arm("ada"))
    lines = log.read_text(encoding="utf-8").splitlines()
    exchanges = [one for line in lines if is_kept(one := restated(json.loads(line)))]
    contracts = validator().Contracts()
    reports = [(one, contracts.check(one, strict=True)) for one in exchanges]
    faults = [f"{one['method']} {one['url'][:140]}: {fault}" for one, report in reports for fault in report.errors()]
    assert not faults, "\n".join(faults)
    assert all(report.kind in HELD for _, report in reports)
    assert len(exchanges) > 80


async def test_the_log_never_holds_tokens_or_passwords(tmp_path: Path) -> None:
    log = tmp_path / "exchanges.jsonl"
    async with Emulator(settings=Settings(exchange_log=log)).running() as address, bench_at(address) as bench:
        arm = await bench.arm("dana")
        await arm.put(OPEN.replace("pg-partners", "pg-new"), _new_server(publicNetworkAccess="Enabled"))
        token = arm.headers["Authorization"].partition(" ")[2]
    text = log.read_text(encoding="utf-8")
    assert token not in text
    assert "not-a-password" not in text
