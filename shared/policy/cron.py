"""When a change window is open: a cron line read by the clock of a place, which jumps twice a year.

An opening inside the hour that is skipped in spring opens when that hour would have begun plus its minutes; one inside
the hour that comes twice in autumn opens once, at the first. A window always lasts its hours in real time.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter

# No clock is ever moved by more.
_LARGEST_JUMP = timedelta(hours=3)


def is_cron(text: str) -> bool:
    """Whether this is a cron line: minute, hour, day of month, month, day of week."""
    return len(text.split()) == 5 and bool(croniter.is_valid(text))


def is_open(opens: str, hours: float, timezone: str, at: datetime) -> bool:
    """Whether a window of so many hours is open at this (aware) moment."""
    length = timedelta(hours=hours)
    return any(opening <= at < opening + length for opening in _openings(opens, ZoneInfo(timezone), at, length))


def _openings(opens: str, zone: ZoneInfo, at: datetime, length: timedelta) -> Iterator[datetime]:
    """The openings near `at` that can matter, latest first."""
    wall = at.astimezone(zone).replace(tzinfo=None)
    earliest = wall - length - _LARGEST_JUMP
    # croniter knows nothing of the clock's jumps here: it counts on the wall, and the zone says when that was.
    steps = croniter(opens, wall + _LARGEST_JUMP)
    while (opening := steps.get_prev(datetime)) >= earliest:
        yield opening.replace(tzinfo=zone).astimezone(UTC)
