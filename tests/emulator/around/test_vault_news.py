"""What vaults tell Event Grid, and what a server that has lost the right to its key looks like, by the clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.emulator.arm_client import OPEN, Bench
from tests.emulator.around.client import AroundClient
from tests.emulator.around.test_key_vaults import _encrypted as a_flexible_server
from tests.emulator.around.test_vault_data_plane import _allowed
from tests.emulator.kinds import IDENTITY, KEY_VERSION, SINGLE, VAULT
from tests.emulator.single.client import SingleClient
from tests.emulator.webhook import Webhook

_TENANT = "6b1f3c0e-52d4-4f6a-9b3e-6f0d9a7c2e51"
_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
_ROLE = f"{VAULT}/providers/Microsoft.Authorization/roleAssignments/88888888-0000-4000-8000-000000000002"


@pytest.fixture
async def events(bench: Bench, hook: Webhook) -> Webhook:
    answer = await bench.control.send("POST", "/subscriptions", {"endpoint": hook.url})
    assert answer.status == 201
    return hook


async def told(bench: Bench, hook: Webhook) -> list[dict[str, Any]]:
    """The events of the vault so far."""
    await bench.control.send("GET", "/events?settle_seconds=5")
    return [one for one in hook.events if one["eventType"].startswith("Microsoft.KeyVault.")]


async def pass_time(bench: Bench, **time: float) -> None:
    await bench.control.send("POST", "/clock", {"advance_seconds": timedelta(**time).total_seconds()})


async def test_a_new_version_is_told_as_in_microsofts_sample(
    bench: Bench, around: AroundClient, events: Webhook
) -> None:
    vault = await _allowed(bench, around)
    made = (await vault.send("POST", "/pg-key/rotate")).body["key"]["kid"]
    (event,) = await told(bench, events)
    assert event["eventType"] == "Microsoft.KeyVault.KeyNewVersionCreated"
    assert (event["topic"], event["subject"]) == (VAULT, "pg-key")
    assert event["data"]["Id"] == made
    assert (event["data"]["ObjectName "], event["data"]["VaultName"]) == ("pg-key", "kv-kinds")


async def test_a_key_tells_30_days_before_it_expires_and_then(
    bench: Bench, around: AroundClient, events: Webhook
) -> None:
    vault = await _allowed(bench, around)
    expires = int((datetime.now(UTC) + timedelta(days=40)).timestamp())
    await vault.send("PATCH", f"/pg-key/{KEY_VERSION}", {"attributes": {"exp": expires}})
    await pass_time(bench, days=9)
    assert await told(bench, events) == []
    await pass_time(bench, days=2)
    (near,) = await told(bench, events)
    assert (near["eventType"], near["data"]["EXP"]) == ("Microsoft.KeyVault.KeyNearExpiry", str(expires))
    await pass_time(bench, days=30)
    assert [one["eventType"] for one in await told(bench, events)][1:] == ["Microsoft.KeyVault.KeyExpired"]


async def test_a_date_that_was_moved_is_not_told_of(bench: Bench, around: AroundClient, events: Webhook) -> None:
    vault = await _allowed(bench, around)
    for days in (40, 400):
        expires = int((datetime.now(UTC) + timedelta(days=days)).timestamp())
        await vault.send("PATCH", f"/pg-key/{KEY_VERSION}", {"attributes": {"exp": expires}})
    await pass_time(bench, days=60)
    assert await told(bench, events) == []


@pytest.mark.parametrize("how", ["policies", "model", "neither"])
async def test_a_vault_tells_that_its_rights_were_changed(
    bench: Bench, around: AroundClient, events: Webhook, how: str
) -> None:
    if how == "policies":
        await around.put(f"{VAULT}/accessPolicies/add", {"accessPolicies": [_policy("x", "get")]})
    else:
        await around.patch(VAULT, **({"enableRbacAuthorization": False} if how == "model" else {}))
    found = [one["eventType"] for one in await told(bench, events)]
    assert found == ([] if how == "neither" else ["Microsoft.KeyVault.VaultAccessPolicyChanged"])


def _policy(object_id: str, *keys: str) -> dict[str, Any]:
    return {"tenantId": _TENANT, "objectId": object_id, "permissions": {"keys": list(keys)}}


async def _encrypted(around: AroundClient) -> tuple[SingleClient, str]:
    """A single server with the vault's key, and the object id of its identity."""
    single = SingleClient(around.arm)
    await single.patch(SINGLE, identity={"type": "SystemAssigned"})
    await _write_key(single)
    body = (await single.get(SINGLE)).body
    return single, body["identity"]["principalId"]


