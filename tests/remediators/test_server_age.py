"""postgres-version-supported, retired-deployment-model, os-patching-platform-managed: what has an end."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.server_age import ENDS
from shared.control import Finding, NotApplicable
from shared.state import State
from shared.target import Kind
from tests.builders import CATALOGUE, NOON, a_server, a_state, a_target, the_drift

VERSIONS = st.sampled_from([(kind, major, end) for kind, ends in ENDS.items() for major, end in ends.items()])


def judged(
    version: str, at: datetime | None = NOON, kind: Kind = Kind.FLEXIBLE, control: str = "", **wish: Any
) -> Finding:
    card = CATALOGUE[control or "postgres-version-supported"]
    state = a_state(a_target(kind=kind), server=a_server(facts={"version": version}), at=at)
    return card.detect(state, card.control.parameters.model_validate(wish))


def on(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), UTC)


@given(VERSIONS, st.integers(-2000, 2000))
def test_a_version_is_in_support_up_to_its_last_day(version: tuple[Kind, str, date], days: int) -> None:
    kind, major, end = version
    finding = judged(major, on(end + timedelta(days=days)), kind)
    assert bool(finding) is (days > 0)


@pytest.mark.parametrize(
    ("version", "wanted"), [("13", "14 or newer"), ("13.22", "14 or newer"), ("11", "14 or newer")]
)
def test_an_old_version_wants_the_oldest_in_support_and_says_how(version: str, wanted: str) -> None:
    drift = the_drift(judged(version, on(date(2026, 4, 1))))
    assert (drift.found, drift.wanted) == (version, wanted)
    assert "ended on 2026-03-31" in drift.why
    assert "az postgres flexible-server upgrade" in drift.person


def test_a_version_before_10_has_two_numbers() -> None:
    drift = the_drift(judged("9.6.24", NOON, Kind.SINGLE))
    assert "PostgreSQL 9.6 ended on 2021-11-11" in drift.why
    assert drift.wanted == "a version in support"


def test_the_owner_knows_another_end() -> None:
    assert judged("13", on(date(2026, 5, 1)), ends={"13": "2026-07-31"}) == ()
    assert judged("17", NOON, ends={"17": "2026-01-31"})
    assert judged("99", NOON, ends={"99": "2099-01-31"}) == ()


def test_a_version_of_which_nobody_knows_the_end_is_not_judged() -> None:
    assert judged("99") == NotApplicable("no end of support is known for PostgreSQL 99: name it in ends")


def test_without_a_version_or_a_date_nothing_is_judged() -> None:
    assert isinstance(judged(""), NotApplicable)
    assert isinstance(judged("11", None), NotApplicable)


def test_a_single_server_is_retired_whatever_its_version() -> None:
    drift = the_drift(judged("11", kind=Kind.SINGLE, control="retired-deployment-model"))
    assert "migration create" in drift.person


def test_a_citus_cluster_is_told_of_unless_the_owner_waits_for_its_end() -> None:
    assert judged("16", kind=Kind.CITUS, control="retired-deployment-model")
    finding = judged("16", kind=Kind.CITUS, control="retired-deployment-model", retiring=False)
    assert isinstance(finding, NotApplicable)


@pytest.mark.parametrize("kind", Kind)
def test_the_platform_patches_every_server(kind: Kind) -> None:
    assert judged("11", kind=kind, control="os-patching-platform-managed") == ()


@pytest.mark.parametrize("control", ["retired-deployment-model", "os-patching-platform-managed"])
def test_a_server_that_was_not_read_is_not_judged(control: str) -> None:
    card = CATALOGUE[control]
    finding = card.detect(State(a_target(kind=Kind.CITUS)), card.control.parameters())
    assert isinstance(finding, NotApplicable)
