"""Administrators and private endpoint connections."""

from emulator.app import Emulator
from emulator.fleet import Fleet, default_fleet
from tests.emulator.arm_client import CLOSED, OPEN, PRODUCTION, ArmClient, bench_at

_SOMEBODY = f"{OPEN}/administrators/11111111-2222-4333-8444-555555555555"
_USER = {"properties": {"principalName": "x@contoso.example", "principalType": "User"}}


async def test_an_administrator_is_called_by_the_principals_name(dana: ArmClient) -> None:
    assert (await dana.put(_SOMEBODY, _USER)).status == 202
    found = (await dana.get(_SOMEBODY)).body
    assert found["name"] == "x@contoso.example"
    assert found["id"] == _SOMEBODY
    assert (await dana.delete(_SOMEBODY)).status == 202
    assert (await dana.delete(_SOMEBODY)).status == 204


async def test_administrators_need_entra_authentication(dana: ArmClient) -> None:
    await dana.patch(
        OPEN, {"properties": {"authConfig": {"activeDirectoryAuth": "Disabled", "passwordAuth": "Enabled"}}}
    )
    assert (await dana.put(_SOMEBODY, _USER)).code == "MicrosoftEntraAuthenticationDisabled"


async def test_an_administrator_needs_name_and_type(dana: ArmClient) -> None:
    for body in ({"properties": {"principalName": "x"}}, {"properties": {"principalType": "User"}}, {}):
        assert (await dana.put(_SOMEBODY, body)).code == "InvalidParameterValue"


def _with_pending_endpoint() -> Fleet:
    given = default_fleet().model_dump()
    server = given["subscriptions"][0]["resource_groups"][0]["flexible_servers"][0]
    server["private_endpoints"] = [{"name": "pe-unknown", "status": "Pending", "group": "rg-elsewhere"}]
    return Fleet.model_validate(given)


async def test_a_pending_connection_is_decided_once() -> None:
    async with Emulator(_with_pending_endpoint()).running() as address, bench_at(address) as bench:
        arm = await bench.arm("ada")
        found = (await arm.get(f"{CLOSED}/privateEndpointConnections")).body["value"][0]
        endpoint = f"{PRODUCTION}/resourceGroups/rg-elsewhere/providers/Microsoft.Network/privateEndpoints/pe-unknown"
        assert found["properties"]["privateEndpoint"]["id"] == endpoint
        decision = {"properties": {"privateLinkServiceConnectionState": {"status": "Rejected", "description": "no"}}}
        assert (await arm.put(found["id"], decision)).status == 202
        assert (await arm.put(found["id"], decision)).code == "PrivateEndpointConnectionStatusNotPending"
        state = (await arm.get(found["id"])).properties["privateLinkServiceConnectionState"]
        assert state == {"status": "Rejected", "description": "no", "actionsRequired": "None"}


async def test_a_connection_cannot_be_made_here(dana: ArmClient) -> None:
    decision = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
    assert (await dana.put(f"{CLOSED}/privateEndpointConnections/new", decision)).status == 404
    assert (await dana.delete(f"{CLOSED}/privateEndpointConnections/new")).status == 204
