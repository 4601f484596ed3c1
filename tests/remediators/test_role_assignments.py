"""Who may change the server in Azure: approved, a group, and never ourselves taken out."""

from dataclasses import replace
from typing import Any

import pytest

from shared.control import LastGood, NotApplicable, Risk
from shared.plan import make_plan
from shared.state import FacetKind, State
from shared.target import Kind
from tests.builders import DBA_GROUP, STRANGER, a_state, a_target
from tests.fakes.arm import IDENTITY
from tests.good import PIPELINE
from tests.remediators.judging import drifts_of, finding_of, judge_of

GROUPS, ALLOWED = "rbac-principals-are-groups", "pg-control-plane-rbac-allowlist"
OWNER, CONTRIBUTOR = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER, CUSTOM = "acdd72a7-3385-48ef-bd42-f606fba81ae7", "6fca939a-1b08-420b-affd-3d3061ecceb2"
ABOVE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Authorization/roleAssignments/x"
ROOT = "/providers/Microsoft.Authorization/roleAssignments/x"
APPROVED = {"approved_assignments": [{"role": "owner", "principals": [DBA_GROUP]}]}


def assigned(role: str = OWNER, principal: str = STRANGER, kind: str = "User", name: str = "here") -> State:
    value = {
        "roleDefinitionId": f"/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/{role.upper()}",
        "principalId": principal,
        "principalType": kind,
    }
    state = a_state(children={FacetKind.ROLE_ASSIGNMENTS: {name: value}})
    return replace(state, ourselves=frozenset({IDENTITY}))


def strangers(state: State, **parameters: Any) -> list[str]:
    return [drift.why for drift in drifts_of(ALLOWED, state, **(parameters or APPROVED))]


@pytest.mark.parametrize("kind", Kind)
def test_a_stranger_who_can_write_loses_the_assignment(kind: Kind) -> None:
    state = replace(assigned(), target=a_target(kind=kind))
    (change,) = make_plan(state, [judge_of(ALLOWED, state, **APPROVED)], LastGood()).changes
    assert (change.setting.name, change.after, change.risk) == ("here", None, Risk.MAY_CUT_CLIENTS)
    assert strangers(state) == [f"user {STRANGER} is Owner, which the policy does not approve"]


def test_a_role_and_a_principal_are_approved_together() -> None:
    assert strangers(assigned(OWNER, DBA_GROUP, "Group")) == []
    assert strangers(assigned(CONTRIBUTOR, DBA_GROUP, "Group")) != []
    by_guid = {"approved_assignments": [{"role": CONTRIBUTOR, "principals": [DBA_GROUP]}]}
    assert strangers(assigned(CONTRIBUTOR, DBA_GROUP, "Group"), **by_guid) == []


def test_who_can_only_read_is_nobodys_concern() -> None:
    assert strangers(assigned(READER)) == []


def test_a_custom_role_counts_where_the_policy_names_it() -> None:
    assert strangers(assigned(CUSTOM)) == []
    assert strangers(assigned(CUSTOM), privileged_roles=[CUSTOM], **APPROVED) != []


@pytest.mark.parametrize(
    ("name", "scope"), [(ABOVE, "/subscriptions/s/resourceGroups/g"), (ROOT, "the root of the tenant")]
)
def test_what_is_inherited_is_a_persons_to_delete(name: str, scope: str) -> None:
    (drift,) = drifts_of(ALLOWED, assigned(name=name), **APPROVED)
    assert drift.person == f"it is inherited from {scope}: delete it there, or approve it in the policy"


def test_an_inherited_assignment_does_not_keep_ours_from_being_mended() -> None:
    state = assigned()
    both = {**state.children[FacetKind.ROLE_ASSIGNMENTS], **assigned(name=ABOVE).children[FacetKind.ROLE_ASSIGNMENTS]}
    state = replace(state, children={FacetKind.ROLE_ASSIGNMENTS: both})
    plan = make_plan(state, [judge_of(ALLOWED, state, **APPROVED)], LastGood())
    assert [change.setting.name for change in plan.changes] == ["here"]
    assert [setting.name for setting in plan.refusals] == [ABOVE]


@pytest.mark.parametrize("control", [GROUPS, ALLOWED])
def test_our_own_assignment_is_never_touched(control: str) -> None:
    parameters = APPROVED if control == ALLOWED else {}
    assert drifts_of(control, assigned(OWNER, IDENTITY, "ServicePrincipal"), **parameters) == ()


def test_at_the_server_groups_hold_roles_and_who_is_excepted() -> None:
    assert drifts_of(GROUPS, assigned(READER, DBA_GROUP, "Group")) == ()
    pipeline = assigned(CONTRIBUTOR, PIPELINE, "ServicePrincipal")
    assert drifts_of(GROUPS, pipeline, approved_principals=[PIPELINE]) == ()
    (drift,) = drifts_of(GROUPS, pipeline)
    assert drift.why == f"serviceprincipal {PIPELINE} holds a role at the server, and is no group"
    assert drifts_of(GROUPS, assigned(name=ABOVE)) == ()


def test_without_a_list_or_a_read_nothing_is_said() -> None:
    assert isinstance(finding_of(ALLOWED, assigned()), NotApplicable)
    assert isinstance(finding_of(ALLOWED, a_state(), **APPROVED), NotApplicable)
    assert isinstance(finding_of(GROUPS, a_state()), NotApplicable)
