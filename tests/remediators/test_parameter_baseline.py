"""server-parameter-baseline: any parameter the policy names, and just those are read."""

import pytest
from pydantic import ValidationError

from remediators.parameter_baseline import CONTROL, REMEDIATORS, Baseline, detect
from shared.control import Drift, Finding, LastGood, NotApplicable, Risk
from shared.plan import Judge, make_plan
from shared.policy import ControlPolicy, Mode, Policy
from shared.policy.scopes import Scope
from shared.scope import Place
from shared.select import controls_for, facets_of, judges_for
from shared.state import Facet, Setting, SettingKind, State, parameter
from shared.target import Kind
from tests.builders import CATALOGUE, a_parameter, a_state, a_target

BASELINE = Baseline(values={"work_mem": "4096", "wal_level": "replica"})


def a_server_with(**values: str) -> State:
    return a_state(parameters={name: a_parameter(name, value) for name, value in values.items()})


def drifts(found: Finding) -> tuple[Drift, ...]:
    assert isinstance(found, tuple)
    return found


def a_policy_with(baseline: Baseline | None, *scopes: Scope) -> Policy:
    line = ControlPolicy(mode=Mode.ENFORCE, parameters=baseline)
    return Policy(mode=Mode.OFF, controls={CONTROL.id: line}, scopes=scopes)


def reads(policy: Policy) -> set[Facet]:
    return set(facets_of(controls_for({CONTROL.id: CATALOGUE[CONTROL.id]}, policy, Kind.FLEXIBLE)))


def test_a_server_that_equals_the_baseline_is_good() -> None:
    assert detect(a_server_with(work_mem="4096", wal_level="REPLICA"), BASELINE) == ()


def test_each_parameter_with_another_value_is_a_drift() -> None:
    found = drifts(detect(a_server_with(work_mem="64", wal_level="logical"), BASELINE))
    assert [(drift.setting.name, drift.wanted) for drift in found] == [("work_mem", "4096"), ("wal_level", "replica")]


def test_a_parameter_the_server_lacks_is_passed_over() -> None:
    assert len(drifts(detect(a_server_with(work_mem="64"), BASELINE))) == 1
    assert isinstance(detect(a_server_with(), BASELINE), NotApplicable)


def test_a_list_keeps_what_others_have_put_there() -> None:
    state = a_server_with(shared_preload_libraries="pg_cron")
    (drift,) = drifts(detect(state, Baseline(values={"shared_preload_libraries": "pgaudit"})))
    assert drift.wanted == "pg_cron,pgaudit"


def test_a_static_parameter_waits_for_somebody_to_agree_to_a_restart() -> None:
    state = a_state(parameters={"wal_level": a_parameter("wal_level", "logical", dynamic=False)})
    judge = Judge(REMEDIATORS[0], a_policy_with(BASELINE).general_rule(CONTROL))
    (change,) = make_plan(state, [judge], LastGood()).changes
    assert (change.setting, change.risk) == (Setting(SettingKind.PARAMETER, "wal_level"), Risk.NEEDS_RESTART)


def test_without_values_in_the_policy_nothing_is_read_and_nothing_said() -> None:
    assert reads(a_policy_with(None)) == set()
    assert isinstance(detect(a_server_with(work_mem="64"), Baseline()), NotApplicable)


def test_what_any_scope_names_is_read_and_what_holds_here_is_judged() -> None:
    here = Scope(
        scope=f"/subscriptions/{a_target().subscription}",
        controls={CONTROL.id: ControlPolicy(parameters=Baseline(values={"log_min_duration_statement": "500"}))},
    )
    policy = a_policy_with(BASELINE, here)
    names = {"work_mem", "wal_level", "log_min_duration_statement"}
    assert reads(policy) == set(map(parameter, names))
    (judge,) = judges_for({CONTROL.id: CATALOGUE[CONTROL.id]}, policy, Place(a_target()))
    assert judge.remediator.control.facets == (parameter("log_min_duration_statement"),)


def test_a_cluster_has_each_parameter_for_its_coordinator_and_for_its_workers() -> None:
    names = ("coordinator/work_mem", "workers/work_mem")
    held = {name: a_parameter(name, value) for name, value in zip(names, ("4096", "64"), strict=True)}
    (drift,) = drifts(detect(a_state(a_target(kind=Kind.CITUS), parameters=held), BASELINE))
    assert drift.setting.name == "workers/work_mem"
    assert set(names) <= {facet.name for facet in CATALOGUE[CONTROL.id].on(Kind.CITUS, BASELINE).control.facets}


@pytest.mark.parametrize(("written", "meant"), [(True, "on"), (False, "off"), (4096, "4096"), (0.5, "0.5")])
def test_values_may_be_written_as_yaml_has_them(written: object, meant: str) -> None:
    assert Baseline.model_validate({"values": {"work_mem": written}}).values == {"work_mem": meant}


@pytest.mark.parametrize("name", ["", "work mem", "../x", "a/b"])
def test_a_name_that_no_parameter_has_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Baseline.model_validate({"values": {name: "on"}})


def test_the_update_of_many_parameters_at_once_is_heard() -> None:
    assert "updateconfigurations/action" in CATALOGUE[CONTROL.id].on(Kind.SINGLE).control.operations
