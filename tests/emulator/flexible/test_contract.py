"""A session with what a flexible server can have besides the daily things, strictly held against the definitions."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.arm_client import CLOSED, OPEN, PRODUCTION, ArmClient
from tests.emulator.judge import follow, judged
from tests.emulator.kinds import a_fleet

_CHILDREN = (
    "replicas",
    "virtualendpoints",
    "virtualendpoints/ve-partners",
    "advancedThreatProtectionSettings",
    "advancedThreatProtectionSettings/Default",
    "backups",
    "databases",
    "databases/postgres",
    "privateLinkResources",
    "privateLinkResources/plr",
)
_COPY = OPEN.replace("pg-partners", "pg-copy")
_ID = f"{PRODUCTION}/resourceGroups/rg-kinds/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-pg"
_ENCRYPTED: dict[str, Any] = {
    "location": "northeurope",
    "sku": {"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"},
    "identity": {"type": "UserAssigned", "userAssignedIdentities": {_ID: {}}},
    "properties": {
        "administratorLogin": "pgadmin",
        "administratorLoginPassword": "not-a-password",
        "version": "16",
        "dataEncryption": {
            "type": "AzureKeyVault",
            "primaryKeyURI": "https://kv.vault.azure.net/keys/pg-key",
            "primaryUserAssignedIdentityId": _ID,
        },
    },
}


def _copy(mode: str, source: str = OPEN) -> dict[str, Any]:
    return {
        "location": "northeurope",
        "properties": {
            "createMode": mode,
            "sourceServerResourceId": source,
            "pointInTimeUTC": "2026-01-01T00:00:00Z",
        },
    }


async def _session(arm: ArmClient, version: str) -> None:
    async def write(method: str, path: str, body: Any = None) -> None:
        await follow(arm, method, path, body, version)

    await write("PUT", _COPY, _copy("Replica"))
    members = {"properties": {"endpointType": "ReadWrite", "members": ["pg-copy"]}}
    await write("PUT", f"{OPEN}/virtualendpoints/ve-partners", members)
    await write("PATCH", f"{OPEN}/virtualendpoints/ve-partners", members)
    await write("PUT", f"{OPEN}/advancedThreatProtectionSettings/Default", {"properties": {"state": "Enabled"}})
    await write("PUT", f"{OPEN}/backups/before-release")
    await write("PUT", f"{OPEN}/databases/orders", {"properties": {"charset": "UTF8", "collation": "en_US.utf8"}})
    for path in (OPEN, _COPY, *(f"{OPEN}/{child}" for child in _CHILDREN)):
        assert (await arm.get(path, version=version)).status == 200
    assert (await arm.send("DELETE", OPEN, version=version)).status == 400
    await write("PATCH", _COPY, {"properties": {"replica": {"role": "None", "promoteMode": "Switchover"}}})
    await write("PUT", f"{_COPY}2", _copy("PointInTimeRestore"))
    await write("PUT", f"{_COPY}3", _copy("GeoRestore", CLOSED))
    await write("PUT", f"{_COPY}4", _ENCRYPTED)
    assert (await arm.get(f"{_COPY}4", version=version)).properties["dataEncryption"]
    # the endpoint has followed the new primary
    await write("DELETE", f"{_COPY}/virtualendpoints/ve-partners")
    for path in ("backups/before-release", "databases/orders", ""):
        await write("DELETE", f"{OPEN}/{path}".rstrip("/"))
    for word in ("stop", "start"):
        await write("POST", f"{CLOSED}/{word}")


@pytest.mark.parametrize("version", ["2025-08-01", "2026-10-01"])
async def test_a_broad_session_keeps_the_contracts(tmp_path: Path, version: str) -> None:
    counts: Counter[str] = Counter()
    async with judged(tmp_path, a_fleet(), counts) as bench:
        await _session(await bench.arm("dana"), version)
    assert counts["held"] > 25
    assert counts["poll"] > 30
