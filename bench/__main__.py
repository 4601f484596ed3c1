"""`make bench`: Holdfast and the floor in turns, against one fake Azure with 40 ms a call; prints ratios."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from bench import start

_ROWS = (
    ("wall_ms", "one event, arrival to proof, ms", 1.5, "at most"),
    ("cpu_ms", "CPU per event, ms", None, ""),
    ("arm_calls", "ARM calls per event", None, ""),
    ("per_second", "events per second", 0.3, "at least"),
    ("worst_ms", "slowest event, ms", None, ""),
    ("rss_mb", "peak memory, MB", None, ""),
)
# One at a time the wall time has a goal; many at once the throughput has.
_LOADS = ((1, 40, "wall_ms"), (64, 960, "per_second"))


def main() -> None:
    """Run everything and print it."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency-ms", type=float, default=40)
    given = parser.parse_args()
    console = Console(highlight=False)
    command = [sys.executable, "-m", "bench.fake_arm", f"--latency-ms={given.latency_ms}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as fake:
        try:
            address = json.loads(fake.stdout.readline())  # type: ignore[union-attr]  # PIPE was asked for
            for at_once, events, goal in _LOADS:
                console.print(_load_table(_rounds(address, events, at_once, given.rounds), at_once, events, goal))
        finally:
            fake.terminate()
    console.print(_start_table(start.measure()))


def _rounds(address: Mapping[str, str], events: int, at_once: int, rounds: int) -> dict[str, dict[str, float]]:
    found: dict[str, list[dict[str, float]]] = {"floor": [], "ours": []}
    for _ in range(rounds):
        for name, rows in found.items():
            rows.append(_child(name, address, events, at_once))
    return {name: {key: statistics.median(row[key] for row in rows) for key in rows[0]} for name, rows in found.items()}


def _child(name: str, address: Mapping[str, str], events: int, at_once: int) -> dict[str, float]:
    environment = {
        **os.environ,
        "BENCH_ARM": address["arm"],
        "BENCH_CONTROL": address["control"],
        "SSL_CERT_FILE": address["ca"],
    }
    urllib.request.urlopen(f"{address['control']}/_good", data=b"").close()  # noqa: S310 - our own address
    command = [sys.executable, "-m", f"bench.{name}", str(events), str(at_once)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)
    if ran.returncode:
        raise SystemExit(f"bench.{name} failed:\n{ran.stderr[-3000:]}")
    row: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return row


def _load_table(found: Mapping[str, Mapping[str, float]], at_once: int, events: int, goal: str) -> Table:
    title = "one event at a time" if at_once == 1 else f"{at_once} events at once"
    table = _table(f"{title} ({events} events, medians)")
    for key, label, limit, word in _ROWS:
        ours, floor = found["ours"][key], found["floor"][key]
        table.add_row(
            label, f"{floor:.4g}", f"{ours:.4g}", *_judged(ours / floor, limit if key == goal else None, word)
        )
    return table


def _start_table(found: Mapping[str, Mapping[str, Any]]) -> Table:
    table = _table("cold start (floor: same bindings, empty bodies)")
    for key, label in (("import", "import function_app, ms"), ("indexed", "process start to indexed, ms")):
        ours, floor = found["ours"][key], found["floor"][key]
        table.add_row(label, f"{floor:.4g}", f"{ours:.4g}", *_judged(ours / floor, 1.5, "at most"))
    return table


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for column in ("floor", "Holdfast", "ratio", "goal"):
        table.add_column(column, justify="right")
    return table


def _judged(ratio: float, limit: float | None, word: str) -> tuple[str, str]:
    if limit is None:
        return f"{ratio:.2f}", ""
    met = ratio <= limit if word == "at most" else ratio >= limit
    return f"[{'green' if met else 'red'}]{ratio:.2f}[/]", f"{word} {limit}"


if __name__ == "__main__":
    main()
