"""The storm is what it says, and comes the same again by its seed."""

from collections import Counter

from bench.storm import BUSY, storm


def test_four_of_five_events_are_for_twenty_servers() -> None:
    events = Counter(moment.server < BUSY for moment in storm(5_000, 60, seed=1))

    assert events == {True: 4_000, False: 1_000}


def test_a_busy_server_is_opened_by_its_first_and_its_last_event() -> None:
    first = [moment.opens for moment in storm(500, 6, seed=1) if moment.server == 0]

    assert first[0]
    assert first[-1]
    assert not any(first[1:-1])


def test_every_other_server_is_opened_once() -> None:
    others = Counter(moment.server for moment in storm(500, 6, seed=1) if moment.server >= BUSY)

    assert set(others.values()) == {1}


def test_the_same_seed_brings_the_same_storm() -> None:
    assert storm(100, 1, seed=7) == storm(100, 1, seed=7) != storm(100, 1, seed=8)
