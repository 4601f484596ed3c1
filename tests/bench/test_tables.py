"""Goals are judged where they stand; what was not measured is left out."""

from bench.measure import LOADS, Figures, Rows
from bench.tables import tables

_ROW = {"wall_ms": 100, "worst_ms": 120, "per_second": 10, "cpu_ms": 12, "arm_calls": 4, "rss_mb": 50}


def _figures(**ours: float) -> Figures:
    rows: Rows = {"floor": _ROW, "ours": {**_ROW, **ours}}
    return Figures(
        events=dict.fromkeys(LOADS, rows), passes=rows, starts={"floor": {"import": 100}, "ours": {"import": 90}}
    )


def test_a_goal_that_is_met_is_called_so() -> None:
    assert (
        "| arrival to proof, ms | 100 | 129 | 1.29 | ≤ 1.3 × floor: met |" in tables(_figures(wall_ms=129))["events-1"]
    )


def test_a_goal_that_is_missed_is_called_so() -> None:
    assert "| 1.31 | ≤ 1.3 × floor: **missed** |" in tables(_figures(wall_ms=131))["events-1"]


def test_a_goal_against_a_peer_that_is_not_there_is_not_judged() -> None:
    assert "peer" not in tables(_figures())["events-64"]


def test_a_goal_of_its_own_needs_nobody_beside() -> None:
    assert "≤ 120 MB: **missed**" in tables(_figures(rss_mb=121))["events-64"]


def test_the_peer_is_judged_where_it_was_measured() -> None:
    found = _figures(cpu_ms=8)
    found.events[1] = {**found.events[1], "peer": {**_ROW, "cpu_ms": 96.1}}

    assert "≤ 0.083 × peer: met" in tables(found)["events-1"]


def test_without_a_storage_account_nothing_is_said_about_its_cost() -> None:
    assert {"operations", "cost"}.isdisjoint(tables(_figures()))
