"""Azure Policy exemptions in force for a server."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.arm.azure import AzureArm
from shared.arm.waivers import Waivers
from shared.errors import Forbidden, Retry, Throttled, Unreachable
from shared.ports import Waiver
from tests.arm.azure_side import CONTOSO, MIN_TLS, PUBLIC_ACCESS, TLS, AzureSide
from tests.arm.conftest import ARCHIVE, PARTNERS, PAYMENTS, PRODUCTION
from tests.fakes.clock import FakeClock
from tests.fakes.pipeline import ScriptedArm

SUBSCRIPTION = f"/subscriptions/{PRODUCTION}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-partners"
MG_PRODUCTION = "/providers/Microsoft.Management/managementGroups/mg-production"
LIST, ASSIGNMENTS, SET = (
    f"Microsoft.Authorization/{one}/read" for one in ("policyExemptions", "policyAssignments", "policySetDefinitions")
)
ALL = frozenset({PUBLIC_ACCESS, TLS, MIN_TLS})
ASSIGNMENT = "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/a"
BUILT_IN = f"/providers/Microsoft.Authorization/policyDefinitions/{TLS}"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["Waiver", ASSIGNMENT, "2030-01-01T00:00:00Z", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def exemption(**properties: Any) -> dict[str, Any]:
    given = {"policyAssignmentId": ASSIGNMENT, "exemptionCategory": "Waiver"}
    return {"name": "one", "properties": given | properties}


async def read(*rows: Any, definition: Any = BUILT_IN, **answers: Any) -> tuple[Waiver, ...]:
    assigned = {"id": ASSIGNMENT, "properties": {"policyDefinitionId": definition}}
    lists = {"policyExemptions": {"value": list(rows)}, "policyAssignments": {"value": [assigned]}}
    return await Waivers(ScriptedArm(**lists | answers), FakeClock()).in_force(PARTNERS)


async def test_an_exemption_on_the_server_names_the_definition_it_is_about(arm: AzureArm) -> None:
    reason = "Auditors of the old system connect from their own networks until the archive is taken down."
    assert await arm.waivers(ARCHIVE) == (Waiver("archive-is-public", frozenset({PUBLIC_ACCESS}), None, reason),)


async def test_a_server_without_exemptions_costs_one_call(arm: AzureArm, side: AzureSide) -> None:
    assert await arm.waivers(PARTNERS) == ()
    assert await side.calls() == [LIST]


async def test_assignments_and_initiatives_are_looked_up_once_an_hour(
    arm: AzureArm, side: AzureSide, clock: FakeClock
) -> None:
    for _ in range(3):
        await arm.waivers(ARCHIVE)
    assert await side.calls() == [LIST, ASSIGNMENTS, SET, LIST, LIST]
    clock.advance(3600)
    await arm.waivers(ARCHIVE)
    assert (await side.calls())[5:] == [LIST, ASSIGNMENTS, SET]


@pytest.mark.parametrize(
    "scope", [PARTNERS.id, GROUP, SUBSCRIPTION, MG_PRODUCTION], ids=["server", "group", "sub", "mg"]
)
async def test_exemptions_are_inherited_from_every_scope_above(arm: AzureArm, side: AzureSide, scope: str) -> None:
    assert await side.exempt(scope, "migration") == 201
    assert await arm.waivers(PARTNERS) == (Waiver("migration", ALL),)


async def test_an_exemption_below_or_beside_the_server_is_none_of_its_own(arm: AzureArm, side: AzureSide) -> None:
    await side.exempt(f"{PARTNERS.id}/firewallRules/office-zurich", "a")
    await side.exempt(PAYMENTS.id, "b")
    assert await arm.waivers(PARTNERS) == ()


async def test_it_ends_at_its_moment(arm: AzureArm, side: AzureSide, clock: FakeClock) -> None:
    ends = clock() + timedelta(hours=1)
    await side.exempt(PARTNERS.id, "soon", expiresOn=ends.isoformat(), displayName="until the move")
    assert await arm.waivers(PARTNERS) == (Waiver("soon", ALL, ends, "until the move"),)
    clock.advance_to(ends)
    assert await arm.waivers(PARTNERS) == ()


async def test_a_mitigated_risk_counts_too_and_references_narrow_it(arm: AzureArm, side: AzureSide) -> None:
    await side.exempt(
        GROUP, "m", exemptionCategory="Mitigated", policyDefinitionReferenceIds=["ENFORCESSL", "minimumTls"]
    )
    assert await arm.waivers(PARTNERS) == (Waiver("m", frozenset({TLS, MIN_TLS})),)


@pytest.mark.parametrize(
    "properties",
    [
        {"resourceSelectors": [{"name": "s", "selectors": [{"kind": "resourceLocation", "in": ["westeurope"]}]}]},
        {"assignmentScopeValidation": "DoNotValidate"},
    ],
    ids=["selectors", "unchecked"],
)
async def test_what_is_not_understood_is_not_honoured(
    arm: AzureArm, side: AzureSide, properties: dict[str, Any]
) -> None:
    assert await side.exempt(PARTNERS.id, "x", **properties) == 201
    assert await arm.waivers(PARTNERS) == ()


async def test_an_exemption_from_an_assignment_that_is_gone_exempts_from_nothing(
    arm: AzureArm, side: AzureSide, clock: FakeClock
) -> None:
    await side.exempt(PARTNERS.id, "orphan")
    path = f"{CONTOSO}/policyAssignments/contoso-postgres"
    assert await side.act("ada", "DELETE", path, version="2022-06-01") == 200
    assert await arm.waivers(PARTNERS) == ()
    await arm.waivers(PARTNERS)
    assert await side.calls() == [LIST, ASSIGNMENTS, LIST]
    clock.advance(60)
    await arm.waivers(PARTNERS)
    assert (await side.calls())[3:] == [LIST, ASSIGNMENTS]


async def test_a_new_assignment_is_found_although_others_are_known(arm: AzureArm, side: AzureSide) -> None:
    await side.exempt(PARTNERS.id, "old")
    await arm.waivers(PARTNERS)
    assignment = f"{GROUP}/providers/Microsoft.Authorization/policyAssignments/tls"
    body = {"properties": {"policyDefinitionId": BUILT_IN}}
    assert await side.act("ada", "PUT", assignment, body, "2022-06-01") == 201
    await side.exempt(GROUP, "new", policyAssignmentId=assignment)
    assert await arm.waivers(PARTNERS) == (Waiver("new", frozenset({TLS})), Waiver("old", ALL))


@pytest.mark.parametrize("path", ["policyExemptions", "policyAssignments", "policySetDefinitions"])
@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"status": 429, "retry_after_seconds": 7}, Throttled),
        ({"status": 403}, Forbidden),
        ({"status": 500}, Unreachable),
        ({"drop": "before", "times": 2}, Unreachable),
    ],
    ids=str,
)
async def test_what_cannot_be_read_is_an_error_and_is_not_remembered(
    arm: AzureArm, side: AzureSide, path: str, rule: dict[str, Any], error: type[Exception]
) -> None:
    await side.fault(path, **{"times": 1, **rule})
    with pytest.raises(error):
        await arm.waivers(ARCHIVE)
    assert await arm.waivers(ARCHIVE)


async def test_a_missing_permission_is_named(arm: AzureArm, side: AzureSide) -> None:
    await side.fault("policySetDefinitions", status=403)
    with pytest.raises(Forbidden) as caught:
        await arm.waivers(ARCHIVE)
    assert caught.value.permission == SET
    assert caught.value.scope == f"{CONTOSO}/policySetDefinitions/contoso-postgres".lower()


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([exemption()], [Waiver("one", frozenset({TLS}))]),
        ([exemption(policyDefinitionReferenceIds=None)], [Waiver("one", frozenset({TLS}))]),
        ([exemption(policyDefinitionReferenceIds=["x"])], [Waiver("one", frozenset({TLS}))]),
        ([exemption(exemptionCategory="waiver", description=7)], [Waiver("one", frozenset({TLS}))]),
        ([exemption(exemptionCategory="Something")], []),
        ([exemption(expiresOn="2025-11-24T09:00:00Z")], []),
        ([exemption(expiresOn="2025-11-24T08:59:59.9999999Z")], []),
        (
            [exemption(expiresOn="2025-11-24T09:00:01")],
            [Waiver("one", frozenset({TLS}), datetime(2025, 11, 24, 9, 0, 1, tzinfo=UTC))],
        ),
    ],
)
async def test_what_an_exemption_may_say(rows: list[Any], found: list[Waiver]) -> None:
    assert list(await read(*rows)) == found


@pytest.mark.parametrize("definition", [f"/subscriptions/s{BUILT_IN}", f"{BUILT_IN}/../x", "nonsense"])
async def test_only_built_in_definitions_are_mapped_to_controls(definition: str) -> None:
    waivers = await read(exemption(), definition=definition)
    assert all(TLS not in waiver.definitions for waiver in waivers)


@pytest.mark.parametrize("initiative", ["x/policySetDefinitions/y", "/a/../policySetDefinitions/y"])
async def test_the_id_of_an_initiative_that_is_none_is_not_asked_for(initiative: str) -> None:
    with pytest.raises(Unreachable, match="wanted the id of an initiative"):
        await read(exemption(), definition=initiative)


@pytest.mark.parametrize(
    "row",
    [
        {"properties": {}},
        {"name": "one"},
        exemption(policyAssignmentId=None),
        exemption(policyAssignmentId=""),
        exemption(expiresOn="tomorrow"),
        exemption(expiresOn=7),
        exemption(expiresOn="0001-01-01T00:00:00+14:00"),
        exemption(policyDefinitionReferenceIds="x"),
        exemption(policyDefinitionReferenceIds=[7]),
    ],
    ids=str,
)
async def test_an_exemption_that_cannot_be_read_is_an_error(row: Any) -> None:
    with pytest.raises(Retry):
        await read(row)


@given(answer=JSON, which=st.sampled_from(["policyExemptions", "policyAssignments", "y"]))
async def test_answers_of_any_shape_raise_only_our_own_errors(answer: Any, which: str) -> None:
    try:
        found = await read(exemption(), definition="/policySetDefinitions/y", **{"y": {}, which: answer})
    except Retry:
        return
    assert all(waiver.definitions for waiver in found)
