"""`make storm`: 5,000 events in 60 seconds, 80 % of them for 20 servers; what becomes of everybody else?

The twenty are opened by their first and by their last event; the events between are writes that change nothing, as of a
pipeline that deploys again and again. Each of a thousand other servers is opened once, at a random moment.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.children import fake_azure
from bench.load import peak_mb
from bench.names import event, server_id
from bench.ours import App, running
from bench.report import LOAD, machine, write
from bench.tables import number, table
from bench.wellness import Wellness, settled
from shared.target import parse_target

EVENTS, SECONDS, BUSY, SHARE = 5_000, 60.0, 20, 0.8


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """When an event of which server comes, and whether it opened it."""

    at: float
    server: int
    opens: bool


def storm(events: int, seconds: float, seed: int) -> list[Moment]:
    """All events, in their order. The busy servers are the first, all in one subscription."""
    dice = random.Random(seed)  # noqa: S311 - a benchmark's, which has to be repeatable
    each = int(events * SHARE) // BUSY
    moments = [Moment(dice.uniform(0, seconds), BUSY + number, opens=True) for number in range(events - each * BUSY)]
    for server in range(BUSY):
        times = sorted(dice.uniform(0, seconds) for _ in range(each))
        moments += [Moment(at, server, opens=at in (times[0], times[-1])) for at in times]
    return sorted(moments)


class Driver:
    """Sends the events when they are due, and keeps what each took."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._door: list[float] = []
        self._mended: dict[bool, list[float]] = {True: [], False: []}

    async def run(self, moments: list[Moment]) -> dict[str, Any]:
        """Drive the whole storm; ends when every server that was opened is proven closed."""
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for count, moment in enumerate(moments):
                await asyncio.sleep(moment.at - (time.perf_counter() - began))
                group.create_task(self._one(moment, count))
        looks, counts = self._app.commits.looks, await self._app.counts()
        return {
            "seconds": time.perf_counter() - began,
            "busy_looks": sum(count for target, count in looks.items() if _number(target.name) < BUSY),
            "other_looks": sum(count for target, count in looks.items() if _number(target.name) >= BUSY),
            "calls": counts["calls"],
            "open": counts["open"],
            "door_ms": max(self._door),
            "busy_ms": _spread(self._mended[True]),
            "other_ms": _spread(self._mended[False]),
            "rss_mb": peak_mb(),
        }

    async def _one(self, moment: Moment, count: int) -> None:
        proof = None
        if moment.opens:
            await self._app.open(moment.server)
            proof = self._app.commits.proof(parse_target(server_id(moment.server)))
        began = time.perf_counter()
        await self._app.host.invoke("on_resource_change", event(moment.server, f"storm-{count}"))
        self._door.append((time.perf_counter() - began) * 1000)
        if proof is not None:
            await proof
            self._mended[moment.server < BUSY].append((time.perf_counter() - began) * 1000)


def _number(name: str) -> int:
    return int(name.removeprefix("pg-"))


def _spread(taken: list[float]) -> dict[str, float]:
    return {
        "median": statistics.median(taken),
        "p99": sorted(taken)[round(0.99 * (len(taken) - 1))],
        "worst": max(taken),
    }


async def _inside(events: int, seconds: float, seed: int) -> dict[str, Any]:
    """In a process of its own: Holdfast, and who sends it the storm."""
    moments = storm(events, seconds, seed)
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        async with running(Path(folder)) as app:
            await app.look_at(max(moment.server for moment in moments) + 1)
            app.commits.looks.clear()
            await app.control("/_good")
            row = await Driver(app).run(moments)
            return {**row, "left": (await settled(Path(folder))).as_json()}


def report(row: Mapping[str, Any], events: int, seconds: float, seed: int) -> str:
    """The figures as a table."""
    left = Wellness(**row["left"])
    busy = int(events * SHARE)
    lost = row["open"] + left.triggers + left.letters
    rows = {
        "events, all in all": f"{events:,} in {seconds:g} s (seed {seed})",
        f"events for {BUSY} busy servers, and looks they led to": f"{busy:,} → {row['busy_looks']:,}",
        "events for others, and looks they led to": f"{events - busy:,} → {row['other_looks']:,}",
        "ARM calls": number(row["calls"]),
        "the slowest answer of the event door, ms": number(row["door_ms"]),
        "time to revert of an unrelated server, ms: median, 99th, worst": _shown(row["other_ms"]),
        "time to revert of a busy server, ms: median, 99th, worst": _shown(row["busy_ms"]),
        "until everything was proven, s": number(row["seconds"]),
        "peak memory, MB": number(row["rss_mb"]),
        "lost: servers left open, events not looked at, dead letters": str(lost),
    }
    return table(["the storm", "measured"], ([name, text] for name, text in rows.items()))


def _shown(spread: Mapping[str, float]) -> str:
    return ", ".join(number(spread[name]) for name in ("median", "p99", "worst"))


def main() -> None:
    """Run the storm, print and write its figures; exit code 1 when something was lost."""
    parser = argparse.ArgumentParser(prog="python -m bench.storm", description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--print", action="store_true", help="leave docs/load.md as it is")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    what = (given.events, given.seconds, given.seed)
    if given.inside:
        print(json.dumps(asyncio.run(_inside(*what))))
        return
    before = os.getloadavg()[0]
    options = [f"--{name}={value}" for name, value in zip(("events", "seconds", "seed"), what, strict=True)]
    with fake_azure(40) as fake:
        row = fake.child("bench.storm", "--inside", *options)
    text = report(row, *what)
    print(text)
    if not given.print:
        write(LOAD, {"storm-machine": machine("make storm", before, os.getloadavg()[0]), "storm": text})
    sys.exit(bool(row["open"] or row["left"]["triggers"] or row["left"]["letters"]))


if __name__ == "__main__":
    main()