async def _write_key(single: SingleClient) -> None:
    key = {"serverKeyType": "AzureKeyVault", "uri": f"https://kv-kinds.vault.azure.net/keys/pg-key/{KEY_VERSION}"}
    await single.put(f"{SINGLE}/keys/kv-kinds_pg-key_{KEY_VERSION}", key)


async def _give(around: AroundClient, principal: str) -> None:
    definition = f"/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/{_USER}"
    await around.put(_ROLE, {"roleDefinitionId": definition, "principalId": principal})


async def _state(single: SingleClient) -> str:
    return str((await single.get(SINGLE)).properties["userVisibleState"])


async def test_a_single_server_without_its_right_is_lost_after_ten_minutes_and_wants_its_key_written_again(
    bench: Bench, around: AroundClient
) -> None:
    single, principal = await _encrypted(around)
    await pass_time(bench, hours=2)
    assert await _state(single) == "Ready"
    await _give(around, principal)
    assert await _state(single) == "Ready"
    await around.delete(_ROLE)
    await pass_time(bench, minutes=9)
    assert await _state(single) == "Ready"
    await pass_time(bench, minutes=2)
    assert await _state(single) == "Inaccessible"
    await _give(around, principal)
    assert await _state(single) == "Inaccessible"
    await _write_key(single)
    assert await _state(single) == "Ready"


async def test_an_access_policy_counts_where_the_vault_goes_by_them(bench: Bench, around: AroundClient) -> None:
    single, principal = await _encrypted(around)
    await around.patch(VAULT, enableRbacAuthorization=False)
    mine = _policy(principal, "get", "wrapKey", "unwrapKey")
    await around.put(f"{VAULT}/accessPolicies/add", {"accessPolicies": [mine]})
    assert await _state(single) == "Ready"
    await around.put(f"{VAULT}/accessPolicies/remove", {"accessPolicies": [mine]})
    await pass_time(bench, minutes=11)
    assert await _state(single) == "Inaccessible"


async def test_a_flexible_server_is_lost_after_an_hour_and_comes_back_by_itself(
    bench: Bench, around: AroundClient
) -> None:
    server = OPEN.replace("pg-partners", "pg-new")
    await _give(around, (await around.get(IDENTITY)).properties["principalId"])
    await around.send("PUT", server, a_flexible_server("https://kv-kinds.vault.azure.net/keys/pg-key"))
    assert (await around.get(server)).properties["state"] == "Ready"
    await around.delete(_ROLE)
    await pass_time(bench, minutes=59)
    assert (await around.get(server)).properties["state"] == "Ready"
    await pass_time(bench, minutes=2)
    assert (await around.get(server)).properties["state"] == "Inaccessible"
    await _give(around, (await around.get(IDENTITY)).properties["principalId"])
    assert (await around.get(server)).properties["state"] == "Ready"


async def test_a_server_whose_identity_was_deleted_is_lost_whatever_role_is_left(
    bench: Bench, around: AroundClient
) -> None:
    server = OPEN.replace("pg-partners", "pg-new")
    await _give(around, (await around.get(IDENTITY)).properties["principalId"])
    await around.send("PUT", server, a_flexible_server("https://kv-kinds.vault.azure.net/keys/pg-key"))
    assert (await around.get(server)).properties["state"] == "Ready"
    assert (await around.delete(IDENTITY)).status == 200
    await pass_time(bench, minutes=61)
    assert (await around.get(server)).properties["dataEncryption"]["primaryEncryptionKeyStatus"] == "Invalid"
