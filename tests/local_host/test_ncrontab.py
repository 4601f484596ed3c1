"""NCRONTAB: when is the next time?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_host.errors import BadSchedule
from local_host.ncrontab import schedule

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        # the examples of learn.microsoft.com, "NCRONTAB examples"
        ("0 */5 * * * *", "2026-01-01T00:00:00", "2026-01-01T00:05:00"),
        ("0 0 * * * *", "2026-01-01T10:00:00", "2026-01-01T11:00:00"),
        ("0 0 */2 * * *", "2026-01-01T01:30:00", "2026-01-01T02:00:00"),
        ("0 0 9-17 * * *", "2026-01-01T17:00:00", "2026-01-02T09:00:00"),
        ("0 30 9 * * *", "2026-01-01T09:30:00", "2026-01-02T09:30:00"),
        ("0 30 9 * * 1-5", "2026-01-02T09:30:00", "2026-01-05T09:30:00"),
        ("0 30 9 * Jan Mon", "2026-01-26T09:30:00", "2027-01-04T09:30:00"),
        # five fields, an interval, lists, a step from a start
        ("30 9 * * *", "2026-01-01T00:00:00", "2026-01-01T09:30:00"),
        ("01:30:00", "2026-01-01T00:00:00", "2026-01-01T01:30:00"),
        ("5,10 0 0 * * *", "2026-01-01T00:00:05", "2026-01-01T00:00:10"),
        ("50/5 0 0 * * *", "2026-01-01T00:00:50", "2026-01-01T00:00:55"),
        ("0 0 0 29 feb *", "2026-01-01T00:00:00", "2028-02-29T00:00:00"),
        # day and weekday must both fit: a Friday the 13th
        ("0 0 0 13 * fri", "2026-01-01T00:00:00", "2026-02-13T00:00:00"),
    ],
)
def test_it_finds_the_next_time(expression: str, after: str, expected: str) -> None:
    next_time = schedule(expression)(datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert next_time == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("", "0 fields"),
        ("* * * *", "4 fields"),
        ("60 * * * * *", "second '60', wanted 0 to 59"),
        ("0 0 0 0 * *", "day '0', wanted 1 to 31"),
        ("0 0 0 * * 7", "weekday '7'"),
        ("0 0 0 * nonsense *", "month"),
        ("*/0 * * * * *", "is empty"),
        ("5-1 * * * * *", "is empty"),
        ("a;b * * * * *", "cannot be read"),
        ("00:00:00", "an interval of nothing"),
    ],
)
def test_it_says_what_is_wrong(expression: str, complaint: str) -> None:
    with pytest.raises(BadSchedule, match=complaint):
        schedule(expression)


def test_a_day_that_never_comes_is_refused() -> None:
    with pytest.raises(BadSchedule, match="never comes"):
        schedule("0 0 0 31 feb *")(datetime(2026, 1, 1, tzinfo=UTC))


@given(MOMENTS)
def test_the_next_time_is_later_and_not_too_late(after: datetime) -> None:
    next_time = schedule("0 */15 * * * *")(after)
    assert timedelta() < next_time - after <= timedelta(minutes=15)
    assert next_time.minute % 15 == next_time.second == 0
