"""Properties of vaults, workspaces and plans: found wrong, written alone, told where no write can mend them."""

import pytest

from shared.control import LastGood, NotApplicable, Risk, Source
from shared.plan import make_plan
from shared.state import FacetKind, Setting
from shared.target import Kind
from tests.builders import CATALOGUE
from tests.good_neighbours import OUTSIDE, PLAN, TABLE, VAULT, WORKSPACE
from tests.remediators.judging import drifts_of, finding_of, judge_of
from tests.remediators.outside import with_around

VAULTS, WORKSPACES, TABLES, PLANS = (
    FacetKind.VAULTS,
    FacetKind.WORKSPACES,
    FacetKind.WORKSPACE_TABLES,
    FacetKind.PLANS,
)


@pytest.mark.parametrize(
    ("control", "facet", "resource", "member", "wrong", "right"),
    [
        ("keyvault-purge-protection", VAULTS, VAULT, "enablePurgeProtection", "false", "true"),
        ("keyvault-rbac-model", VAULTS, VAULT, "enableRbacAuthorization", "false", "true"),
        (
            "log-analytics-network-isolation",
            WORKSPACES,
            WORKSPACE,
            "publicNetworkAccessForQuery",
            "Enabled",
            "Disabled",
        ),
        ("log-analytics-retention-365", TABLES, TABLE, "retentionInDays", "30", "365"),
        ("defender-plan-oss-databases", PLANS, PLAN, "pricingTier", "Free", "Standard"),
    ],
)
def test_a_wrong_property_is_written_and_nothing_else(
    control: str, facet: FacetKind, resource: str, member: str, wrong: str, right: str
) -> None:
    good = OUTSIDE[facet][resource][0]
    state = with_around({facet: {resource: {**(good or {}), member: wrong}}})
    (change,) = make_plan(state, [judge_of(control, state)], LastGood()).changes
    assert change.setting == Setting.outside(facet, resource, member)
    assert (change.before, change.after, change.source) == (wrong, right, Source.POLICY)


def test_the_last_good_retention_comes_back_before_the_least_that_is_allowed() -> None:
    good = {"retentionInDays": "700", "totalRetentionInDays": "4000"}
    state = with_around({TABLES: {TABLE: good | {"retentionInDays": "30"}}})
    days = Setting.outside(TABLES, TABLE, "retentionInDays")
    (change,) = make_plan(state, [judge_of("log-analytics-retention-365", state)], LastGood({days: "700"})).changes
    assert (change.after, change.source) == ("700", Source.LAST_GOOD)


def test_the_owner_says_how_long_logs_are_kept() -> None:
    state = with_around({TABLES: {TABLE: {"retentionInDays": "90", "totalRetentionInDays": "90"}}})
    assert drifts_of("log-analytics-retention-365", state, minimum_days=90) == ()


def test_a_table_whose_retention_is_that_of_the_workspace_says_so_in_days() -> None:
    state = with_around({TABLES: {TABLE: {"retentionInDays": "-1", "totalRetentionInDays": "400"}}})
    assert [drift.wanted for drift in drifts_of("log-analytics-retention-365", state)] == ["365"]


def test_what_was_fixed_when_a_vault_was_made_is_told() -> None:
    state = with_around({VAULTS: {VAULT: {"enableSoftDelete": "true", "softDeleteRetentionInDays": "7"}}})
    (drift,) = drifts_of("keyvault-soft-delete-90d", state)
    assert drift.person.startswith("make a vault")
    assert make_plan(state, [judge_of("keyvault-soft-delete-90d", state)], LastGood()).changes == ()


def test_turning_a_vault_to_roles_can_cut_servers_off() -> None:
    state = with_around({VAULTS: {VAULT: {"enableRbacAuthorization": "false"}}})
    (change,) = make_plan(state, [judge_of("keyvault-rbac-model", state)], LastGood()).changes
    assert change.risk is Risk.MAY_CUT_CLIENTS


@pytest.mark.parametrize(
    "control", ["keyvault-purge-protection", "log-analytics-table-rbac", "defender-plan-oss-databases"]
)
def test_a_server_without_such_a_neighbour_is_not_judged(control: str) -> None:
    (facet,) = CATALOGUE[control].control.facets
    assert isinstance(finding_of(control, with_around({facet.kind: {}})), NotApplicable)
    assert isinstance(finding_of(control, with_around({})), NotApplicable)


def test_a_cluster_needs_access_policies() -> None:
    assert Kind.CITUS not in CATALOGUE["keyvault-rbac-model"].control.kinds
