"""Which replica takes over when nobody names one, and why."""

from collections.abc import Iterable, Mapping
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from shared.failover.model import Option, Seen
from shared.failover.preflight import candidates
from shared.failover.regions import paired
from tests.failover.builders import VE, a_primary, a_replica, a_survey, seen


def order(
    *replicas: Seen, option: Option = Option.PLANNED, endpoints: Mapping[str, Iterable[str]] | None = None
) -> str:
    survey = a_survey(seen(a_primary(endpoints=endpoints or {})), *replicas)
    return " ".join(one.question.replica.name for one in candidates(survey, option))


def test_what_nothing_forbids_comes_before_what_lags_less() -> None:
    stopped = seen(a_replica("pg-b", state="Stopped"), 0)
    assert order(stopped, seen(a_replica("pg-c"), 200)) == "pg-c pg-b"


def test_clients_that_follow_by_themselves_count_more_than_lag() -> None:
    far_behind = seen(a_replica("pg-b"), 100)
    assert order(far_behind, seen(a_replica("pg-c"), 0), endpoints=VE) == "pg-b pg-c"


def test_what_cannot_be_taken_back_is_never_chosen_because_the_checks_forbid_the_rest() -> None:
    stopped = seen(a_replica("pg-b", state="Stopped"), 0)
    assert order(stopped, seen(a_replica("pg-c"), 0), endpoints=VE, option=Option.FORCED) == "pg-b pg-c"


def test_the_least_lag_wins_and_an_unknown_one_comes_last() -> None:
    found = order(seen(a_replica("pg-b"), None), seen(a_replica("pg-c"), 50), seen(a_replica("pg-d"), 20))
    assert found == "pg-d pg-c pg-b"


def test_planned_stays_near_and_forced_leaves_the_region() -> None:
    here = seen(a_replica("pg-b"), 1)
    pair = seen(a_replica("pg-c", facts={"location": "North Europe"}), 3)
    assert order(here, pair) == "pg-b pg-c"
    assert order(here, pair, option=Option.FORCED) == "pg-c pg-b"


def test_of_two_alike_the_one_that_differs_less() -> None:
    other = seen(a_replica("pg-b", rules=()))
    assert order(other, seen(a_replica("pg-c"))) == "pg-c pg-b"


def test_the_reason_is_told() -> None:
    survey = a_survey(None, seen(a_replica(facts={"location": "northeurope"}), 7))
    (only,) = candidates(survey, Option.PLANNED)
    assert only.why == (
        "clients of the virtual endpoint follow, 7 s behind, in the paired region (northeurope), no settings otherwise"
    )


def test_pairs_go_both_ways() -> None:
    assert paired("westeurope", "northeurope")
    assert paired("northeurope", "westeurope")
    assert not paired("westeurope", "uksouth")


_LAGS = st.lists(st.sampled_from([None, 0.0, 15.0, 90.0, 500.0]), min_size=1, max_size=5)


@given(_LAGS, st.sampled_from(list(Option)), st.randoms())
def test_the_choice_does_not_depend_on_the_order_in_which_azure_lists(
    lags: list[float | None], option: Option, random: Random
) -> None:
    replicas = [seen(a_replica(f"pg-{number}"), lag) for number, lag in enumerate(lags)]
    first = order(*replicas, option=option)
    random.shuffle(replicas)
    assert order(*replicas, option=option) == first
