"""Log Analytics workspaces with their tables, and backup vaults."""

from typing import Any

import pytest

from tests.emulator.arm_client import OPEN
from tests.emulator.around.client import AroundClient
from tests.emulator.kinds import GROUP, WORKSPACE

_VAULT = f"{GROUP}/providers/Microsoft.DataProtection/backupVaults/bv-kinds"
_STORAGE = [{"datastoreType": "VaultStore", "type": "GeoRedundant"}]
_TABLE = f"{WORKSPACE}/tables/PGSQLServerLogs"


async def test_a_workspace_has_the_services_defaults(around: AroundClient) -> None:
    found = (await around.get(WORKSPACE)).properties
    assert (found["publicNetworkAccessForQuery"], found["retentionInDays"]) == ("Enabled", 365)
    changed = await around.patch(WORKSPACE, features={"disableLocalAuth": True})
    assert changed.properties["features"] == {
        "enableLogAccessUsingOnlyResourcePermissions": True,
        "disableLocalAuth": True,
    }


async def test_a_table_keeps_logs_as_long_as_its_workspace_unless_told(around: AroundClient) -> None:
    found = (await around.get(_TABLE)).properties
    assert (found["retentionInDays"], found["retentionInDaysAsDefault"]) == (365, True)
    changed = await around.patch(_TABLE, retentionInDays=90, totalRetentionInDays=730)
    assert changed.status == 200
    found = (await around.get(_TABLE)).properties
    assert (found["retentionInDays"], found["archiveRetentionInDays"]) == (90, 640)
    assert (await around.patch(_TABLE, totalRetentionInDays=30)).status == 400
    assert (await around.patch(_TABLE, retentionInDays=731)).status == 400
    assert "AzureDiagnostics" in await around.names(f"{WORKSPACE}/tables")
    assert (await around.get(f"{WORKSPACE}/tables/NoSuchTable")).status == 404


async def test_a_locked_vault_stays_immutable(around: AroundClient) -> None:
    made = await around.put(_VAULT, {"storageSettings": _STORAGE}, location="westeurope")
    assert (made.status, made.properties["securitySettings"]["softDeleteSettings"]["state"]) == (201, "On")
    locked = {"immutabilitySettings": {"state": "Locked"}}
    assert (await around.patch(_VAULT, securitySettings=locked)).status == 200
    unlocked = {"immutabilitySettings": {"state": "Disabled"}}
    assert (await around.patch(_VAULT, securitySettings=unlocked)).code == "VaultImmutabilityLocked"
    assert await around.names(f"{GROUP}/providers/Microsoft.DataProtection/backupVaults") == ["bv-kinds"]


@pytest.mark.parametrize("properties", [{}, {"storageSettings": "all"}])
async def test_a_vault_says_where_it_keeps_things(around: AroundClient, properties: dict[str, Any]) -> None:
    assert (await around.put(_VAULT, properties, location="westeurope")).status == 400


async def test_protection_stops_and_resumes(around: AroundClient) -> None:
    await around.put(_VAULT, {"storageSettings": _STORAGE}, location="westeurope")
    instance = f"{_VAULT}/backupInstances/pg-partners"
    body = {"dataSourceInfo": {"resourceID": OPEN}, "policyInfo": {"policyId": f"{_VAULT}/backupPolicies/long"}}
    assert (await around.put(instance, body)).status == 201
    for word, state in (
        ("stopProtection", "ProtectionStopped"),
        ("suspendBackups", "BackupsSuspended"),
        ("resumeProtection", "ProtectionConfigured"),
    ):
        assert (await around.send("POST", f"{instance}/{word}")).status == 200
        assert (await around.get(instance)).properties["currentProtectionState"] == state
    assert await around.names(f"{_VAULT}/backupInstances") == ["pg-partners"]
    assert (await around.send("POST", f"{_VAULT}/backupInstances/other/stopProtection")).status == 404
