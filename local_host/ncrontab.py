"""NCRONTAB schedules of timer triggers: second minute hour day month weekday, in UTC.

Five fields mean second 0; `hh:mm:ss` means an interval. Day and weekday must both fit, unlike in Unix
cron. (learn.microsoft.com, "Timer trigger for Azure Functions: NCRONTAB expressions"; atifaziz/NCrontab.)
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from local_host.errors import BadSchedule

_MONTHS = {"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6}
_MONTHS |= {"jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}
_WEEKDAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_PART = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/(\d+))?")
_INTERVAL = re.compile(r"(\d+):(\d{2}):(\d{2})")
# the rarest day there is, 29 February on a given weekday, comes every 40 years at the latest
_HORIZON = timedelta(days=366 * 41)


@dataclass(frozen=True, slots=True)
class _Field:
    """`low` to `high` are the values the field may take."""

    name: str
    low: int
    high: int
    names: dict[str, int]


_FIELDS = (
    _Field("second", 0, 59, {}),
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day", 1, 31, {}),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 6, _WEEKDAYS),
)

type Schedule = Callable[[datetime], datetime]


def schedule(expression: str) -> Schedule:
    """Read an expression; the result gives the first moment after the one it is asked about."""
    interval = _INTERVAL.fullmatch(expression.strip())
    if interval is not None:
        hours, minutes, seconds = (int(part) for part in interval.groups())
        every = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        if not every:
            raise BadSchedule(f"schedule {expression!r}: an interval of nothing")
        return lambda after: after + every
    parts = expression.split()
    if len(parts) == 5:
        parts = ["0", *parts]
    if len(parts) != len(_FIELDS):
        raise BadSchedule(f"schedule {expression!r} has {len(parts)} fields, wanted 6")
    allowed = [_values(field, part, expression) for field, part in zip(_FIELDS, parts, strict=True)]
    return lambda after: _next(allowed, after, expression)


def _values(field: _Field, part: str, expression: str) -> frozenset[int]:
    return frozenset(value for item in part.split(",") for value in _item(field, item, expression))


def _item(field: _Field, item: str, expression: str) -> range:
    match = _PART.fullmatch(item)
    if match is None:
        raise BadSchedule(f"schedule {expression!r}: {field.name} {item!r} cannot be read")
    first, last, step = match.groups()
    low = field.low if first is None else _number(field, first, expression)
    if last is not None:
        high = _number(field, last, expression)
    else:
        # `5/10` starts at 5 and goes on to the end; `5` is only 5
        high = field.high if first is None or step is not None else low
    if high < low or step == "0":
        raise BadSchedule(f"schedule {expression!r}: {field.name} {item!r} is empty")
    return range(low, high + 1, int(step or 1))


def _number(field: _Field, written: str, expression: str) -> int:
    value = field.names.get(written[:3].lower()) if not written.isdigit() else int(written)
    if value is None or not field.low <= value <= field.high:
        raise BadSchedule(f"schedule {expression!r}: {field.name} {written!r}, wanted {field.low} to {field.high}")
    return value


def _next(allowed: list[frozenset[int]], after: datetime, expression: str) -> datetime:
    seconds, minutes, hours, days, months, weekdays = allowed
    at = after.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
    end = at + _HORIZON
    while at < end:
        if at.month not in months or at.day not in days or at.isoweekday() % 7 not in weekdays:
            at = at.replace(hour=0, minute=0, second=0) + timedelta(days=1)
        elif at.hour not in hours:
            at = at.replace(minute=0, second=0) + timedelta(hours=1)
        elif at.minute not in minutes:
            at = at.replace(second=0) + timedelta(minutes=1)
        elif at.second not in seconds:
            at += timedelta(seconds=1)
        else:
            return at
    raise BadSchedule(f"schedule {expression!r} never comes")
