"""The identities of a flexible server and the keys that it is encrypted with."""

from typing import Any

import pytest

from tests.emulator.arm_client import OPEN, PRODUCTION, ArmClient

_NEW = OPEN.replace("pg-partners", "pg-new")
_IDENTITIES = f"{PRODUCTION}/resourceGroups/rg-partners/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
_ONE, _TWO = f"{_IDENTITIES}/id-one", f"{_IDENTITIES}/id-two"
_KEY = "https://kv-partners.vault.azure.net/keys/pg-key"


def _identity(**users: dict[str, Any] | None) -> dict[str, Any]:
    places = {"one": _ONE, "two": _TWO}
    return {
        "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": {places[name]: value for name, value in users.items()},
        }
    }


async def _users(arm: ArmClient, server: str = OPEN) -> dict[str, Any]:
    found: dict[str, Any] = (await arm.get(server)).body["identity"]["userAssignedIdentities"]
    return found


async def test_identities_are_added_and_removed_by_null(dana: ArmClient) -> None:
    assert (await dana.patch(OPEN, _identity(one={}))).status == 202
    assert (await dana.patch(OPEN, _identity(two={}))).status == 202
    users = await _users(dana)
    assert set(users) == {_ONE, _TWO}
    assert set(users[_ONE]) == {"principalId", "clientId"}
    await dana.patch(OPEN, _identity(one=None))
    assert set(await _users(dana)) == {_TWO}
    await dana.patch(OPEN, {"identity": {"type": "None"}})
    assert (await dana.get(OPEN)).body["identity"] == {"type": "None"}


def _server(**encryption: str) -> dict[str, Any]:
    properties = {"administratorLogin": "pgadmin", "dataEncryption": {"type": "AzureKeyVault", **encryption}}
    return {"location": "northeurope", "properties": properties, **_identity(one={})}


async def test_a_server_can_be_made_with_a_customers_key(dana: ArmClient) -> None:
    made = await dana.put(_NEW, _server(primaryKeyURI=_KEY, primaryUserAssignedIdentityId=_ONE))
    assert made.status == 202
    assert (await dana.get(_NEW)).properties["dataEncryption"] == {
        "type": "AzureKeyVault",
        "primaryKeyURI": _KEY,
        "primaryUserAssignedIdentityId": _ONE,
        "primaryEncryptionKeyStatus": "Valid",
    }


@pytest.mark.parametrize(
    "encryption",
    [
        {"primaryUserAssignedIdentityId": _ONE},
        {"primaryKeyURI": _KEY},
        {"primaryKeyURI": _KEY, "primaryUserAssignedIdentityId": _TWO},
    ],
)
async def test_key_and_identity_belong_together(dana: ArmClient, encryption: dict[str, str]) -> None:
    assert (await dana.put(_NEW, _server(**encryption))).code == "InvalidParameterValue"


async def test_who_holds_the_key_is_decided_at_creation(dana: ArmClient) -> None:
    same = {"properties": {"dataEncryption": {"type": "SystemManaged"}}}
    assert (await dana.patch(OPEN, same)).status == 202
    other = {"properties": {"dataEncryption": {"type": "AzureKeyVault"}}}
    assert (await dana.patch(OPEN, other)).code == "PropertyChangeNotAllowed"
