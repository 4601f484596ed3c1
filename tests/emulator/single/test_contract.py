"""A broad session with single servers is held against Microsoft's definitions, strictly."""

from collections import Counter
from pathlib import Path
from typing import Any

from tests.emulator.arm_client import PRODUCTION, RULE
from tests.emulator.judge import follow, judged
from tests.emulator.kinds import BASIC, GROUP, SINGLE, SUBNET, a_fleet
from tests.emulator.single.client import SingleClient, version_of

_CHILDREN = (
    "firewallRules",
    "virtualNetworkRules",
    "configurations",
    "configurations/log_checkpoints",
    "administrators",
    "administrators/activeDirectory",
    "securityAlertPolicies",
    "securityAlertPolicies/Default",
    "keys",
    "privateEndpointConnections",
    "privateLinkResources",
    "privateLinkResources/plr",
    "replicas",
    "databases",
)
_NEW = SINGLE.replace("pg-single", "pg-new")
_VERSION = "3f6ab38018b641ef933b0b7cd4443f57"
_KEY = f"{SINGLE}/keys/kv-kinds_pg-key_{_VERSION}"
_ADMIN = {
    "administratorType": "ActiveDirectory",
    "login": "sg-dba",
    "sid": "11111111-2222-4333-8444-555555555555",
    "tenantId": "6b1f3c0e-52d4-4f6a-9b3e-6f0d9a7c2e51",
}


async def _write(single: SingleClient, method: str, path: str, properties: dict[str, Any] | None = None) -> None:
    body = None if properties is None else {"properties": properties}
    await follow(single.arm, method, path, body, version_of(path))


async def _read_everything(single: SingleClient) -> None:
    for server in (SINGLE, BASIC):
        assert (await single.get(server)).status == 200
        for child in _CHILDREN:
            assert (await single.get(f"{server}/{child}")).status in (200, 404)
    for scope in (PRODUCTION, GROUP):
        assert (await single.get(f"{scope}/providers/Microsoft.DBforPostgreSQL/servers")).status == 200


async def _write_the_server(single: SingleClient) -> None:
    await follow(single.arm, "PATCH", SINGLE, {"identity": {"type": "SystemAssigned"}}, "2017-12-01")
    await follow(single.arm, "PATCH", SINGLE, {"sku": {"name": "GP_Gen5_4"}, "tags": {"a": "b"}}, "2017-12-01")
    await _write(single, "PATCH", SINGLE, {"sslEnforcement": "Disabled", "minimalTlsVersion": "TLS1_2"})
    await _write(single, "POST", f"{SINGLE}/restart")
    default = {"createMode": "Default", "administratorLogin": "pgadmin", "administratorLoginPassword": "not-a-password"}
    replica = {"createMode": "Replica", "sourceServerId": SINGLE}
    restored = {**replica, "createMode": "PointInTimeRestore", "restorePointInTime": "2026-01-01T00:00:00Z"}
    geo = {**replica, "createMode": "GeoRestore"}
    for place, properties in enumerate((default, replica, restored, geo)):
        body = {"location": "westeurope", "sku": {"name": "GP_Gen5_2"}, "properties": properties}
        await follow(single.arm, "PUT", f"{_NEW}{place}", body, "2017-12-01")
        assert (await single.get(f"{_NEW}{place}")).status == 200
    assert (await single.get(f"{SINGLE}/replicas")).body["value"]
    await _write(single, "DELETE", f"{_NEW}0")
    assert (await single.send("DELETE", f"{_NEW}0")).status == 204


async def _write_the_children(single: SingleClient) -> None:
    pending = (await single.get(f"{SINGLE}/privateEndpointConnections")).body["value"][1]["id"]
    state = {"privateLinkServiceConnectionState": {"status": "Approved", "description": "good"}}
    written: list[tuple[str, dict[str, Any]]] = [
        (f"{SINGLE}/firewallRules/home", RULE["properties"]),
        (f"{SINGLE}/virtualNetworkRules/batch", {"virtualNetworkSubnetId": SUBNET}),
        (f"{SINGLE}/administrators/activeDirectory", _ADMIN),
        (f"{SINGLE}/databases/orders", {"charset": "UTF8"}),
        (_KEY, {"serverKeyType": "AzureKeyVault", "uri": f"https://kv-kinds.vault.azure.net/keys/pg-key/{_VERSION}"}),
        (pending, state),
    ]
    for path, properties in written:
        await _write(single, "PUT", path, properties)
        assert (await single.get(path)).status == 200
    assert (await single.send("PUT", pending, {"properties": state})).status == 400
    await _write(single, "PUT", f"{SINGLE}/configurations/log_duration", {"value": "on", "source": "user-override"})
    await _write(single, "PUT", f"{SINGLE}/securityAlertPolicies/Default", {"state": "Enabled", "retentionDays": 30})
    many = {"value": [{"properties": {"value": "on"}}]}
    assert (await single.send("POST", f"{SINGLE}/updateConfigurations", many)).status == 400
    await _read_everything(single)
    for path, _ in written:
        await _write(single, "DELETE", path)
        assert (await single.get(path)).status == 404


async def test_a_broad_session_keeps_the_contracts(tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    async with judged(tmp_path, a_fleet(), counts) as bench:
        single = SingleClient(await bench.arm("dana"))
        for part in (_read_everything, _write_the_server, _write_the_children):
            await part(single)
        assert (await single.get(SINGLE.replace("pg-single", "nowhere"))).status == 404
    assert counts["held"] > 100
    assert counts["poll"] > 40
