"""Moments and spans as people type them."""

import re
from datetime import datetime, timedelta

from shared.errors import Refused

_SPAN = re.compile(r"(\d{1,5})\s*([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN_WANTED = "a number with m, h, d or w (30m, 4h, 7d, 2w)"


def span_of(text: str) -> timedelta:
    """`4h`, `7d`. Raises Refused."""
    match = _SPAN.fullmatch(text.strip().lower())
    span = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta()
    if span <= timedelta():
        raise Refused(f"found {text!r}, wanted {_SPAN_WANTED}, more than nothing")
    return span


def moment_of(text: str, at: datetime) -> datetime:
    """A moment with its time zone, or a span from `at`. Raises Refused."""
    if _SPAN.fullmatch(text.strip().lower()):
        return at + span_of(text)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        wanted = f"{_SPAN_WANTED}, or a moment such as 2026-03-01T18:00+01:00"
        raise Refused(f"found {text!r}, wanted {wanted}") from error
    if moment.tzinfo is None:
        raise Refused(f"{text!r} names no time zone, such as +01:00 or Z; say it, so that nobody guesses")
    return moment.astimezone(at.tzinfo)
