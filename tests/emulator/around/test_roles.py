"""Role assignments: read, made, in force at once, removed."""

import pytest

from tests.emulator.arm_client import OPEN, PRODUCTION, Bench
from tests.emulator.around.client import AroundClient
from tests.emulator.kinds import GROUP

_ROLES = "providers/Microsoft.Authorization"
_NAME = "88888888-0000-4000-8000-000000000001"
_CONTRIBUTOR, _READER = "b24988ac-6180-42a0-ab88-20f7382dd24c", "acdd72a7-3385-48ef-bd42-f606fba81ae7"
_OTHER = "88888888-0000-4000-8000-000000000002"
_STRANGER = "11111111-2222-4333-8444-555555555555"


def _body(principal: str, role: str = _CONTRIBUTOR, kind: str = "User") -> dict[str, str]:
    definition = f"{PRODUCTION}/{_ROLES}/roleDefinitions/{role}"
    return {"roleDefinitionId": definition, "principalId": principal, "principalType": kind}


def _path(scope: str, name: str = _NAME) -> str:
    return f"{scope}/{_ROLES}/roleAssignments/{name}"


async def test_an_assignment_is_answered_as_recorded(around: AroundClient, bench: Bench) -> None:
    made = await around.put(_path(OPEN), _body(_STRANGER))
    assert made.status == 201
    found = (await around.get(_path(OPEN))).properties
    ada = bench.address.principals["ada"]["object_id"]
    assert found | _body(_STRANGER) == found
    assert (found["scope"], found["createdBy"], found["condition"]) == (OPEN, ada, None)
    gone = await around.delete(_path(OPEN))
    assert (gone.status, gone.body["name"]) == (200, _NAME)
    assert (await around.delete(_path(OPEN))).status == 204


async def test_it_is_in_force_at_once_and_until_it_is_removed(around: AroundClient, bench: Bench) -> None:
    auditor = await bench.arm("auditor")
    me = bench.address.principals["auditor"]["object_id"]
    assert (await auditor.patch(OPEN, {"tags": {}})).status == 403
    await around.put(_path(OPEN), _body(me))
    assert (await auditor.patch(OPEN, {"tags": {}})).status == 202
    await around.delete(_path(OPEN))
    assert (await auditor.patch(OPEN, {"tags": {}})).status == 403


async def test_a_reset_brings_back_what_the_fleet_gives(around: AroundClient, bench: Bench) -> None:
    await around.put(_path(OPEN), _body(bench.address.principals["auditor"]["object_id"]))
    await bench.control.send("POST", "/reset")
    assert (await (await bench.arm("auditor")).patch(OPEN, {"tags": {}})).status == 403
    assert (await around.get(_path(OPEN))).status == 404


async def test_the_fleets_own_assignments_are_there(around: AroundClient, bench: Bench) -> None:
    names = {who["object_id"]: key for key, who in bench.address.principals.items()}
    found = await around.listed(f"{OPEN}/{_ROLES}/roleAssignments")
    by_name = {names[one["properties"]["principalId"]]: one["properties"] for one in found}
    assert set(by_name) >= {"ada", "dana", "auditor", "holdfast", "pipeline"}
    assert by_name["dana"]["roleDefinitionId"].endswith(_CONTRIBUTOR)
    assert (by_name["dana"]["scope"], by_name["holdfast"]["principalType"]) == ("/", "ServicePrincipal")


async def test_lists_are_filtered(around: AroundClient) -> None:
    await around.put(_path(OPEN), _body(_STRANGER))
    await around.put(_path(GROUP, _OTHER), _body(_STRANGER))
    place = f"{PRODUCTION}/{_ROLES}/roleAssignments"

    async def count(path: str, text: str) -> int:
        return len((await around.filtered(path, text)).body["value"])

    assert await count(place, f"principalId eq '{_STRANGER}'") == 2
    assert await count(place, f"atScope() and assignedTo('{_STRANGER}')") == 0
    assert await count(f"{OPEN}/{_ROLES}/roleAssignments", f"assignedTo('{_STRANGER}')") == 1
    assert (await around.filtered(place, "name eq 'x'")).status == 400


@pytest.mark.parametrize(
    ("name", "body", "status", "code"),
    [
        (_OTHER, _body(_STRANGER), 409, "RoleAssignmentExists"),
        (_NAME, _body(_STRANGER, _READER), 403, "RoleAssignmentUpdateNotPermitted"),
        (_NAME, _body(_STRANGER, "nonsense"), 400, "InvalidParameterValue"),
        (_NAME, {"principalId": _STRANGER}, 400, "InvalidRequestContent"),
    ],
)
async def test_what_cannot_be_is_refused(
    around: AroundClient, name: str, body: dict[str, str], status: int, code: str
) -> None:
    await around.put(_path(OPEN), _body(_STRANGER))
    answer = await around.put(_path(OPEN, name), body)
    assert (answer.status, answer.code) == (status, code)


async def test_a_contributor_gives_nobody_anything(bench: Bench) -> None:
    dana = AroundClient(await bench.arm("dana"))
    assert (await dana.put(_path(OPEN), _body(_STRANGER))).code == "AuthorizationFailed"


async def test_roles_say_what_they_allow(around: AroundClient) -> None:
    place = f"{PRODUCTION}/{_ROLES}/roleDefinitions"
    reader = (await around.get(f"{place}/{_READER}")).properties
    assert (reader["roleName"], reader["type"]) == ("Reader", "BuiltInRole")
    assert reader["permissions"][0]["actions"] == ["*/read"]
    own = (await around.filtered(place, "type eq 'CustomRole'")).body["value"]
    assert [one["properties"]["roleName"] for one in own] == ["Holdfast Remediator"]
    assert len((await around.filtered(place, "roleName eq 'Owner'")).body["value"]) == 1
    assert (await around.filtered(place, "colour eq 'red'")).status == 400
    assert (await around.get(f"{place}/{_OTHER}")).code == "RoleDefinitionDoesNotExist"
