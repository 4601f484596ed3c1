"""Change windows: cron lines by the clock of a place, on the days when that clock jumps too."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.policy import Trusted, Window
from shared.scope import Place
from tests.builders import a_target
from tests.policy.files import errors_of, loaded

ZURICH = ZoneInfo("Europe/Zurich")
NIGHTLY = Window(opens="0 22 * * 1-5", hours=4, timezone="Europe/Zurich")


def zurich(month: int, day: int, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZURICH, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (zurich(3, 2, 21, 59), False),
        (zurich(3, 2, 22), True),
        (zurich(3, 3, 1, 59), True),
        (zurich(3, 3, 2), False),
        (zurich(3, 7, 1), True),  # Friday's window goes on into Saturday
        (zurich(3, 7, 23), False),
    ],
)
def test_a_window_is_open_from_its_moment_for_its_hours(at: datetime, is_open: bool) -> None:
    assert NIGHTLY.is_open(at) is is_open


def test_a_window_follows_the_clock_of_its_place_into_summer() -> None:
    winter, summer = datetime(2026, 3, 2, 21, tzinfo=UTC), datetime(2026, 7, 6, 20, tzinfo=UTC)
    assert NIGHTLY.is_open(winter)
    assert NIGHTLY.is_open(summer)
    assert not NIGHTLY.is_open(winter - timedelta(hours=1))


def test_a_window_in_the_hour_that_is_skipped_opens_all_the_same() -> None:
    window = Window(opens="30 2 * * *", hours=1, timezone="Europe/Zurich")
    opening = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 02:30 by the old clock, 03:30 by the new
    assert not window.is_open(opening - timedelta(minutes=1))
    assert window.is_open(opening)
    assert not window.is_open(opening + timedelta(hours=1))


def test_a_window_in_the_hour_that_comes_twice_opens_once() -> None:
    window = Window(opens="30 2 * * *", hours=0.5, timezone="Europe/Zurich")
    assert window.is_open(zurich(10, 25, 2, 40))
    assert not window.is_open(zurich(10, 25, 2, 40, fold=1))


def test_a_window_lasts_its_hours_across_a_jump() -> None:
    window = Window(opens="0 1 * * *", hours=3, timezone="Europe/Zurich")
    assert window.is_open(zurich(3, 29, 4, 59))
    assert not window.is_open(zurich(3, 29, 5))
    assert window.is_open(zurich(10, 25, 2, 59, fold=1))
    assert not window.is_open(zurich(10, 25, 3))


@settings(deadline=None)
@given(
    seconds=st.integers(0, 3 * 365 * 86_400),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    hours=st.floats(0.1, 60),
    zone=st.sampled_from(["UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_a_daily_window_is_what_its_days_say(seconds: int, hour: int, minute: int, hours: float, zone: str) -> None:
    at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    today = at.astimezone(ZoneInfo(zone)).date()
    openings = (
        datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for day in (today + timedelta(days=number) for number in range(-5, 3))
    )
    expected = any(opening <= at < opening + timedelta(hours=hours) for opening in openings)
    assert Window(opens=f"{minute} {hour} * * *", hours=hours, timezone=zone).is_open(at) is expected


@pytest.mark.parametrize("opens", ["* * * * *", "0 0 29 2 *", "0 0 1 1 *", "0 22 * * mon-fri", "*/5 8-17 * * 1"])
def test_any_cron_line_is_answered(opens: str) -> None:
    assert Window(opens=opens, hours=168).is_open(datetime(2026, 3, 2, 12, tzinfo=UTC)) in (True, False)


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ("{opens: nightly, hours: 1}", "found 'nightly'; right is a cron line: minute, hour, day of month, month, day"),
        ("{opens: '0 22 * *', hours: 1}", "right is a cron line"),
        ("{opens: '0 0 22 * * *', hours: 1}", "right is a cron line"),
        ("{opens: '0 25 * * *', hours: 1}", "right is a cron line"),
        ("{opens: '0 22 * * *', hours: 0}", "found 0; it should be greater than 0"),
        ("{opens: '0 22 * * *', hours: .nan}", "it should be a finite number"),
        (
            "{opens: '0 22 * * *', hours: 1, timezone: Europe/Zuerich}",
            "right is an IANA time zone such as Europe/Zurich",
        ),
        ("{opens: '0 22 * * *', hours: 1, timezone: ../../etc/passwd}", "right is an IANA time zone"),
    ],
)
def test_a_window_that_is_none_is_refused(window: str, said: str) -> None:
    guid = "11111111-1111-4111-8111-111111111111"
    (line,) = errors_of(f"trusted: [{{name: a, ids: [{guid}], windows: [{window}]}}]")
    assert said in line


def test_trust_is_read_from_the_file() -> None:
    (trusted,) = loaded(
        """
        trusted:
          - name: release
            ids: [11111111-1111-4111-8111-11111111111A]
            windows: [{opens: "0 22 * * 1-5", hours: 4, timezone: Europe/Zurich}]
            ticket_tag: change
            patience_minutes: 15
        """
    ).trusted
    assert trusted == Trusted(
        name="release",
        ids=frozenset({"11111111-1111-4111-8111-11111111111a"}),
        windows=(NIGHTLY,),
        ticket_tag="change",
        patience_minutes=15,
    )


def test_a_policy_without_windows_needs_no_cron() -> None:
    code = (
        "import sys; from remediators import load_all; from shared.policy_file import default_policy;"
        "default_policy(load_all()); print(sorted({'croniter', 'jsonschema', 'dateutil'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# Who may change what, where and when

GUID = "11111111-1111-4111-8111-111111111111"
HERE = Place(a_target(), {"Change": " CHG-7 "})
ELSEWHERE = Place(a_target("pg-other"))
OPEN, CLOSED = zurich(3, 2, 23), zurich(3, 2, 12)


def may(place: Place = HERE, at: datetime = OPEN, ids: tuple[str, ...] = (GUID,), **given: object) -> bool:
    trusted = Trusted.model_validate({"name": "release", "ids": [GUID], **given})
    return trusted.may_change(frozenset(ids), place, at)


def test_a_trusted_identity_is_known_by_any_of_its_ids_and_by_nothing_else() -> None:
    assert may(ids=(GUID, "other"))
    assert not may(ids=("other",))
    assert not may(ids=())


def test_it_is_trusted_below_its_scopes_only() -> None:
    scopes = [a_target().id]
    assert may(scopes=scopes)
    assert not may(ELSEWHERE, scopes=scopes)


@pytest.mark.parametrize(
    ("place", "at", "allowed"),
    [(HERE, CLOSED, True), (ELSEWHERE, OPEN, True), (ELSEWHERE, CLOSED, False), (HERE, OPEN, True)],
)
def test_a_window_or_a_ticket_is_enough(place: Place, at: datetime, allowed: bool) -> None:
    assert may(place, at, windows=[NIGHTLY], ticket_tag="change") is allowed


def test_an_empty_ticket_is_none() -> None:
    assert not may(Place(a_target(), {"change": " "}), ticket_tag="change")
