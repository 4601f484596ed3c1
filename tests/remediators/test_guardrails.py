"""Azure's own guards: assignments in force, and a role for those who may unlock."""

import json

import pytest

from shared.control import NotApplicable
from shared.state import FacetKind, State
from tests.good_neighbours import GUARDRAIL
from tests.remediators.judging import drifts_of, finding_of
from tests.remediators.outside import with_around

ASSIGNED, ROLE = "policy-guardrails-assigned", "lock-administrator-custom-role"
NAME = "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/postgres"


def assigned(**texts: str) -> State:
    named = {name.replace("__", "."): text for name, text in texts.items()}
    return with_around({FacetKind.POLICY_ASSIGNMENTS: {NAME: {"policyDefinitionId": GUARDRAIL} | named}})


@pytest.mark.parametrize("name", ["pg", GUARDRAIL.upper()])
def test_an_assignment_in_force_is_left_alone(name: str) -> None:
    assert drifts_of(ASSIGNED, assigned(), definitions=[name]) == ()


@pytest.mark.parametrize("texts", [{"enforcementMode": "DoNotEnforce"}, {"parameters__effect__value": "disabled"}])
def test_an_assignment_that_was_weakened_is_told_as_it_is(texts: dict[str, str]) -> None:
    (drift,) = drifts_of(ASSIGNED, assigned(**texts), definitions=["pg"])
    assert drift.setting.neighbour[1] == NAME
    assert str(next(iter(texts.values()))) in str(drift.found)
    assert drift.person


def test_an_assignment_that_is_gone_is_told_by_name() -> None:
    (drift,) = drifts_of(ASSIGNED, assigned(), definitions=["other"])
    assert (drift.found, drift.person.split(",")[0]) == (None, "assign other again")


def test_without_names_in_the_policy_there_is_nothing_to_hold() -> None:
    assert isinstance(finding_of(ASSIGNED, assigned()), NotApplicable)


def role(*actions: str) -> State:
    given = {"permissions": json.dumps([{"actions": actions}])}
    return with_around({FacetKind.ROLE_DEFINITIONS: {"/providers/roleDefinitions/a": given}})


def test_a_role_for_locks_alone_is_enough() -> None:
    assert drifts_of(ROLE, role("Microsoft.Authorization/locks/*", "*/read")) == ()


@pytest.mark.parametrize("actions", [[], ["*"], ["Microsoft.Authorization/locks/*", "*"], ["*/read"]])
def test_a_role_that_may_do_everything_is_none(actions: list[str]) -> None:
    (drift,) = drifts_of(ROLE, role(*actions))
    assert drift.person.startswith("make a custom role")
