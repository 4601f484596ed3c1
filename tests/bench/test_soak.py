"""The slope of memory is told with how sure it is."""

import random
from datetime import UTC, datetime

import pytest

from bench.soak import HurriedClock, slope


def test_memory_that_grows_is_seen_to_grow() -> None:
    dice = random.Random(1)  # noqa: S311 - has to come the same again
    found = slope([(at, 100 + at / 60 + dice.gauss(0, 0.1)) for at in range(0, 600, 5)])

    assert found.per_hour == pytest.approx(60, abs=found.give_or_take)
    assert found.give_or_take < 2


def test_memory_that_only_trembles_is_not() -> None:
    dice = random.Random(1)  # noqa: S311 - has to come the same again
    found = slope([(at, 100 + dice.gauss(0, 0.1)) for at in range(0, 600, 5)])

    assert abs(found.per_hour) <= found.give_or_take


def test_samples_that_are_alike_make_it_less_sure() -> None:
    dice = random.Random(1)  # noqa: S311 - has to come the same again
    steps = [dice.gauss(0, 0.1) for _ in range(120)]
    alone = slope([(number * 5, step) for number, step in enumerate(steps)])
    alike = slope([(number * 5, sum(steps[max(0, number - 9) : number + 1])) for number in range(120)])

    assert alike.give_or_take > 5 * alone.give_or_take


def test_memory_that_never_changes_has_no_slope() -> None:
    assert slope([(0, 100), (5, 100), (10, 100)]).per_hour == 0


def test_the_hurried_clock_runs_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HurriedClock, "times", 6.0)
    monkeypatch.setattr(HurriedClock, "began", datetime.now(UTC).timestamp() - 60)

    assert (HurriedClock.now(UTC) - datetime.now(UTC)).total_seconds() == pytest.approx(300, abs=1)
