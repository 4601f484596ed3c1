"""The fleet at a glance: servers by domains, the worst first. Pure: what the store holds in, rows out."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.control import Catalogue
from shared.control_ids import DOMAINS
from shared.notify.wording import LONG, moment_words, tame
from shared.orders import Orders
from shared.scope import Place
from shared.summaries import Shown, key_of
from shared.summary import Mark, Summary
from shared.target import parse_target

# The sweep comes by each hour: two have gone by without a look.
_LATE = timedelta(hours=3)
WORDS: Mapping[Mark, str] = {
    Mark.DRIFT: "drift",
    Mark.HELD: "held",
    Mark.UNKNOWN: "unknown",
    Mark.EXEMPT: "exempt",
    Mark.OK: "ok",
}
# Seen besides the colour, which not everybody tells apart.
SIGNS: Mapping[Mark, str] = {Mark.DRIFT: "✕", Mark.HELD: "‖", Mark.UNKNOWN: "?", Mark.EXEMPT: "~", Mark.OK: "✓"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A domain on a server: the worst mark there, how many controls have it, and all of it in words."""

    domain: str
    slug: str
    mark: Mark
    sign: str
    count: int
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """A server. `cells` go by domain; a domain that says nothing about it has none."""

    key: str
    name: str
    subscription: str
    group: str
    kind: str
    cells: Mapping[str, Cell]
    marks: Mapping[Mark, int]
    worst: Mark
    waiting: int
    held: bool
    trouble: str
    at: str
    order: tuple[int, ...]


def row_of(shown: Shown, catalogue: Catalogue, orders: Orders, at: datetime) -> Row:
    """The server in words and numbers, as of this moment."""
    target, summary = parse_target(shown.target), shown.summary
    by_domain: dict[str, list[Mark]] = {}
    severity = 0
    for control, mark in summary.marks.items():
        if control not in catalogue:
            continue
        card = catalogue[control].control
        by_domain.setdefault(card.domain, []).append(mark)
        severity = max(severity, card.severity if mark is Mark.DRIFT else 0)
    marks = Counter(mark for found in by_domain.values() for mark in found)
    worst = min(marks, key=lambda mark: mark.rank, default=Mark.UNKNOWN)
    trouble = trouble_of(summary, at)
    if trouble and worst.rank > Mark.UNKNOWN.rank:
        worst = Mark.UNKNOWN
    return Row(
        key=key_of(target),
        name=target.name,
        subscription=target.subscription,
        group=target.resource_group,
        kind=target.kind.value,
        cells={domain: _cell(domain, found) for domain, found in by_domain.items()},
        marks=marks,
        worst=worst,
        waiting=summary.waiting,
        held=orders.hold(Place(target)) is not None,
        trouble=trouble,
        at=moment_words(summary.at),
        order=(severity, marks[Mark.DRIFT], summary.waiting, bool(trouble), *_less(marks)),
    )


def trouble_of(summary: Summary, at: datetime) -> str:
    """Why what is said of the server cannot be relied on; empty where it can."""
    if summary.trouble:
        return tame(summary.trouble, LONG)
    return f"no look since {moment_words(summary.at)}" if at - summary.at > _LATE else ""


def worst_first(rows: Iterable[Row]) -> list[Row]:
    """The rows as a person should read them: what weighs most, then by name."""
    return sorted(rows, key=lambda row: (*(-part for part in row.order), row.name, row.key))


def columns(rows: Sequence[Row]) -> list[str]:
    """The domains that say something about any of the servers, in their order."""
    there = {domain for row in rows for domain in row.cells}
    return [*(domain for domain in DOMAINS if domain in there), *sorted(there - DOMAINS.keys())]


def short(domain: str) -> str:
    """A domain's own name, without that of the group it belongs to."""
    return domain.rpartition(" / ")[2].strip("- ()")


def slug(domain: str) -> str:
    """What stands for the domain in an address."""
    return "-".join(re.findall(r"[a-z0-9]+", domain.lower()))


def _cell(domain: str, marks: Sequence[Mark]) -> Cell:
    counted = Counter(marks)
    worst = min(counted, key=lambda mark: mark.rank)
    words = ", ".join(f"{counted[mark]} {WORDS[mark]}" for mark in Mark if counted[mark])
    return Cell(domain, slug(domain), worst, SIGNS[worst], counted[worst], words)


def _less(marks: Mapping[Mark, int]) -> tuple[int, ...]:
    return marks.get(Mark.HELD, 0), marks.get(Mark.UNKNOWN, 0), marks.get(Mark.EXEMPT, 0)
