"""Servers: what is answered, what PATCH merges, what it refuses, what it silently ignores."""

from typing import Any

import pytest

from tests.emulator.arm_client import CLOSED, INJECTED, MIXED, OPEN, PRODUCTION, ArmClient

_SUBNET = f"{PRODUCTION}/resourceGroups/x/providers/Microsoft.Network/virtualNetworks/v/subnets/s"


async def test_ids_are_answered_in_their_canonical_case(dana: ArmClient) -> None:
    shouted = OPEN.upper().replace("/SUBSCRIPTIONS", "/subscriptions")
    assert (await dana.get(shouted)).body["id"] == OPEN


async def test_lists_are_by_subscription_and_by_group(dana: ArmClient) -> None:
    whole = await dana.get(f"{PRODUCTION}/providers/Microsoft.DBForPostgreSql/flexibleServers")
    group = await dana.get(
        f"{PRODUCTION}/resourceGroups/RG-PARTNERS/providers/Microsoft.DBforPostgreSQL/flexibleServers"
    )
    assert [one["name"] for one in whole.body["value"]] == ["pg-payments", "pg-ledger", "pg-partners"]
    assert [one["name"] for one in group.body["value"]] == ["pg-partners"]


async def test_patch_merges_objects_and_keeps_the_rest(dana: ArmClient) -> None:
    before = (await dana.get(OPEN)).properties
    await dana.patch(OPEN, {"properties": {"backup": {"backupRetentionDays": 35}}})
    after = (await dana.get(OPEN)).properties
    assert after["backup"] == before["backup"] | {"backupRetentionDays": 35}
    assert after["network"] == before["network"]


async def test_tags_are_replaced_as_a_whole(dana: ArmClient) -> None:
    await dana.patch(OPEN, {"tags": {"only": "this"}})
    assert (await dana.get(OPEN)).body["tags"] == {"only": "this"}


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"network": {"delegatedSubnetResourceId": _SUBNET}}, "PropertyChangeNotAllowed"),
        ({"administratorLogin": "somebody"}, "PropertyChangeNotAllowed"),
        ({"backup": {"geoRedundantBackup": "Enabled"}}, "PropertyChangeNotAllowed"),
        ({"backup": {"backupRetentionDays": 36}}, "InvalidParameterValue"),
        ({"network": {"publicNetworkAccess": "Perhaps"}}, "InvalidParameterValue"),
        ({"version": "14"}, "InvalidParameterValue"),
        ({"storage": {"storageSizeGB": 64}}, "InvalidParameterValue"),
        ({"authConfig": {"activeDirectoryAuth": "Disabled", "passwordAuth": "Disabled"}}, "InvalidParameterValue"),
    ],
)
async def test_what_cannot_be_changed_is_refused(dana: ArmClient, properties: dict[str, Any], code: str) -> None:
    before = (await dana.get(OPEN)).body
    answer = await dana.patch(OPEN, {"properties": properties})
    assert (answer.status, answer.code) == (400, code)
    assert (await dana.get(OPEN)).body == before


async def test_words_are_taken_in_any_case_and_stored_in_theirs(dana: ArmClient) -> None:
    await dana.patch(OPEN, {"properties": {"network": {"publicNetworkAccess": "DISABLED"}}})
    assert await dana.public_access(OPEN) == "Disabled"


async def test_public_access_of_a_vnet_server_is_accepted_and_ignored(dana: ArmClient) -> None:
    answer = await dana.patch(INJECTED, {"properties": {"network": {"publicNetworkAccess": "Enabled"}}})
    assert answer.status == 202
    assert (await dana.get(answer.headers["Azure-AsyncOperation"])).body["status"] == "Succeeded"
    assert await dana.public_access(INJECTED) == "Disabled"


async def test_the_password_is_never_answered(dana: ArmClient) -> None:
    await dana.patch(OPEN, {"properties": {"administratorLoginPassword": "not-a-password"}})
    assert "not-a-password" not in str((await dana.get(OPEN)).body)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (OPEN.replace("pg-partners", "nowhere"), "ResourceNotFound"),
        (OPEN.replace("rg-partners", "nowhere"), "ResourceGroupNotFound"),
        (f"{OPEN.replace('pg-partners', 'nowhere')}/firewallRules", "ParentResourceNotFound"),
        (f"{OPEN}/firewallRules/nowhere", "ResourceNotFound"),
        (f"{OPEN}/administrators/nowhere", "ResourceNotFound"),
    ],
)
async def test_what_is_not_there_is_404_in_arms_words(dana: ArmClient, path: str, code: str) -> None:
    answer = await dana.get(path)
    assert (answer.status, answer.code) == (404, code)


async def test_a_deleted_server_takes_its_children_along(dana: ArmClient) -> None:
    assert (await dana.delete(MIXED)).status == 202
    assert (await dana.get(f"{MIXED}/firewallRules")).code == "ParentResourceNotFound"
    assert (await dana.delete(MIXED)).status == 204


async def test_put_on_a_server_that_is_there_changes_it(dana: ArmClient) -> None:
    body = (await dana.get(CLOSED)).body
    change = {"location": body["location"], "sku": body["sku"], "tags": {"changed": "yes"}}
    assert (await dana.put(CLOSED, change)).status == 202
    assert (await dana.get(CLOSED)).body["tags"] == {"changed": "yes"}


async def test_what_is_not_emulated_is_said(dana: ArmClient) -> None:
    for path in (f"{OPEN}/tuningOptions", "/providers/Microsoft.Compute/virtualMachines"):
        answer = await dana.get(path)
        assert (answer.status, answer.code) == (501, "NotEmulated")


async def test_every_answer_has_the_request_ids(dana: ArmClient) -> None:
    answer = await dana.send("GET", OPEN, x_ms_correlation_request_id="my-own")
    assert answer.headers["x-ms-correlation-request-id"] == "my-own"
    assert answer.headers["x-ms-request-id"]
    assert int(answer.headers["x-ms-ratelimit-remaining-subscription-reads"]) > 200
