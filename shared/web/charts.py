"""Charts of what happened: drift by day, time to revert, who and what drifts most. Each is a picture and a table.

One read of the store, bounded: the newest records. Where they do not reach back as far as was asked, the page says so.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from math import ceil

from shared.journal import Entry, Origin, Report, Stage
from shared.notify.wording import duration_words, tame
from shared.target import Target, parse_subject
from shared.web.http import Request, Response
from shared.web.shown import server_link
from shared.web.site import Site, must_sign_in
from shared.web.timeline import fullest

_ENTRIES = 3000
_SPANS = (7, 30, 90)
_MOST = 8
_WIDTH, _HEIGHT, _ROOM = 720, 200, 30
_BUCKETS = ((1, "< 1 s"), (5, "1–5 s"), (30, "5–30 s"), (120, "½–2 min"), (600, "2–10 min"), (float("inf"), "longer"))


@dataclass(frozen=True, slots=True)
class Happened:
    """One record of a drift: when, whose, where, what, and how long until it was proven to be gone."""

    at: datetime
    by: str
    target: Target
    controls: tuple[str, ...]
    seconds: float | None
    mended: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, lower part and upper part, in the picture's own units; `label` is drawn where it is not empty."""

    name: str
    label: str
    lower: int
    upper: int
    x: float
    width: float
    y: float
    lower_height: float
    upper_height: float
    upper_y: float


@dataclass(frozen=True, slots=True)
class Offender:
    """Somebody or something that drifts often; `share` is in percent of the most frequent."""

    name: str
    number: int
    share: float
    link: str = ""


async def charts(site: Site, request: Request) -> Response:
    """Show the charts to whoever is signed in."""
    visit = site.visit(request)
    if visit.me is None:
        return must_sign_in(visit, "see the charts")
    asked = request.query().get("days", "")
    days = int(asked) if asked in {str(span) for span in _SPANS} else 30
    entries = await site.store.history(None, _ENTRIES)
    since = (visit.at - timedelta(days=days - 1)).date()
    found = [one for one in happened(entries) if one.at.date() >= since]
    times = sorted(one.seconds for one in found if one.seconds is not None)
    return visit.page(
        "charts.html",
        title="Charts",
        days=days,
        spans=_SPANS,
        number=len(found),
        reaches=len(entries) < _ENTRIES or min(one.at for one in entries).date() <= since,
        most=_ENTRIES,
        by_day=by_day(found, since, days),
        by_time=by_time(times),
        median=duration_words(_quantile(times, 0.5)) if times else "",
        slow=duration_words(_quantile(times, 0.95)) if times else "",
        people=offenders(found, lambda one: [(one.by, "")]),
        servers=offenders(found, lambda one: [(one.target.name, server_link(one.target))]),
        controls=offenders(found, lambda one: [(control, "") for control in one.controls]),
        width=_WIDTH,
        height=_HEIGHT,
        room=_ROOM,
    )


def happened(entries: Iterable[Entry]) -> list[Happened]:
    """The drifts among these entries. Of what was undone, told or ordered there is nothing here."""
    found = []
    for _, group in groupby(entries, key=lambda entry: entry.record):
        lines = [entry for entry in group if entry.stage is not Stage.NOTIFIED]
        report = fullest(lines) if lines else None
        subject = parse_subject(report.target) if report else None
        if report is None or not report.findings or not isinstance(subject, Target) or _asked_for(report):
            continue
        proven = next((line for line in lines if line.stage is Stage.PROVEN), None)
        found.append(
            Happened(
                at=lines[0].at,
                by=_by(report),
                target=subject,
                controls=tuple(dict.fromkeys(tame(line.control) for line in report.findings)),
                seconds=proven.report.elapsed_seconds if proven else None,
                mended=proven is not None,
            )
        )
    return found


def by_day(found: Sequence[Happened], since: date, days: int) -> list[Bar]:
    """A bar for each day, also where nothing happened: what was put right below, everything else above."""
    mended = Counter(one.at.date() for one in found if one.mended)
    left = Counter(one.at.date() for one in found if not one.mended)
    dates = [since + timedelta(days=number) for number in range(days)]
    step = max(1, ceil(days / 8))
    names = [
        (f"{day:%Y-%m-%d}", f"{day:%d %b}" if number % step == step // 2 else "") for number, day in enumerate(dates)
    ]
    return _bars([(*name, mended[day], left[day]) for name, day in zip(names, dates, strict=True)])


def by_time(times: Sequence[float]) -> list[Bar]:
    """How many were put right within how long."""
    rest, listed = list(times), []
    for end, name in _BUCKETS:
        listed.append((name, name, sum(one < end for one in rest), 0))
        rest = [one for one in rest if one >= end]
    return _bars(listed)


def offenders(found: Iterable[Happened], named: Callable[[Happened], list[tuple[str, str]]]) -> list[Offender]:
    """The most frequent, with how often."""
    counted = Counter(name for one in found for name in named(one)).most_common(_MOST)
    most = counted[0][1] if counted else 1
    return [Offender(name, number, 100 * number / most, link) for (name, link), number in counted]


def _bars(listed: Sequence[tuple[str, str, int, int]]) -> list[Bar]:
    highest = max((lower + upper for *_, lower, upper in listed), default=0) or 1
    slot = _WIDTH / len(listed)
    bars = []
    for number, (name, label, lower, upper) in enumerate(listed):
        low, up = (_HEIGHT * count / highest for count in (lower, upper))
        x, y = number * slot + slot * 0.1, _ROOM + _HEIGHT - low
        bars.append(Bar(name, label, lower, upper, x, slot * 0.8, y, low, up, y - up))
    return bars


def _quantile(times: Sequence[float], part: float) -> float:
    return times[min(len(times) - 1, int(part * len(times)))]


def _asked_for(report: Report) -> bool:
    return report.trigger is not None and report.trigger.request is not None


def _by(report: Report) -> str:
    trigger = report.trigger
    if trigger is None or trigger.origin is not Origin.EVENT or trigger.actor is None:
        return "not known"
    return tame(trigger.actor.name) or tame(trigger.actor.object_id) or "not known"
