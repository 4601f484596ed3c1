"""Azure Policy's initiatives, assignments and exemptions: filters, inheritance, rights, refusals."""

from typing import Any

import pytest

from tests.emulator.arm_client import CLOSED, OLD, OPEN, PRODUCTION, STAGING, Answered, ArmClient, Bench

_ASSIGNMENTS, _SETS, _EXEMPTIONS = "2022-06-01", "2021-06-01", "2022-07-01-preview"
_MG = "/providers/Microsoft.Management/managementGroups/mg-contoso"
_ASSIGNMENT = f"{_MG}/providers/Microsoft.Authorization/policyAssignments/contoso-postgres"
_SET = f"{_MG}/providers/Microsoft.Authorization/policySetDefinitions/contoso-postgres"
_GROUP = f"{PRODUCTION}/resourceGroups/rg-partners"
_DEFINITION = "/providers/Microsoft.Authorization/policyDefinitions/5e1de0e3-42cb-4ebc-a86d-61d0c619ca48"

# The members in policyAssignments 2022-06-01 and policySetDefinitions 2021-06-01.
_OF_BOTH = {"displayName", "description", "metadata", "parameters"}
_OF_ONE = {"policyDefinitionId", "scope", "notScopes", "enforcementMode", "nonComplianceMessages", "resourceSelectors"}
_OF_SETS = {"policyType", "policyDefinitions", "policyDefinitionGroups"}


@pytest.fixture
async def ada(bench: Bench) -> ArmClient:
    return await bench.arm("ada")


def _at(scope: str, name: str = "") -> str:
    return f"{scope}/providers/Microsoft.Authorization/policyExemptions" + (f"/{name}" if name else "")


async def _exempt(arm: ArmClient, scope: str, name: str, **properties: Any) -> Answered:
    given = {"policyAssignmentId": _ASSIGNMENT, "exemptionCategory": "Waiver"} | properties
    return await arm.send("PUT", _at(scope, name), {"properties": given}, _EXEMPTIONS)


async def _names(arm: ArmClient, scope: str, test: str = "") -> list[str]:
    answer = await arm.send("GET", f"{_at(scope)}?$filter={test}&api-version={_EXEMPTIONS}")
    assert answer.status == 200, answer
    return [one["name"] for one in answer.body["value"]]


async def test_an_exemption_is_made_shown_changed_and_removed(ada: ArmClient) -> None:
    assert (await _exempt(ada, OPEN, "a")).status == 201
    assert (await _exempt(ada, OPEN, "a", displayName="later")).status == 200
    shown = await ada.get(_at(OPEN, "a"), _EXEMPTIONS)
    assert (shown.body["name"], shown.properties["displayName"]) == ("a", "later")
    assert (await ada.send("DELETE", _at(OPEN, "a"), version=_EXEMPTIONS)).status == 200
    assert (await ada.send("DELETE", _at(OPEN, "a"), version=_EXEMPTIONS)).status == 204
    assert (await ada.get(_at(OPEN, "a"), _EXEMPTIONS)).code == "PolicyExemptionNotFound"


async def test_the_filters_say_what_is_near_what_applies_and_what_is_here(ada: ArmClient) -> None:
    for scope, name in ((_MG, "mg"), (PRODUCTION, "sub"), (_GROUP, "group"), (OPEN, "server")):
        await _exempt(ada, scope, name, expiresOn="2020-01-01T00:00:00Z" if name == "sub" else None)
    assert await _names(ada, _GROUP) == ["mg", "sub", "group", "server"]
    assert await _names(ada, _GROUP, "atScopeAndBelow()") == ["mg", "sub", "group", "server"]
    assert await _names(ada, _GROUP, "atScope()") == ["mg", "sub", "group"]
    assert await _names(ada, _GROUP, "atExactScope()") == ["group"]
    assert await _names(ada, _GROUP, "excludeExpired()") == ["mg", "group", "server"]
    assert await _names(ada, CLOSED, "atscope()") == ["mg", "sub"]
    assert await _names(ada, STAGING, f"policyAssignmentId eq '{_ASSIGNMENT}'") == ["archive-is-public", "mg"]
    assert await _names(ada, STAGING, "policyAssignmentId eq '/x'") == []


async def test_another_filter_is_refused(ada: ArmClient) -> None:
    for test in ("atExact()", "atScope() and excludeExpired()"):
        path = f"{_at(OPEN)}?$filter={test}&api-version={_EXEMPTIONS}"
        assert (await ada.send("GET", path)).code == "InvalidFilterInQueryString"


async def test_assignments_made_above_are_listed_at_the_server(ada: ArmClient) -> None:
    path = f"{OLD}/providers/Microsoft.Authorization/policyAssignments?$filter=atScope()&api-version={_ASSIGNMENTS}"
    (one,) = (await ada.send("GET", path)).body["value"]
    assert (one["id"], one["properties"]["policyDefinitionId"]) == (_ASSIGNMENT, _SET)
    assert (await ada.get(_SET, _SETS)).properties["policyType"] == "Custom"


