"""A sweep's pace keeps inside what Azure lets one identity ask for, however the fleet is spread."""

from collections import defaultdict
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from shared.pace import PACE, Bucket, slots
from shared.target import Kind, Target

# learn.microsoft.com, "Understand how Azure Resource Manager throttles requests": reads of a subscription.
PUBLISHED = Bucket(250, 25)


def a_fleet(sizes: Iterable[int]) -> list[Target]:
    return [
        Target(Kind.FLEXIBLE, f"00000000-0000-4000-8000-{subscription:012d}", "rg", f"pg-{number:05d}")
        for subscription, size in enumerate(sizes)
        for number in range(size)
    ]


def lowest(bucket: Bucket, takes: Iterable[tuple[float, float]]) -> float:
    """How far the bucket is emptied by what is taken when."""
    level, at, least = bucket.size, 0.0, bucket.size
    for when, taken in sorted(takes):
        level = min(bucket.size, level + (when - at) * bucket.per_second) - taken
        at, least = when, min(least, level)
    return least


def takes(fleet: list[Target]) -> dict[str, list[tuple[float, float]]]:
    found = defaultdict(list)
    for target, after in slots(fleet):
        found[target.subscription].append((after, PACE.reads_per_look))
    return found


@given(st.lists(st.integers(0, 60), max_size=12))
def test_no_subscription_s_bucket_is_emptied(sizes: list[int]) -> None:
    assert all(lowest(PACE.reads, taken) >= -1e-6 for taken in takes(a_fleet(sizes)).values())


@given(st.lists(st.integers(0, 60), max_size=12))
def test_every_server_has_one_turn_and_those_of_a_subscription_keep_their_order(sizes: list[int]) -> None:
    fleet = a_fleet(sizes)
    found = list(slots(fleet))
    assert [target for target, _ in found] == fleet
    for subscription in {target.subscription for target in fleet}:
        times = [after for target, after in found if target.subscription == subscription]
        assert times == sorted(times)


def test_a_small_fleet_is_looked_at_at_once() -> None:
    assert [after for _, after in slots(a_fleet([6, 6]))] == [0.0] * 12


def test_ten_thousand_servers_leave_half_of_each_second_s_reads_to_others() -> None:
    taken = takes(a_fleet([20] * 500))
    assert all(lowest(PUBLISHED, one) >= 250 - PACE.reads.size for one in taken.values())
    assert 15 < max(when for one in taken.values() for when, _ in one) / 60 < 20


def test_a_fleet_in_one_subscription_takes_as_long_as_its_bucket_needs() -> None:
    (taken,) = takes(a_fleet([10_000])).values()
    assert lowest(PUBLISHED, taken) >= 250 - PACE.reads.size
    assert 6 < max(when for when, _ in taken) / 3600 < 7
