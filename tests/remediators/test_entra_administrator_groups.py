"""A group administers the server, and the last administrator is never taken away."""

from dataclasses import replace

import pytest

from shared.control import LastGood, NotApplicable, Risk
from shared.plan import make_plan
from shared.state import Administrator, Setting, SettingKind, State, administrator_value
from shared.target import Kind
from tests.builders import DBA_GROUP, STRANGER, TENANT, a_server, a_state, a_target, an_admin
from tests.remediators.judging import drifts_of, finding_of, judge_of

PRESENT, GROUPS = "entra-admin-provisioned", "entra-admin-is-group"
DANA = Administrator(STRANGER, "dana", "User", TENANT)
GROUP = {"object_id": DBA_GROUP, "name": "dba-group", "tenant_id": TENANT}
DBA = Setting(SettingKind.ADMINISTRATOR, DBA_GROUP)
HERS = Setting(SettingKind.ADMINISTRATOR, STRANGER)
NAME_IT = "name the group in the policy: parameters.administrator"


def run_by(*administrators: Administrator, kind: Kind = Kind.FLEXIBLE) -> State:
    return a_state(
        a_target(kind=kind), administrators=administrators, server=a_server(entra_auth=kind is not Kind.SINGLE)
    )


@pytest.mark.parametrize("kind", Kind)
def test_where_nobody_administers_the_group_of_the_policy_is_proposed(kind: Kind) -> None:
    state = run_by(kind=kind)
    (change,) = make_plan(state, [judge_of(PRESENT, state, administrator=GROUP)], LastGood()).changes
    assert (change.setting, change.after) == (DBA, administrator_value(an_admin()))
    assert change.risk is Risk.WIDENS_ACCESS
    assert drifts_of(PRESENT, run_by(DANA, kind=kind)) == ()


def test_the_group_that_was_there_comes_before_the_policys_and_a_person_after_it() -> None:
    others = replace(an_admin("66666666-6666-4666-8666-666666666666"), name="others")
    theirs = Setting(SettingKind.ADMINISTRATOR, others.object_id)
    hers = {HERS: administrator_value(DANA)}
    both = replace(run_by(), recalled={**hers, theirs: administrator_value(others)})
    assert [drift.setting for drift in drifts_of(PRESENT, both, administrator=GROUP)] == [theirs]
    alone = replace(run_by(), recalled=hers)
    assert [drift.setting for drift in drifts_of(PRESENT, alone, administrator=GROUP)] == [DBA]
    assert [drift.setting for drift in drifts_of(PRESENT, alone)] == [HERS]


def test_without_a_group_a_person_names_one() -> None:
    (drift,) = drifts_of(PRESENT, run_by())
    assert drift.person == NAME_IT


@pytest.mark.parametrize("control", [PRESENT, GROUPS])
def test_without_entra_sign_in_nobody_is_missed(control: str) -> None:
    state = replace(run_by(), server=a_server(entra_auth=False))
    assert isinstance(finding_of(control, state), NotApplicable)
    assert isinstance(finding_of(control, replace(state, server=None)), NotApplicable)


def test_a_person_is_removed_where_a_group_stays() -> None:
    state = run_by(an_admin(), DANA)
    (change,) = make_plan(state, [judge_of(GROUPS, state)], LastGood()).changes
    assert (change.setting, change.after) == (HERS, None)
    assert drifts_of(GROUPS, state, approved_principals=[STRANGER]) == ()
    (drift,) = drifts_of(GROUPS, state)
    assert drift.why == "dana administers the server as a User, not through a group"


def test_the_group_comes_before_the_last_person_goes() -> None:
    state = run_by(DANA)
    changes = make_plan(state, [judge_of(GROUPS, state, administrator=GROUP)], LastGood()).changes
    assert [(change.setting, change.after is None) for change in changes] == [(DBA, False), (HERS, True)]
    assert changes[1].needs == (DBA,)


@pytest.mark.parametrize("administrator", [None, {**GROUP, "principal_type": "User"}])
def test_the_last_administrator_is_never_removed(administrator: dict[str, str] | None) -> None:
    state = run_by(DANA)
    plan = make_plan(state, [judge_of(GROUPS, state, administrator=administrator)], LastGood())
    assert plan.changes == ()
    assert plan.refusals == {HERS: f"it would remove the last administrator: {NAME_IT}"}


def test_who_is_to_be_the_group_becomes_it() -> None:
    state = run_by(replace(DANA, object_id=DBA_GROUP))
    (change,) = make_plan(state, [judge_of(GROUPS, state, administrator=GROUP)], LastGood()).changes
    assert (change.setting, change.after) == (DBA, administrator_value(an_admin()))


def test_several_groups_are_a_persons_to_sort_out() -> None:
    state = run_by(an_admin(), replace(an_admin("66666666-6666-4666-8666-666666666666"), name="others"))
    (drift,) = drifts_of(GROUPS, state)
    assert (drift.found, drift.wanted) == ("dba-group, others", "one group")
    plan = make_plan(state, [judge_of(GROUPS, state)], LastGood())
    assert list(plan.refusals.values()) == ["keep the group that is to administer, and remove the others"]
