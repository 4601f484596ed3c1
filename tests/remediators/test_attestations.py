"""Attestations: a control that only people can confirm holds as long as somebody says so, and not a day longer."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from remediators.attestations import ROWS, Attestation, Row
from shared.control import Finding, NotApplicable
from shared.state import State
from tests.builders import CATALOGUE, NOON, a_state, a_target, the_drift
from tests.policy.files import errors_of

EACH = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
GIVEN: dict[str, Any] = {"attested_by": "dana.fields@contoso.example", "evidence": "AUDIT-7"}


def judged(row: Row, at: datetime | None = NOON, **given: Any) -> Finding:
    return CATALOGUE[row.id].detect(a_state(at=at), Attestation.model_validate(given))


@given(st.sampled_from(ROWS), st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(-500, 500))
def test_an_attestation_counts_up_to_its_last_day(row: Row, until: date, days: int) -> None:
    at = datetime.combine(until + timedelta(days=days), time(23, 59), UTC)
    assert bool(judged(row, at, until=until, **GIVEN)) is (days > 0)


@EACH
def test_without_one_a_person_is_told_what_to_look_at_and_where_to_write_it(row: Row) -> None:
    found = the_drift(judged(row))
    assert (found.found, found.wanted) == ("missing", "in force")
    assert row.confirm in found.person
    assert f"below {row.id} in the policy" in found.person
    assert row.unobserved in found.why


@EACH
def test_after_its_end_it_is_to_be_attested_anew(row: Row) -> None:
    found = the_drift(judged(row, until="2026-02-28", **GIVEN))
    assert found.found == "over since 2026-02-28, by dana.fields@contoso.example"
    assert found.person.startswith("attest it anew: ")


@EACH
def test_the_card_says_that_holdfast_cannot_see_it(row: Row) -> None:
    assert CATALOGUE[row.id].control.unobserved == row.unobserved


def test_without_a_date_nothing_is_judged() -> None:
    assert isinstance(judged(ROWS[0], None), NotApplicable)
    assert isinstance(CATALOGUE[ROWS[0].id].detect(State(a_target()), Attestation()), NotApplicable)


@pytest.mark.parametrize("left_out", ["attested_by", "evidence", "until"])
def test_half_an_attestation_is_refused(left_out: str) -> None:
    whole = {**GIVEN, "until": "2026-12-31"}
    with pytest.raises(ValidationError, match=f"also needs {left_out}"):
        Attestation.model_validate({name: value for name, value in whole.items() if name != left_out})


def test_the_policy_is_refused_with_an_attestation_that_has_no_end() -> None:
    (line,) = errors_of("""
        version: 1
        controls:
          hyok-posture:
            mode: notify
            parameters: {attested_by: dana.fields@contoso.example, evidence: AUDIT-7}
        """)
    assert "an attestation also needs until" in line
