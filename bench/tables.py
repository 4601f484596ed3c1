"""The measured figures as the tables of docs/performance.md, each goal judged where it stands."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bench import cost
from bench.measure import LOADS, Figures, Row, Rows

_WHO = {"floor": "floor", "peer": "peer", "ours": "Holdfast"}


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure of ours has to be, beside those of the floor or the peer."""

    text: str
    against: str
    is_met: Callable[[float], bool]


def at_most(limit: float, against: str) -> Goal:
    """No more than so many times the other's."""
    return Goal(f"≤ {limit:.2g} × {against}", against, lambda ratio: ratio <= limit)


def at_least(limit: float, against: str) -> Goal:
    """No less than so many times the other's."""
    return Goal(f"≥ {limit:.2g} × {against}", against, lambda ratio: ratio >= limit)


# What is goal at which load; the rest is shown only.
_GOALS: Mapping[tuple[int, str], tuple[Goal, ...]] = {
    (1, "wall_ms"): (at_most(1.3, "floor"),),
    (1, "cpu_ms"): (at_most(1 / 12, "peer"),),
    (1, "arm_calls"): (at_most(1, "floor"),),
    (64, "per_second"): (at_least(0.5, "floor"), at_least(15, "peer")),
    (64, "cpu_ms"): (at_most(1 / 12, "peer"),),
    (64, "rss_mb"): (Goal("≤ 120 MB", "", lambda megabytes: megabytes <= 120),),
}
_EVENT_ROWS = {
    "wall_ms": "arrival to proof, ms",
    "worst_ms": "the slowest, ms",
    "per_second": "events per second",
    "cpu_ms": "CPU per event, ms",
    "arm_calls": "ARM calls per event",
    "rss_mb": "peak memory, MB",
}
_PASS_ROWS = {
    "per_second": ("servers per second", (at_least(0.6, "floor"),)),
    "cpu_ms": ("CPU per server, ms", ()),
    "arm_calls": ("ARM calls per server", (at_most(1, "floor"),)),
    "rss_mb": ("peak memory, MB", ()),
}
_START_ROWS = {
    "first_ms": ("process start to first event proven, ms", (at_most(1.5, "floor"), at_most(0.4, "peer"))),
    "indexed": ("process start to functions indexed, ms", (at_most(1.5, "floor"),)),
    "import": ("import function_app, ms", (at_most(1.5, "floor"),)),
}


def tables(found: Figures) -> dict[str, str]:
    """Every table, by the name of its place in the page."""
    made = {f"events-{at_once}": _events(at_once, found.events[at_once]) for at_once in LOADS}
    made["pass"] = _compared(found.passes, _PASS_ROWS)
    made["starts"] = _compared(found.starts, _START_ROWS)
    made["lines"] = _lines(found)
    if found.operations:
        made["operations"] = _operations(found.operations)
        made["cost"] = _cost(found)
    return made


def _events(at_once: int, rows: Rows) -> str:
    return _compared(rows, {key: (label, _GOALS.get((at_once, key), ())) for key, label in _EVENT_ROWS.items()})


def _compared(rows: Rows, wanted: Mapping[str, tuple[str, tuple[Goal, ...]]]) -> str:
    who = [name for name in _WHO if name in rows]
    others = [name for name in who if name != "ours"]
    head = ["", *(_WHO[name] for name in who), *(f"× {_WHO[name]}" for name in others), "goal"]
    return table(head, (_row(rows, key, label, goals, others) for key, (label, goals) in wanted.items()))


def _row(rows: Rows, key: str, label: str, goals: Iterable[Goal], others: Iterable[str]) -> list[str]:
    def ratio(other: str) -> float | None:
        return rows["ours"][key] / rows[other][key] if rows.get(other, {}).get(key) else None

    values = [number(row[key]) if (row := rows.get(name, {})).get(key) else "" for name in _WHO if name in rows]
    ratios = [f"{found:.2f}" if (found := ratio(other)) is not None else "" for other in others]
    judged = [_judged(goal, ratio(goal.against) if goal.against else rows["ours"][key]) for goal in goals]
    return [label, *values, *ratios, "; ".join(filter(None, judged))]


def _judged(goal: Goal, found: float | None) -> str:
    if found is None:
        return ""
    return f"{goal.text}: {'met' if goal.is_met(found) else '**missed**'}"


def _lines(found: Figures) -> str:
    head = ["servers", "pass: servers/s", "pass: CPU per server, ms", "events/s, 64 at once", "CPU per event, ms"]
    rows = (_line(servers, looked, events) for servers, looked, events in found.lines)
    return table([*head, "peak memory, MB"], rows)


def _line(servers: int, looked: Row, events: Row) -> list[str]:
    figures = (looked["per_second"], looked["cpu_ms"], events["per_second"], events["cpu_ms"], events["rss_mb"])
    return [f"{servers:,}", *map(number, figures)]


def _operations(operations: Mapping[str, float]) -> str:
    return table(["operation", "per event"], ([kind, f"{count:.2f}"] for kind, count in operations.items()))


def _cost(found: Figures) -> str:
    many = cost.busy(found.events[64]["ours"]["per_second"], found.operations)
    costs = {"64 at once, always": many, "each event alone": cost.alone(found.operations)}
    head = ["a million events, US$", "executions", "time (512 MB)", "storage operations", "together"]
    return table(
        head,
        ([name, *(f"{one:.2f}" for one in (c.executions, c.time, c.storage, c.total))] for name, c in costs.items()),
    )


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """In Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def number(value: float) -> str:
    """With as many digits as say something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
