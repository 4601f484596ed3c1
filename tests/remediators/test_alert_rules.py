"""Alert rules: one that stood there comes back, one that is off is switched on, one that never was is asked for."""

import json

import pytest

from shared.control import LastGood, NotApplicable
from shared.plan import make_plan
from shared.state import FacetKind, Setting, State
from shared.target import Kind
from tests.good_neighbours import GROUP
from tests.remediators.judging import drifts_of, finding_of, judge_of
from tests.remediators.outside import with_around

OPERATIONS, METRICS = "activity-log-alert-postgres-ops", "metric-alerts-present"
RULE = f"{GROUP}/Microsoft.Insights/activityLogAlerts/postgres"
METRIC = f"{GROUP}/Microsoft.Insights/metricAlerts/storage-full"
TYPE = "Microsoft.DBforPostgreSQL/flexibleServers"
WANTED = [f"{TYPE}/{one}" for one in ("write", "delete", "firewallRules/write", "firewallRules/delete")]


def rule(*operations: str, enabled: str = "true") -> dict[str, str]:
    conditions = [{"field": "category", "equals": "Administrative"}]
    conditions += [{"field": "operationName", "equals": operation} for operation in operations]
    return {"enabled": enabled, "condition.allOf": json.dumps(conditions)}


def with_rules(*rules: dict[str, str], **changes: object) -> State:
    named = {f"{RULE}-{number}": one for number, one in enumerate(rules)}
    return with_around({FacetKind.ACTIVITY_ALERTS: named}, **changes)  # type: ignore[arg-type]


def test_rules_that_cover_every_operation_together_are_enough() -> None:
    assert drifts_of(OPERATIONS, with_rules(*map(rule, WANTED))) == ()
    assert drifts_of(OPERATIONS, with_rules(rule())) == ()


@pytest.mark.parametrize("rules", [[], [rule(enabled="false")], [rule("Microsoft.Sql/servers/write")]])
def test_what_calls_nobody_is_told_by_name(rules: list[dict[str, str]]) -> None:
    (drift,) = drifts_of(OPERATIONS, with_rules(*rules), operations=["firewallRules/write"])
    assert drift.person == f"make an activity log alert for {TYPE.lower()}/firewallrules/write"


def test_the_operations_are_those_of_the_servers_kind() -> None:
    (drift,) = drifts_of(OPERATIONS, with_rules(*map(rule, WANTED), kind=Kind.SINGLE))
    assert "microsoft.dbforpostgresql/servers/write" in drift.person


def test_a_rule_that_was_deleted_comes_back_as_it_was() -> None:
    was = Setting.outside(FacetKind.ACTIVITY_ALERTS, RULE)
    state = with_rules(recalled={was: rule(*WANTED)})
    (change,) = make_plan(state, [judge_of(OPERATIONS, state)], LastGood({was: rule(*WANTED)})).changes
    assert (change.setting, change.after) == (was, rule(*WANTED))


def test_a_rule_of_which_a_part_stood_there_leaves_the_rest_to_a_person() -> None:
    was = Setting.outside(FacetKind.ACTIVITY_ALERTS, RULE)
    drifts = drifts_of(OPERATIONS, with_rules(recalled={was: rule(WANTED[0])}), operations=["write", "delete"])
    assert [bool(drift.person) for drift in drifts] == [False, True]


def metrics(around: dict[str, dict[str, str]], **changes: object) -> State:
    return with_around({FacetKind.METRIC_ALERTS: around}, **changes)  # type: ignore[arg-type]


def test_a_metric_alert_that_is_off_is_switched_on() -> None:
    state = metrics({METRIC: {"enabled": "false", "severity": "2"}})
    (change,) = make_plan(state, [judge_of(METRICS, state, alerts=["Storage-Full"])], LastGood()).changes
    assert change.after == {"enabled": "true", "severity": "2"}


def test_a_metric_alert_that_was_deleted_comes_back_switched_on() -> None:
    was = Setting.outside(FacetKind.METRIC_ALERTS, METRIC)
    (drift,) = drifts_of(METRICS, metrics({}, recalled={was: {"enabled": "false"}}), alerts=["storage-full"])
    assert (drift.setting, drift.wanted) == (was, {"enabled": "true"})


def test_one_that_never_was_is_asked_for_by_name() -> None:
    (drift,) = drifts_of(METRICS, metrics({}), alerts=["cpu-high"])
    assert drift.person == "make the metric alert cpu-high for this server"


def test_without_names_in_the_policy_there_is_nothing_to_hold() -> None:
    assert isinstance(finding_of(METRICS, metrics({})), NotApplicable)
