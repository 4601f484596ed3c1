"""People of other tenants: by delegation, or by a role of a foreign group."""

from shared.control import LastGood, NotApplicable
from shared.plan import make_plan
from shared.state import FacetKind, Setting, SettingKind, State
from tests.good_neighbours import PARTNER, PLAN
from tests.remediators.judging import drifts_of, finding_of, judge_of
from tests.remediators.outside import with_around

ID = "csp-and-foreign-principal-access"
DELEGATION = f"{PLAN.rsplit('/providers/', 1)[0]}/providers/Microsoft.ManagedServices/registrationAssignments/partner"
TENANT = "registrationDefinition.properties.managedByTenantId"


def access(tenant: str = PARTNER, principal: str = "Group") -> State:
    role = {"principalType": principal, "principalId": "p", "roleDefinitionId": "r"}
    return with_around({FacetKind.DELEGATIONS: {DELEGATION: {TENANT: tenant}}, FacetKind.ROLE_ASSIGNMENTS: {"a": role}})


def test_a_tenant_that_the_policy_names_may_manage() -> None:
    assert drifts_of(ID, access(), approved_tenants=[PARTNER]) == ()


def test_any_other_tenant_may_not() -> None:
    state = access()
    (change,) = make_plan(state, [judge_of(ID, state)], LastGood()).changes
    assert (change.setting, change.after) == (Setting.outside(FacetKind.DELEGATIONS, DELEGATION), None)


def test_a_group_of_another_tenant_has_no_role_here() -> None:
    (drift,) = drifts_of(ID, access(principal="ForeignGroup"), approved_tenants=[PARTNER])
    assert (drift.setting, drift.wanted) == (Setting(SettingKind.ROLE_ASSIGNMENT, "a"), None)


def test_half_of_what_is_asked_about_is_no_answer() -> None:
    assert isinstance(finding_of(ID, with_around({FacetKind.DELEGATIONS: {}})), NotApplicable)
