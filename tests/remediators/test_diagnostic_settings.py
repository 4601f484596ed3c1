"""What a server sends, where to, and how it comes back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from shared.control import LastGood, NotApplicable, Risk
from shared.plan import Plan, make_plan
from shared.state import FacetKind, Setting, SettingKind, State, Value
from shared.target import Kind
from tests.builders import a_state, a_target
from tests.good import WORKSPACE
from tests.remediators.judging import drifts_of, finding_of, judge_of

LOGS = '[{"category": "PostgreSQLLogs", "enabled": true}]'
SESSIONS = '[{"category": "PostgreSQLFlexSessions", "enabled": true}]'
ALL_LOGS = '[{"categoryGroup": "allLogs", "enabled": true}]'
METRICS = '[{"category": "AllMetrics", "enabled": true}]'
SOC = {"workspaceId": WORKSPACE}
OTHERS = {"workspaceId": f"{WORKSPACE}-of-others"}
ARCHIVE = f"{WORKSPACE.partition('/providers/')[0]}/providers/Microsoft.Storage/storageAccounts/archive"
TO_SOC = Setting(SettingKind.DIAGNOSTIC_SETTING, "to-soc")
OURS = Setting(SettingKind.DIAGNOSTIC_SETTING, "holdfast")


def sending(kind: Kind = Kind.FLEXIBLE, recalled: Mapping[Setting, Value] | None = None, **settings: Any) -> State:
    named = {name.replace("_", "-"): value for name, value in settings.items()}
    state = a_state(a_target(kind=kind), children={FacetKind.DIAGNOSTIC_SETTINGS: named})
    return replace(state, recalled=recalled or {})


def wanted(state: State, control: str = "diagnostic-settings-logs", **parameters: Any) -> dict[str, Value]:
    return {drift.setting.name: drift.wanted for drift in drifts_of(control, state, **parameters)}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("logs", [LOGS, ALL_LOGS, '[{"categoryGroup": "audit", "enabled": true}]'])
def test_the_servers_log_may_be_sent_by_category_or_by_group(kind: Kind, logs: str) -> None:
    assert wanted(sending(kind, to_soc={**SOC, "logs": logs})) == {}


def test_two_settings_together_may_send_what_is_wanted() -> None:
    state = sending(a={**SOC, "logs": LOGS}, b={"workspaceId": WORKSPACE.upper(), "logs": SESSIONS})
    assert wanted(state, categories=["PostgreSQLLogs", "PostgreSQLFlexSessions"]) == {}


def test_what_goes_to_another_workspace_or_to_storage_does_not_count() -> None:
    elsewhere = sending(a={**OTHERS, "logs": LOGS}, b={"storageAccountId": ARCHIVE, "logs": LOGS})
    assert wanted(elsewhere, workspace_id=WORKSPACE) == {"holdfast": {**SOC, "logs": ALL_LOGS}}


def test_a_category_that_is_missing_is_added_and_the_others_stay() -> None:
    both = '[{"category": "PostgreSQLFlexSessions", "enabled": true}, {"category": "PostgreSQLLogs", "enabled": true}]'
    assert wanted(sending(to_soc={**SOC, "logs": SESSIONS, "metrics": METRICS})) == {
        "to-soc": {**SOC, "logs": both, "metrics": METRICS}
    }


def test_groups_get_a_group_since_azure_does_not_mix_them_with_categories() -> None:
    audit = '[{"categoryGroup": "audit", "enabled": true}]'
    state = sending(to_soc={**SOC, "logs": audit})
    assert wanted(state, categories=["PostgreSQLFlexSessions"]) == {
        "to-soc": {
            **SOC,
            "logs": '[{"categoryGroup": "allLogs", "enabled": true}, {"categoryGroup": "audit", "enabled": true}]',
        }
    }


def test_categories_that_this_kind_of_server_lacks_are_passed_over() -> None:
    state = sending(Kind.CITUS, to_soc={**SOC, "logs": LOGS})
    assert wanted(state, categories=["PostgreSQLLogs", "PostgreSQLFlexSessions"]) == {}


def test_a_setting_that_was_deleted_comes_back_under_its_name() -> None:
    before = {**SOC, "logs": LOGS, "metrics": METRICS}
    assert wanted(sending(recalled={TO_SOC: before})) == {"to-soc": before}
    assert wanted(sending(recalled={TO_SOC: before}), "diagnostic-settings-metrics") == {"to-soc": before}


def test_a_deleted_setting_that_would_not_help_is_let_rest() -> None:
    lock = Setting(SettingKind.LOCK, "keep")
    recalled: dict[Setting, Value] = {TO_SOC: {**SOC, "logs": SESSIONS}, lock: {"level": "CanNotDelete"}}
    assert wanted(sending(recalled=recalled), workspace_id=WORKSPACE) == {"holdfast": {**SOC, "logs": ALL_LOGS}}


def test_without_a_workspace_a_person_is_asked_for_one() -> None:
    (drift,) = drifts_of("diagnostic-settings-logs", sending())
    assert drift.person == "name the workspace in the policy: parameters.workspace_id"


def test_a_name_that_sends_elsewhere_is_not_taken_over() -> None:
    state = sending(holdfast={**OTHERS, "logs": LOGS})
    assert wanted(state, workspace_id=WORKSPACE) == {"holdfast-logs": {**SOC, "logs": ALL_LOGS}}
    state = sending(holdfast=OTHERS, holdfast_logs=OTHERS)
    assert set(wanted(state, workspace_id=WORKSPACE)) == {"holdfast-logs-2"}


def test_a_category_that_is_off_is_not_sent_and_keeps_its_place() -> None:
    off = '[{"category": "PostgreSQLLogs", "enabled": false, "retentionPolicy": {"days": 9, "enabled": true}}]'
    assert wanted(sending(to_soc={**SOC, "logs": off})) == {"to-soc": {**SOC, "logs": LOGS}}


def test_logs_and_metrics_of_a_new_setting_are_one_write() -> None:
    state = sending()
    judges = [judge_of(f"diagnostic-settings-{what}", state, workspace_id=WORKSPACE) for what in ("logs", "metrics")]
    (change,) = make_plan(state, judges, LastGood()).changes
    assert (change.setting, change.after) == (OURS, {**SOC, "logs": ALL_LOGS, "metrics": METRICS})


def test_metrics_are_added_to_a_setting_that_sends_logs() -> None:
    assert wanted(sending(to_soc={**SOC, "logs": LOGS}), "diagnostic-settings-metrics") == {
        "to-soc": {**SOC, "logs": LOGS, "metrics": METRICS}
    }


# Where to


def strangers(state: State) -> dict[str, Value]:
    return wanted(state, "diagnostic-settings-destination", approved_destinations=[WORKSPACE])


def test_approved_destinations_are_compared_without_regard_to_case() -> None:
    assert strangers(sending(to_soc={"workspaceId": WORKSPACE.lower(), "logs": LOGS})) == {}


def test_a_foreign_sink_is_taken_out_and_the_approved_one_stays() -> None:
    hub = {"eventHubAuthorizationRuleId": "/subscriptions/x/rule", "eventHubName": "logs"}
    assert strangers(sending(to_soc={**SOC, **hub, "logs": LOGS})) == {"to-soc": {**SOC, "logs": LOGS}}


def plan_of(state: State, last_good: LastGood) -> Plan:
    judge = judge_of("diagnostic-settings-destination", state, approved_destinations=[WORKSPACE])
    return make_plan(state, [judge], last_good)


def test_a_setting_that_sends_only_elsewhere_is_deleted_by_a_person() -> None:
    state = sending(leak={**OTHERS, "logs": LOGS})
    (change,) = plan_of(state, LastGood(seen=state.facets())).changes
    assert (change.after, change.risk) == (None, Risk.ENDS_RECORDING)


def test_a_setting_that_was_turned_elsewhere_is_turned_back() -> None:
    state, before = sending(to_soc={**OTHERS, "logs": LOGS}), {**SOC, "logs": LOGS}
    (change,) = plan_of(state, LastGood({TO_SOC: before}, state.facets())).changes
    assert (change.after, change.risk) == (before, Risk.SAFE)


@pytest.mark.parametrize("control", ["logs", "metrics"])
def test_settings_that_were_not_read_are_not_judged(control: str) -> None:
    assert isinstance(finding_of(f"diagnostic-settings-{control}", a_state()), NotApplicable)


def test_destinations_are_judged_only_with_a_list_and_what_was_read() -> None:
    leak = sending(leak={**OTHERS, "logs": LOGS})
    assert isinstance(finding_of("diagnostic-settings-destination", leak), NotApplicable)
    unread = finding_of("diagnostic-settings-destination", a_state(), approved_destinations=[WORKSPACE])
    assert unread == NotApplicable("the diagnostic settings were not read")


def test_a_drift_says_what_is_wrong() -> None:
    (drift,) = drifts_of("diagnostic-settings-destination", sending(leak=OTHERS), approved_destinations=[WORKSPACE])
    assert drift.why == f"logs go to {WORKSPACE}-of-others, which the policy does not name"
