"""Suppression rules: those that hide PostgreSQL alerts and that nobody approved."""

import pytest

from shared.state import FacetKind, State
from tests.good_neighbours import PLAN
from tests.remediators.judging import drifts_of
from tests.remediators.outside import with_around

ID = "defender-alert-suppression"
QUIET = f"{PLAN.rsplit('/pricings/', 1)[0]}/alertsSuppressionRules/quiet"


def rule(**texts: str) -> State:
    given = {"alertType": "SQL.PostgreSQL_BruteForce", "state": "Enabled"}
    return with_around({FacetKind.SUPPRESSION_RULES: {QUIET: given | texts}})


@pytest.mark.parametrize("texts", [{}, {"alertType": "*"}, {"expirationDateUtc": "2027-01-01T00:00:00Z"}])
def test_a_rule_that_hides_postgresql_alerts_is_to_go(texts: dict[str, str]) -> None:
    (drift,) = drifts_of(ID, rule(**texts))
    assert (drift.setting.neighbour[1], drift.wanted) == (QUIET, None)
    assert drift.why.startswith("the rule hides alerts of type")


@pytest.mark.parametrize(
    "texts", [{"state": "Disabled"}, {"alertType": "VM_Login"}, {"expirationDateUtc": "2026-01-01T00:00:00Z"}]
)
def test_a_rule_that_hides_nothing_of_ours_stays(texts: dict[str, str]) -> None:
    assert drifts_of(ID, rule(**texts)) == ()


def test_a_rule_that_the_policy_names_stays() -> None:
    assert drifts_of(ID, rule(), approved_rules=["Quiet"]) == ()


def test_an_end_that_cannot_be_read_is_none() -> None:
    assert drifts_of(ID, rule(expirationDateUtc="2026-01-01"))