async def test_assignments_and_initiatives_have_the_members_of_their_definitions(ada: ArmClient) -> None:
    shown = {id_: (await ada.get(id_, version)).body for id_, version in ((_ASSIGNMENT, _ASSIGNMENTS), (_SET, _SETS))}
    for body in shown.values():
        assert set(body) <= {"id", "name", "type", "properties", "systemData", "location", "identity"}
        assert set(body["properties"]) <= _OF_BOTH | (
            _OF_SETS if "policyDefinitions" in body["properties"] else _OF_ONE
        )
    (first, *_) = shown[_SET]["properties"]["policyDefinitions"]
    assert set(first) <= {"policyDefinitionId", "policyDefinitionReferenceId", "parameters", "groupNames"}


async def test_an_assignment_and_an_initiative_are_made_and_removed(ada: ArmClient) -> None:
    initiative = f"{PRODUCTION}/providers/Microsoft.Authorization/policySetDefinitions/own"
    assignment = f"{_GROUP}/providers/Microsoft.Authorization/policyAssignments/own"
    part = {"policyDefinitionId": _DEFINITION, "policyDefinitionReferenceId": "r"}
    made = await ada.send("PUT", initiative, {"properties": {"policyDefinitions": [part]}}, _SETS)
    assert (made.status, made.properties["policyType"]) == (201, "Custom")
    for _ in range(2):
        made = await ada.send("PUT", assignment, {"properties": {"policyDefinitionId": initiative}}, _ASSIGNMENTS)
        assert (made.status, made.properties["scope"]) == (201, _GROUP)
    assert (await ada.send("DELETE", assignment, version=_ASSIGNMENTS)).body["name"] == "own"
    assert (await ada.send("DELETE", initiative, version=_SETS)).body is None


@pytest.mark.parametrize(
    ("properties", "status", "code"),
    [
        ({"exemptionCategory": "Because"}, 400, "InvalidRequestContent"),
        ({"exemptionCategory": None}, 400, "InvalidRequestContent"),
        ({"policyAssignmentId": "/nowhere"}, 404, "PolicyAssignmentNotFound"),
    ],
)
async def test_an_exemption_that_makes_no_sense_is_refused(
    ada: ArmClient, properties: dict[str, Any], status: int, code: str
) -> None:
    answer = await _exempt(ada, OPEN, "a", **properties)
    assert (answer.status, answer.code) == (status, code)


async def test_an_exemption_outside_its_assignment_needs_to_say_so(ada: ArmClient) -> None:
    assignment = f"{_GROUP}/providers/Microsoft.Authorization/policyAssignments/here"
    await ada.send("PUT", assignment, {"properties": {"policyDefinitionId": _DEFINITION}}, _ASSIGNMENTS)
    assert (await _exempt(ada, CLOSED, "a", policyAssignmentId=assignment)).status == 400
    unchecked = {"policyAssignmentId": assignment, "assignmentScopeValidation": "DoNotValidate"}
    assert (await _exempt(ada, CLOSED, "a", **unchecked)).status == 201


@pytest.mark.parametrize(
    ("kind", "properties", "version"),
    [
        ("policyAssignments", {}, _ASSIGNMENTS),
        ("policyAssignments", {"policyDefinitionId": "/x/policySetDefinitions/y"}, _ASSIGNMENTS),
        ("policySetDefinitions", {"policyDefinitions": [{"policyDefinitionId": _DEFINITION}]}, _SETS),
    ],
)
async def test_half_of_an_assignment_or_initiative_is_refused(
    ada: ArmClient, kind: str, properties: dict[str, Any], version: str
) -> None:
    path = f"{PRODUCTION}/providers/Microsoft.Authorization/{kind}/a"
    assert (await ada.send("PUT", path, {"properties": properties}, version)).status in (400, 404)


async def test_who_may_not_write_policy_may_not_exempt(bench: Bench) -> None:
    for principal in ("dana", "auditor", "holdfast"):
        assert (await _exempt(await bench.arm(principal), OPEN, "a")).status == 403
    app = await bench.arm("holdfast")
    for kind, version in (("policyExemptions", _EXEMPTIONS), ("policyAssignments", _ASSIGNMENTS)):
        assert (await app.get(f"{OPEN}/providers/Microsoft.Authorization/{kind}", version)).status == 200


async def test_an_unknown_subscription_is_not_found(ada: ArmClient) -> None:
    path = _at("/subscriptions/11111111-1111-4111-8111-111111111111")
    assert (await ada.get(path, _EXEMPTIONS)).code == "SubscriptionNotFound"


async def test_an_exemption_goes_with_its_server(ada: ArmClient) -> None:
    await _exempt(ada, OPEN, "a")
    assert (await ada.delete(OPEN)).status == 202
    assert (await ada.get(_at(OPEN, "a"), _EXEMPTIONS)).status == 404


async def test_a_write_at_a_server_raises_an_event_one_above_subscriptions_does_not(
    ada: ArmClient, bench: Bench
) -> None:
    await _exempt(ada, OPEN, "a")
    await _exempt(ada, _MG, "b")
    published = (await bench.control.send("GET", "/events")).body["published"]
    assert [event["data"]["operationName"] for event in published] == ["Microsoft.Authorization/policyExemptions/write"]
