"""read-replica-present, replica-promotion-event: replicas are there, and stay replicas."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from remediators.replicas import Roles, Wanted, detect_missing, detect_promoted
from shared.control import Finding, NotApplicable
from shared.state import FacetKind, State
from shared.target import Kind
from tests.builders import a_server, a_state, a_target, the_drift

PRIMARY = {"replicationRole": "Primary", "sku.tier": "GeneralPurpose"}
REGIONS = st.lists(st.sampled_from(["westeurope", "North Europe", ""]), max_size=7)


def state_with(regions: list[str], facts: dict[str, str] | None = None, kind: Kind = Kind.FLEXIBLE) -> State:
    replicas = {f"copy-{n}": {"location": region} if region else {} for n, region in enumerate(regions)}
    server = a_server(facts=PRIMARY if facts is None else facts)
    return a_state(a_target(kind=kind), server=server, children={FacetKind.REPLICAS: replicas})


@given(REGIONS, st.integers(0, 3), st.integers(3, 6), st.sampled_from(Kind))
def test_replicas_are_counted(regions: list[str], least: int, most: int, kind: Kind) -> None:
    finding = detect_missing(state_with(regions, kind=kind), Wanted(minimum=least, maximum=most))
    assert bool(finding) is not (least <= len(regions) <= most)


@given(REGIONS)
def test_one_has_to_be_in_the_named_region_as_far_as_azure_tells(regions: list[str]) -> None:
    finding = detect_missing(state_with(regions), Wanted(minimum=0, maximum=30, regions=("northeurope",)))
    assert bool(finding) is ("westeurope" in regions and "North Europe" not in regions)


def test_a_missing_replica_is_told_with_its_place_and_price() -> None:
    found = the_drift(detect_missing(state_with([]), Wanted(regions=("North Europe",))))
    assert (found.found, found.wanted) == ("0", "1 to 5, one in northeurope")
    assert "create a read replica in northeurope" in found.person
    assert "costs" in found.person


def test_of_too_many_replicas_one_has_to_go() -> None:
    found = the_drift(detect_missing(state_with(["westeurope"] * 6), Wanted()))
    assert found.found == "6 in westeurope"
    assert "not needed" in found.person


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"replicationRole": "AsyncReplica"}, "replica itself"),
        ({"replica.role": "GeoAsyncReplica"}, "replica itself"),
        ({"sku.tier": "Burstable"}, "burstable"),
    ],
)
def test_who_can_have_no_replicas_needs_none(facts: dict[str, str], reason: str) -> None:
    finding = detect_missing(state_with([], facts), Wanted())
    assert isinstance(finding, NotApplicable)
    assert reason in finding.reason


@pytest.mark.parametrize("kind", Kind)
def test_replicas_that_were_not_read_are_not_missing(kind: Kind) -> None:
    for server in (None, a_server()):
        assert isinstance(detect_missing(State(a_target(kind=kind), server=server), Wanted()), NotApplicable)


def test_a_wish_that_nothing_can_meet_is_refused() -> None:
    with pytest.raises(ValidationError, match="cannot both be"):
        Wanted(minimum=3, maximum=2)


FOLLOWS: list[tuple[Kind, dict[str, str]]] = [
    (Kind.FLEXIBLE, {"replicationRole": "AsyncReplica"}),
    (Kind.FLEXIBLE, {"replicationRole": "GeoAsyncReplica"}),
    (Kind.SINGLE, {"replicationRole": "Replica"}),
    (Kind.CITUS, {"sourceResourceId": "/subscriptions/s/serverGroupsv2/first"}),
]
LEADS: list[tuple[Kind, dict[str, str]]] = [
    (Kind.FLEXIBLE, {"replicationRole": "Primary"}),
    (Kind.FLEXIBLE, {"replicationRole": "None"}),
    (Kind.SINGLE, {"replicationRole": "Master"}),
    (Kind.CITUS, {"version": "16"}),
]


def role_of(kind: Kind, facts: dict[str, str], *replicas: str) -> Finding:
    state = State(a_target("pg-copy", kind), server=a_server(facts=facts))
    return detect_promoted(state, Roles(replicas=replicas))


@pytest.mark.parametrize(("kind", "facts"), FOLLOWS)
def test_a_replica_that_follows_is_good_where_the_policy_knows_it(kind: Kind, facts: dict[str, Any]) -> None:
    assert role_of(kind, facts, "PG-Copy") == ()
    assert "delete it" in the_drift(role_of(kind, facts, "another")).person


@pytest.mark.parametrize(("kind", "facts"), LEADS)
def test_a_replica_that_was_promoted_drifts(kind: Kind, facts: dict[str, Any]) -> None:
    assert role_of(kind, facts, "another") == ()
    found = the_drift(role_of(kind, facts, "pg-copy"))
    assert (found.found, found.wanted) == ("a server of its own", "a read replica")
    assert "no promotion can be taken back" in found.person


def test_without_names_in_the_policy_or_a_role_nothing_is_judged() -> None:
    assert isinstance(role_of(Kind.FLEXIBLE, {"replicationRole": "Primary"}), NotApplicable)
    assert isinstance(role_of(Kind.FLEXIBLE, {}, "pg-copy"), NotApplicable)
