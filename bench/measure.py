"""What `make bench` measures: Holdfast, the floor and the peer in turns, against one fake Azure."""

import json
import os
import statistics
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench import start
from bench.children import PEER, Fake, fake_azure
from bench.operations import azurite

type Row = Mapping[str, float]
type Rows = dict[str, Row]
# So many at once, and so many events for Holdfast, the floor and the peer.
LOADS = {1: (40, 40, 20), 16: (480, 480, 100), 64: (1000, 1000, 200)}
_STORED = 200


@dataclass(slots=True)
class Figures:
    """Medians. `events` by how many are at once; `lines` is one run for each number of servers."""

    events: dict[int, Rows] = field(default_factory=dict)
    passes: Rows = field(default_factory=dict)
    starts: Rows = field(default_factory=dict)
    lines: list[tuple[int, Row, Row]] = field(default_factory=list)
    operations: dict[str, float] = field(default_factory=dict)
    load_before: float = 0.0
    load_after: float = 0.0


def measure(rounds: int, latency_ms: float, most: int, say: Callable[[str], None]) -> Figures:
    """Everything; `most` is the greatest number of servers in the line."""
    found = Figures(load_before=os.getloadavg()[0])
    with fake_azure(latency_ms) as fake:
        for at_once in LOADS:
            say(f"{at_once} at once")
            looked, found.events[at_once] = _load(fake, at_once, rounds)
            found.passes = looked
        say("starts")
        found.starts = _starts(fake, rounds)
        for servers in (100, 1_000, 10_000):
            if servers <= most:
                say(f"{servers} servers")
                row = fake.child("bench.ours", "all", servers, 64)
                found.lines.append((servers, row["pass"], row["events"]))
        say("operations of the storage account")
        found.operations = _operations(fake)
    say("imports")
    for name, row in start.measure().items():
        found.starts[name] = {**found.starts[name], **row}
    found.load_after = os.getloadavg()[0]
    return found


def _load(fake: Fake, at_once: int, rounds: int) -> tuple[Rows, Rows]:
    """Passes and events of everybody, in turns."""
    ours, floor, peer = LOADS[at_once]
    taken: dict[str, list[dict[str, Any]]] = {"floor": [], "ours": []}
    for _ in range(rounds):
        fake.control("/_good")
        taken["ours"].append(fake.child("bench.ours", "all", ours, at_once))
        asked = json.dumps(taken["ours"][-1]["pass"]["asked"])
        taken["floor"].append(fake.child("bench.floor", floor, at_once, BENCH_ASKED=asked))
        if PEER.exists():
            taken.setdefault("peer", []).append(fake.peer(peer, at_once))
    passes = {name: _median(row["pass"] for row in rows) for name, rows in taken.items() if name != "peer"}
    return passes, {name: _median(row["events"] for row in rows) for name, rows in taken.items()}


def _starts(fake: Fake, rounds: int) -> Rows:
    """Process start until the first event is done."""
    taken: dict[str, list[Row]] = {"floor": [], "ours": []}
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        # Each time another server: what is mended again and again, Holdfast stops mending.
        fake.control("/_good")
        fake.child("bench.ours", "seed", rounds + 2, folder)
        for number in range(rounds + 2):
            fake.control("/_drift")
            taken["ours"].append(fake.child("bench.ours", "first", folder, number))
            taken["floor"].append(fake.child("bench.floor", 1, 1)["events"])
            if PEER.exists():
                taken.setdefault("peer", []).append(fake.peer(1, 1)["events"])
    return {name: {"first_ms": _median(rows)["first_ms"]} for name, rows in taken.items()}


def _operations(fake: Fake) -> dict[str, float]:
    """Requests to the storage account for one event, on Azurite; empty where there is none."""
    with azurite() as storage:
        if not storage:
            return {}
        row = fake.child("bench.ours", "all", _STORED, 64, BENCH_STORAGE=storage)
    return {kind: count / _STORED for kind, count in sorted(row["operations"].items())}


def _median(rows: Iterable[Row]) -> Row:
    taken = list(rows)
    return {
        key: statistics.median(row[key] for row in taken)
        for key, value in taken[0].items()
        if isinstance(value, int | float)
    }
