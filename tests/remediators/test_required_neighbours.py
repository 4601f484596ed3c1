"""Locks, logs and rights that must stand around a server: made where they never stood, put back where they did."""

import json

import pytest

from shared.control import LastGood, NotApplicable, Source
from shared.plan import make_plan
from shared.state import FacetKind, Setting, State
from tests.good_neighbours import FACTS, IDENTITY, LOCK, VAULT, WORKSPACE
from tests.remediators.judging import drifts_of, finding_of, judge_of
from tests.remediators.outside import Around, with_around

FACT = {name: values[0] or "" for name, values in FACTS.items()}
LOCKS = f"{VAULT}/providers/Microsoft.Authorization/locks"
SUBSCRIPTION = "/".join(VAULT.split("/")[:3])
BY_ROLES = {VAULT: {"enableRbacAuthorization": "true"}}


def encrypted(around: Around, **changes: object) -> State:
    return with_around({FacetKind.VAULTS: BY_ROLES, **around}, facts=FACT, **changes)  # type: ignore[arg-type]


def test_a_vault_without_a_lock_gets_one() -> None:
    state = encrypted({FacetKind.VAULT_LOCKS: {}})
    (change,) = make_plan(state, [judge_of("keyvault-delete-lock", state)], LastGood()).changes
    assert change.setting == Setting.outside(FacetKind.VAULT_LOCKS, f"{LOCKS}/holdfast")
    assert change.after == {"level": "CanNotDelete", "notes": "Holdfast keeps this lock"}


def test_the_lock_that_was_there_comes_back_under_its_name() -> None:
    keep = Setting.outside(FacetKind.VAULT_LOCKS, f"{LOCKS}/keep")
    state = encrypted({FacetKind.VAULT_LOCKS: {}}, recalled={keep: LOCK})
    (change,) = make_plan(state, [judge_of("keyvault-delete-lock", state)], LastGood({keep: LOCK})).changes
    assert (change.setting, change.after, change.source) == (keep, LOCK, Source.LAST_GOOD)


@pytest.mark.parametrize("scope", [VAULT, VAULT.rsplit("/providers/", 1)[0], SUBSCRIPTION, VAULT.upper()])
def test_a_lock_at_the_vault_or_above_it_will_do(scope: str) -> None:
    lock = f"{scope}/providers/Microsoft.Authorization/locks/keep"
    assert drifts_of("keyvault-delete-lock", encrypted({FacetKind.VAULT_LOCKS: {lock: LOCK}})) == ()


def test_a_lock_of_another_vault_will_not() -> None:
    lock = f"{VAULT}-other/providers/Microsoft.Authorization/locks/keep"
    assert drifts_of("keyvault-delete-lock", encrypted({FacetKind.VAULT_LOCKS: {lock: LOCK}}))


def test_the_identity_of_the_key_is_locked_and_no_other() -> None:
    (drift,) = drifts_of("managed-identity-delete-lock", encrypted({FacetKind.IDENTITY_LOCKS: {}}))
    assert drift.setting.neighbour[1] == f"{IDENTITY}/providers/Microsoft.Authorization/locks/holdfast"
    none = with_around({FacetKind.IDENTITY_LOCKS: {}})
    assert isinstance(finding_of("managed-identity-delete-lock", none), NotApplicable)


def test_a_vaults_audit_log_goes_to_the_workspace_that_the_policy_names() -> None:
    state = encrypted({FacetKind.VAULT_DIAGNOSTICS: {}})
    (drift,) = drifts_of("keyvault-audit-logs", state, workspace_id=WORKSPACE)
    assert isinstance(drift.wanted, dict)
    assert drift.wanted["workspaceId"] == WORKSPACE
    (untold,) = drifts_of("keyvault-audit-logs", state)
    assert "parameters.workspace_id" in untold.person


@pytest.mark.parametrize(
    "entry", [{"category": "AuditEvent"}, {"categoryGroup": "audit"}, {"categoryGroup": "allLogs"}]
)
def test_any_entry_that_holds_the_audit_log_will_do(entry: dict[str, str]) -> None:
    logs = json.dumps([{"category": "Other", "enabled": True}, entry | {"enabled": True}])
    name = f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings/a"
    assert drifts_of("keyvault-audit-logs", encrypted({FacetKind.VAULT_DIAGNOSTICS: {name: {"logs": logs}}})) == ()


def test_the_activity_log_needs_all_four_categories() -> None:
    name = f"{SUBSCRIPTION}/providers/Microsoft.Insights/diagnosticSettings/a"
    logs = json.dumps([{"category": one, "enabled": one != "Policy"} for one in ("Administrative", "Alert", "Policy")])
    state = with_around({FacetKind.ACTIVITY_EXPORTS: {name: {"logs": logs}}})
    (drift,) = drifts_of("activity-log-exported", state, workspace_id=WORKSPACE)
    assert isinstance(drift.wanted, dict)
    assert [one["category"] for one in json.loads(drift.wanted["logs"])] == [
        "Administrative",
        "Alert",
        "Policy",
        "Security",
    ]
