"""`make soak`: ten minutes of steady load, an hour by Holdfast's own clock; does anything grow, or stay behind?

Twenty events come in each second. Nineteen change nothing, as those of a pipeline; the twentieth comes from a server
that somebody has opened. The fleet is swept at the beginning and half-way, and its health is asked for as a platform
does. Memory is sampled every five seconds; the first two minutes, in which caches fill, do not count.
"""

import argparse
import asyncio
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist, linear_regression
from typing import Any

import shared.journal
from bench.children import fake_azure
from bench.names import event
from bench.ours import App, running
from bench.report import LOAD, machine, write
from bench.tables import number, table
from bench.wellness import Wellness, settled, wellness

SECONDS, PER_SECOND, OPENS_EVERY = 600.0, 20, 20
_SAMPLE_SECONDS, _WARM_SHARE = 5.0, 0.2
# Faster, and a lease would end while somebody works.
_TIMES = 6.0


class HurriedClock(datetime):
    """Holdfast's clock, which runs faster than the wall's. Queue and leases go by it, too."""

    began = time.time()
    times = 1.0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain datetime is what is wanted
        """The present, as Holdfast takes it."""
        return datetime.fromtimestamp(cls.began + (time.time() - cls.began) * cls.times, tz or UTC)


@dataclass(frozen=True, slots=True)
class Slope:
    """How memory grows, MB for each hour of load, with the half-width of its 95 % confidence interval."""

    per_hour: float
    give_or_take: float


def slope(samples: Sequence[tuple[float, float]]) -> Slope:
    """Of (seconds, MB) by least squares. Samples that follow each other resemble each other, so there are fewer that
    are independent than there are: the interval is widened by how much (the residuals' lag-one correlation)."""
    seconds, sizes = [at for at, _ in samples], [size for _, size in samples]
    line = linear_regression(seconds, sizes)
    rests = [size - line.intercept - line.slope * at for at, size in samples]
    middle = sum(seconds) / len(seconds)
    spread = sum((at - middle) ** 2 for at in seconds)
    variance = sum(rest * rest for rest in rests)
    alike = sum(one * other for one, other in pairwise(rests)) / variance if variance else 0.0
    alike = min(max(alike, 0.0), 0.99)
    error = (variance / (len(samples) - 2) / spread * (1 + alike) / (1 - alike)) ** 0.5
    return Slope(line.slope * 3600, NormalDist().inv_cdf(0.975) * error * 3600)


def memory_mb() -> float:
    """The memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


class Load:
    """The steady load, and who watches."""

    def __init__(self, app: App, folder: Path, seconds: float) -> None:
        self._app, self._folder, self._seconds = app, folder, seconds
        self._began = time.monotonic()
        self.samples: list[tuple[float, float]] = []
        self.deepest = 0
        self.unhealthy = 0
        self.waits: list[float] = []

    async def run(self) -> None:
        """All of it; ends when every server that was opened is proven closed."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._events(group))
            group.create_task(self._watch())
            group.create_task(self._sweeps())

    async def _events(self, group: asyncio.TaskGroup) -> None:
        for count in range(int(self._seconds * PER_SECOND)):
            await asyncio.sleep(count / PER_SECOND - self._passed())
            group.create_task(self._one(count))

    async def _one(self, count: int) -> None:
        server, opens = count // OPENS_EVERY, count % OPENS_EVERY == 0
        if not opens:
            await self._app.host.invoke("on_resource_change", event(server, f"soak-{count}"))
            return
        began = time.perf_counter()
        await self._app.open_and_mend(server, f"soak-{count}")
        self.waits.append((time.perf_counter() - began) * 1000)

    async def _watch(self) -> None:
        while self._passed() < self._seconds:
            await asyncio.sleep(_SAMPLE_SECONDS)
            gc.collect()
            self.samples.append((self._passed(), memory_mb()))
            found = wellness(self._folder)
            self.deepest = max(self.deepest, found.messages)
            status, _ = await self._app.holdfast.health()
            self.unhealthy += status != 200

    async def _sweeps(self) -> None:
        for share in (0.0, 0.5):
            await asyncio.sleep(share * self._seconds - self._passed())
            await self._app.host.invoke("sweep")

    def _passed(self) -> float:
        return time.monotonic() - self._began


async def _inside(seconds: float) -> dict[str, Any]:
    HurriedClock.times = _TIMES
    # Whoever asks for the time asks this module.
    vars(shared.journal)["datetime"] = HurriedClock
    servers = int(seconds * PER_SECOND) // OPENS_EVERY
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        async with running(Path(folder)) as app:
            await app.look_at(servers)
            await app.control("/_good")
            load = Load(app, Path(folder), seconds)
            await load.run()
            left, counts = await settled(Path(folder)), await app.counts()
    warm = [sample for sample in load.samples if sample[0] >= seconds * _WARM_SHARE]
    return {
        "samples": warm,
        "events": int(seconds * PER_SECOND),
        "opened": servers,
        "open": counts["open"],
        "calls": counts["calls"],
        "deepest": load.deepest,
        "unhealthy": load.unhealthy,
        "worst_ms": max(load.waits),
        "left": left.as_json(),
    }


def report(row: Mapping[str, Any], seconds: float) -> str:
    """The figures as a table."""
    left, grows = Wellness(**row["left"]), slope(row["samples"])
    first, last = row["samples"][0][1], row["samples"][-1][1]
    rows = {
        "load": f"{row['events']:,} events in {seconds / 60:g} min, {seconds * _TIMES / 60:g} min by Holdfast's clock",
        "memory after a fifth of the time, and at the end, MB": f"{number(first)}, {number(last)}",
        "slope of memory, MB/h (95 % confidence)": f"{grows.per_hour:+.2f} ± {grows.give_or_take:.2f}",
        "servers opened, put back, still open": f"{row['opened']:,}, {row['opened'] - row['open']:,}, {row['open']}",
        "the slowest of them, ms": number(row["worst_ms"]),
        "ARM calls": number(row["calls"]),
        "most messages waiting at once": str(row["deepest"]),
        "left behind: events, notices, messages, leases": (
            f"{left.triggers}, {left.outbox}, {left.messages}, {left.leases}"
        ),
        "dead letters; times it said it was not healthy": f"{left.letters}; {row['unhealthy']}",
        "entries in records": f"{left.entries:,}",
    }
    return table(["the soak", "measured"], ([name, text] for name, text in rows.items()))


def main() -> None:
    """Soak, print and write the figures; exit code 1 when something stayed behind."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--print", action="store_true", help="leave docs/load.md as it is")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        print(json.dumps(asyncio.run(_inside(given.seconds))))
        return
    before = os.getloadavg()[0]
    servers = int(given.seconds * PER_SECOND) // OPENS_EVERY
    with fake_azure(40, f"--servers={servers}") as fake:
        row = fake.child("bench.soak", "--inside", f"--seconds={given.seconds}")
    text = report(row, given.seconds)
    print(text)
    if not given.print:
        write(LOAD, {"soak-machine": machine("make soak", before, os.getloadavg()[0]), "soak": text})
    left = Wellness(**row["left"])
    sys.exit(bool(row["open"] or not left.is_idle or left.letters or row["unhealthy"]))


if __name__ == "__main__":
    main()
