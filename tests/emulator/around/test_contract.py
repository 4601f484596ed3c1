"""What stands around servers is held against Microsoft's definitions, as far as they are kept, strictly."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from emulator.app import Emulator
from emulator.settings import Settings
from tests.emulator.arm_client import OPEN, PRODUCTION, bench_at
from tests.emulator.around.client import AroundClient, version_of
from tests.emulator.judge import follow, judged
from tests.emulator.kinds import CLUSTER, GROUP, IDENTITY, KEY_VERSION, NSG, SINGLE, SUBNET, VAULT, WORKSPACE, a_fleet

# There are no definitions of these in the collection; their own tests say what they are like.
_NOT_KEPT = (
    r"/providers/Microsoft\.(Insights/(activityLogAlerts|metricAlerts)|OperationalInsights|DataProtection|ManagedIdentity"
    r"|Security/(securityContacts|alertsSuppressionRules)|Network/(networkSecurityGroups|virtualNetworks)"
    r"|Network/privateEndpoints/[^/]+/privateDnsZoneGroups)"
)
_LOCK = "providers/Microsoft.Authorization/locks/keep"
_SETTING = "providers/Microsoft.Insights/diagnosticSettings/to-workspace"
_ROLE = f"{PRODUCTION}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
_ASSIGNMENT = "providers/Microsoft.Authorization/roleAssignments/88888888-0000-4000-8000-000000000001"
_ENDPOINT = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe-test"
_PLAN = f"{PRODUCTION}/providers/Microsoft.Security/pricings/OpenSourceRelationalDatabases"
_OLD_THREATS = f"{SINGLE}/providers/Microsoft.Security/advancedThreatProtectionSettings/current"
_STAYING = ("/pricings/", "/keys/", "/accessPolicies/", "/advancedThreatProtectionSettings/")
_PERSON = "11111111-2222-4333-8444-555555555555"


def _written() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    policy = {"enabled": False, "days": 0}
    log = {"categoryGroup": "allLogs", "enabled": True, "retentionPolicy": policy}
    metric = {"category": "AllMetrics", "enabled": True, "retentionPolicy": policy}
    service = {"privateLinkServiceId": OPEN, "groupIds": ["postgresqlServer"]}
    connection = {"name": "to-pg", "properties": service}
    access = {"tenantId": _PERSON, "objectId": _PERSON, "permissions": {"keys": ["get"]}}
    setting: dict[str, Any] = {"workspaceId": WORKSPACE, "logs": [log]}
    setting["metrics"] = [metric]
    administrative = {"workspaceId": WORKSPACE, "logs": [{"category": "Administrative", "enabled": True}]}
    vault = {"tenantId": _PERSON, "sku": {"family": "A", "name": "standard"}, "accessPolicies": [access]}
    endpoint = {"subnet": {"id": SUBNET}, "privateLinkServiceConnections": [connection]}
    return [
        *((f"{scope}/{_SETTING}", setting, {}) for scope in (OPEN, SINGLE, CLUSTER, VAULT)),
        (f"{PRODUCTION}/{_SETTING}", administrative, {}),
        (f"{OPEN}/{_LOCK}", {"level": "CanNotDelete", "notes": "ask first"}, {}),
        (f"{GROUP}/{_LOCK}", {"level": "NotSpecified"}, {}),
        (f"{PRODUCTION}/{_LOCK}", {"level": "NotSpecified"}, {}),
        (f"{OPEN}/{_ASSIGNMENT}", {"roleDefinitionId": _ROLE, "principalId": _PERSON, "principalType": "User"}, {}),
        (_PLAN, {"pricingTier": "Standard"}, {}),
        (_OLD_THREATS, {"isEnabled": True}, {}),
        (VAULT.replace("kv-kinds", "kv-new"), vault, {"location": "westeurope"}),
        (f"{VAULT.replace('kv-kinds', 'kv-new')}/keys/new-key", {"kty": "RSA", "keySize": 2048}, {}),
        (f"{VAULT}/accessPolicies/add", {"accessPolicies": [access]}, {}),
        (_ENDPOINT, endpoint, {"location": "westeurope"}),
    ]


async def _session(around: AroundClient) -> None:
    written = _written()
    for path, properties, more in written:
        made = await around.put(path, properties, **more)
        assert made.status in (200, 201), (path, made)
    assert (await around.patch(VAULT, enablePurgeProtection=True)).status == 200
    for path, _, _ in written:
        if "/accessPolicies/" not in path:
            assert (await around.get(path)).status == 200, path
        # a list of a resource's locks and roles has another form in the definitions
        if not path.startswith((f"{OPEN}/providers/Microsoft.Auth", f"{VAULT}/accessPolicies", _OLD_THREATS)):
            assert (await around.get(path.rpartition("/")[0])).status == 200, path
    for scope in (OPEN, SINGLE, CLUSTER, VAULT):
        place = f"{scope}/providers/Microsoft.Insights/diagnosticSettingsCategories"
        assert (await around.get(place)).status == (await around.get(f"{place}/AllMetrics")).status == 200
    await _read_the_rest(around)
    # locks first: nothing below one can be deleted
    for path in sorted((path for path, _, _ in written), key=lambda path: "/locks/" not in path):
        if not any(word in path for word in _STAYING):
            assert (await around.delete(path)).status in (200, 202), path
            assert (await around.delete(path)).status == 204, path


async def _read_the_rest(around: AroundClient) -> None:
    for path in (
        f"{VAULT}/keys",
        f"{VAULT}/keys/pg-key",
        f"{VAULT}/keys/pg-key/versions",
        f"{VAULT}/keys/pg-key/versions/{KEY_VERSION}",
        f"{PRODUCTION}/providers/Microsoft.Authorization/roleDefinitions",
        _ROLE,
        f"{GROUP}/providers/Microsoft.Authorization/roleAssignments",
        NSG,
        f"{NSG}/securityRules",
        SUBNET,
        WORKSPACE,
        f"{WORKSPACE}/tables/AzureDiagnostics",
        IDENTITY,
    ):
        assert (await around.get(path)).status == 200, path
    for path in (f"{OPEN}/{_SETTING}x", f"{VAULT}x", f"{OPEN}/{_ASSIGNMENT}x"):
        assert (await around.get(path)).status == 404, path
    assert (await around.delete(f"{OPEN}/firewallRules/office-zurich")).code == "ScopeLocked"


async def test_a_broad_session_keeps_the_contracts(tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    async with judged(tmp_path, a_fleet(), counts, _NOT_KEPT) as bench:
        around = AroundClient(await bench.arm("ada"))
        await _session(around)
        zones = {"privateDnsZoneConfigs": [{"name": "pg", "properties": {"privateDnsZoneId": "/x"}}]}
        await around.put(_ENDPOINT, {"subnet": {"id": SUBNET}}, location="westeurope")
        path = f"{_ENDPOINT}/privateDnsZoneGroups/default"
        await follow(around.arm, "PUT", path, {"properties": zones}, version_of(path))
    assert counts["held"] > 80
    assert counts["not-kept"] < 20


async def test_the_data_plane_keeps_the_contracts(tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    fleet = a_fleet().model_dump()
    fleet["principals"]["ada"]["assignments"] = [{"role": "Key Vault Administrator", "scope": "/"}]
    async with judged(tmp_path, type(a_fleet()).model_validate(fleet), counts) as bench:
        headers = {"Authorization": f"Bearer {await bench.token('ada', 'https://vault.azure.net')}"}
        policy = {"lifetimeActions": [{"trigger": {"timeAfterCreate": "P1Y"}, "action": {"type": "rotate"}}]}
        for method, path, body in (
            ("GET", "", None),
            ("GET", "/pg-key/", None),
            ("GET", "/pg-key/versions", None),
            ("GET", f"/pg-key/{KEY_VERSION}", None),
            ("PATCH", f"/pg-key/{KEY_VERSION}", {"attributes": {"enabled": True, "exp": 2_000_000_000}}),
            ("POST", "/new-key/create", {"kty": "EC", "crv": "P-384"}),
            ("POST", "/pg-key/rotate", None),
            ("PUT", "/pg-key/rotationpolicy", policy),
            ("GET", "/pg-key/rotationpolicy", None),
        ):
            url = f"{bench.address.arm}/vaults/kv-kinds/keys{path}?api-version=7.4"
            async with bench.session.request(method, url, json=body, headers=headers) as answer:
                assert answer.status == 200, (path, await answer.text())
    assert counts["held"] == 9


async def test_the_log_hides_what_is_secret(tmp_path: Path) -> None:
    log = tmp_path / "exchanges.jsonl"
    async with Emulator(a_fleet(), Settings(exchange_log=log)).running() as address, bench_at(address) as bench:
        around = AroundClient(await bench.arm("ada"))
        await around.put(f"{CLUSTER}/roles/app", {"password": "not-a-password"})
        policy = {"state": "Enabled", "storageAccountAccessKey": "not-a-key"}
        await around.put(f"{SINGLE}/securityAlertPolicies/default", policy)
    text = log.read_text(encoding="utf-8")
    assert "not-a-" not in text
    assert json.loads(text.splitlines()[0])["request_body"]["properties"]["password"] == "***"
