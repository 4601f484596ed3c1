"""Access policies of a vault: read with it, written one by one, and nobody else's is touched. Where vaults are is
remembered."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.arm.azure import AzureArm
from shared.arm.client import ArmClient
from shared.arm.neighbours import read_call_of
from shared.arm.policies import entries_of, policy_call
from shared.control import Change, Source
from shared.errors import Forbidden
from shared.key_rights import ways
from shared.state import SERVER, Facet, FacetKind, Setting, Value
from tests.arm.azure_side import AzureSide
from tests.arm.conftest import LEDGER
from tests.arm.test_contract import exchanged, judged
from tests.arm.test_neighbours import CORRELATION, VAULT

POLICIES, VAULTS, RIGHTS = map(Facet, (FacetKind.VAULT_POLICIES, FacetKind.VAULTS, FacetKind.VAULT_RIGHTS))
TENANT = "6b1f3c0e-52d4-4f6a-9b3e-6f0d9a7c2e51"
SOMEBODY = "77777777-7777-4777-8777-777777777777"
OTHERS = {"tenantId": TENANT, "objectId": SOMEBODY, "permissions": {"secrets": ["get"], "keys": ["sign"]}}
NEEDED = ["get", "list", "unwrapKey", "wrapKey"]


async def shown(client: ArmClient) -> list[dict[str, Any]]:
    setting = Setting.outside(FacetKind.VAULT_POLICIES, f"{VAULT}/accessPolicies/x")
    body = (await client.send(read_call_of(Change(setting, None, None, Source.POLICY)))).body
    found: list[dict[str, Any]] = body["properties"]["accessPolicies"]
    return found


async def entry_setting(arm: AzureArm) -> Setting:
    (way,) = ways(await arm.observe(LEDGER, {SERVER, VAULTS}))
    return way.policy


def entry(setting: Setting, *permissions: str) -> dict[str, str]:
    object_id = setting.neighbour[1].rpartition("/")[2]
    return {"objectId": object_id, "tenantId": TENANT, "permissions.keys": json.dumps(sorted(permissions))}


async def write(arm: AzureArm, setting: Setting, after: Value, before: Value = None) -> None:
    await arm.write(LEDGER, (Change(setting, before, after, Source.POLICY),), CORRELATION)


async def add_others(side: AzureSide) -> None:
    body = {"properties": {"accessPolicies": [OTHERS]}}
    assert await side.act("ada", "PUT", f"{VAULT}/accessPolicies/add", body, "2023-07-01") == 200


async def test_what_is_given_is_seen_and_nobody_elses_is_touched(
    arm: AzureArm, client: ArmClient, side: AzureSide
) -> None:
    await add_others(side)
    setting = await entry_setting(arm)
    await write(arm, setting, entry(setting, *NEEDED))
    assert (await arm.observe(LEDGER, {POLICIES})).value(setting) == entry(setting, *NEEDED)
    assert OTHERS in await shown(client)


async def test_what_else_the_identity_may_stays(arm: AzureArm, client: ArmClient, side: AzureSide) -> None:
    setting = await entry_setting(arm)
    object_id = setting.neighbour[1].rpartition("/")[2]
    mine = {"tenantId": TENANT, "objectId": object_id, "permissions": {"secrets": ["get"], "keys": ["Get"]}}
    await side.act(
        "ada", "PUT", f"{VAULT}/accessPolicies/add", {"properties": {"accessPolicies": [mine]}}, "2023-07-01"
    )
    await write(arm, setting, entry(setting, *NEEDED), entry(setting, "get"))
    (found,) = await shown(client)
    assert found["permissions"] == {"secrets": ["get"], "keys": NEEDED}


async def test_an_undo_takes_away_what_was_given_and_no_more(arm: AzureArm, client: ArmClient, side: AzureSide) -> None:
    await add_others(side)
    setting = await entry_setting(arm)
    await write(arm, setting, entry(setting, *NEEDED))
    await write(arm, setting, entry(setting, "get"), entry(setting, *NEEDED))
    assert (await arm.observe(LEDGER, {POLICIES})).value(setting) == entry(setting, "get")
    await write(arm, setting, None, entry(setting, "get"))
    assert (await arm.observe(LEDGER, {POLICIES})).value(setting) is None
    assert await shown(client) == [OTHERS]


@pytest.mark.parametrize("step", ["add", "narrow", "remove"])
async def test_each_request_keeps_microsofts_definitions(logged: tuple[AzureArm, Path], step: str) -> None:
    arm, log = logged
    setting = await entry_setting(arm)
    await write(arm, setting, entry(setting, *NEEDED))
    if step != "add":
        await write(arm, setting, entry(setting, "get") if step == "narrow" else None)
    assert exchanged(log)[-1]["status"] == 200
    assert [faults for _, faults in judged(exchanged(log)) if faults] == []


def test_permissions_read_alike_however_azure_writes_them() -> None:
    one = {"objectId": "a", "tenantId": TENANT, "permissions": {"keys": ["WRAPKEY", "Get", "unwrapkey"]}}
    (found,) = entries_of({"id": VAULT, "properties": {"accessPolicies": [one]}})
    assert found["properties"]["permissions"] == {"keys": ["get", "unwrapKey", "wrapKey"]}


def test_what_an_application_may_on_behalf_of_somebody_is_no_right_of_its_own() -> None:
    one = {"objectId": "a", "applicationId": "b", "permissions": {"keys": ["get"]}}
    assert list(entries_of({"id": VAULT, "properties": {"accessPolicies": [one]}})) == []


def test_to_narrow_an_entry_all_of_them_are_sent_as_they_were_read() -> None:
    mine = {"tenantId": TENANT, "objectId": "a", "permissions": {"keys": ["get", "sign"], "certificates": ["list"]}}
    vault = {"properties": {"accessPolicies": [OTHERS, mine]}}
    after = {"objectId": "a", "tenantId": TENANT, "permissions.keys": '["get"]'}
    call = policy_call(f"{VAULT}/accessPolicies/a", after, vault, ("2023-07-01", "p", "c"))
    assert (call.method, call.path, call.permission) == ("PATCH", VAULT, "Microsoft.KeyVault/vaults/write")
    assert call.body is not None
    kept = {**mine, "permissions": {"keys": ["get"], "certificates": ["list"]}}
    assert call.body["properties"]["accessPolicies"] == [OTHERS, kept]


# Where vaults are


async def test_the_rights_of_a_known_vault_are_seen_in_three_calls(arm: AzureArm, side: AzureSide) -> None:
    await arm.observe(LEDGER, {VAULTS})
    await side.control("DELETE", "/calls")
    state = await arm.observe(LEDGER, {SERVER, VAULTS, RIGHTS, POLICIES})
    assert state.unread == {}
    assert [call.rsplit("/", 2)[-2] for call in await side.calls()] == ["flexibleServers", "vaults", "roleAssignments"]


async def test_a_known_vault_that_is_gone_is_looked_for_anew(arm: AzureArm, side: AzureSide) -> None:
    await arm.observe(LEDGER, {VAULTS})
    await side.act("ada", "DELETE", f"{VAULT}/providers/Microsoft.Authorization/locks/keep", version="2020-05-01")
    assert await side.act("ada", "DELETE", VAULT, version="2023-07-01") == 200
    state = await arm.observe(LEDGER, {VAULTS})
    assert isinstance(state.unread[VAULTS], Forbidden)
    assert "another tenant" in str(state.unread[VAULTS])
