"""`make sweep`: 10,000 servers in 500 subscriptions, Azure's token buckets, workers that are killed, and live events.

Every control is on, so a look asks all there is to ask. One process sweeps, at the pace that ships. It is killed twice:
while it gives the servers their turns, and while they are looked at; each time another starts five seconds later, as
the platform would do, and finds what is in the store. Every five seconds somebody opens a server, whose event comes to
the same process.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.children import Fake, fake_azure
from bench.names import PER_SUBSCRIPTION
from bench.ours import App, running
from bench.report import LOAD, machine, write
from bench.tables import number, table
from bench.wellness import wellness
from remediators import load_all
from shared.ports import SWEEP_QUEUE
from shared.settings import ROOT

SERVERS, EVERY_SECONDS, RESTART_SECONDS = 10_000, 5.0, 5.0
# Whose events come: some that were looked at before the sweep began, so that a fresh drift is known for one.
_LIVE = 250
# When the worker dies: at so many parts of the turns given, and of the servers looked at.
_KILLS = {"turns": 0.25, "looked": 0.4}
_PATIENCE_SECONDS = 3600


def policy() -> str:
    """Every control on, looking only; what the live events are about is enforced."""
    controls: dict[str, object] = {name: {"mode": "audit"} for name in load_all()}
    controls["firewall-rule-allowlist"] = {"mode": "enforce", "parameters": {"allowed_ranges": ["203.0.113.0/28"]}}
    rules = {"version": 1, "mode": "audit", "blast_radius": {"servers": 0}, "controls": controls}
    # JSON is YAML.
    return json.dumps(rules)


def live(servers: int) -> list[int]:
    """The servers whose events come, each in another subscription."""
    return list(range(0, servers, max(PER_SUBSCRIPTION, servers // _LIVE)))


@dataclass(slots=True)
class Watch:
    """What the parent sees."""

    kills: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    unanswered: int = 0


class Worker:
    """A process that works, and is killed."""

    def __init__(self, fake: Fake, folder: Path, servers: int, *given: str) -> None:
        command = [sys.executable, "-m", "bench.sweep", "--inside", str(folder), f"--servers={servers}", *given]
        environment = {**os.environ, **fake.environment(), "BENCH_STARTED": repr(time.monotonic())}
        self._told = folder / f"told-{time.monotonic_ns()}"
        with self._told.open("w") as out:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.DEVNULL)

    def end(self, watch: Watch) -> None:
        """Kill it, and take over what it told of."""
        self._process.kill()
        self._process.wait()
        lines = self._told.read_text().splitlines()
        watch.waits += [float(line.partition(" ")[2]) for line in lines if line.startswith("mended ")]
        watch.unanswered += sum(line.startswith("opened") for line in lines) - len(
            [line for line in lines if line.startswith("mended")]
        )

    def is_dead(self) -> bool:
        """Whether it died by itself."""
        return self._process.poll() is not None


async def _inside(folder: Path, servers: int, begins: str) -> None:
    """The worker: `seed` looks at the live servers and ends; `sweep` begins a sweep, and anything else goes on."""
    async with running(folder, policy()) as app:
        if begins == "seed":
            await app.look_at_these(live(servers))
            return
        async with asyncio.TaskGroup() as group:
            if begins == "sweep":
                group.create_task(app.host.invoke("sweep"))
            group.create_task(_live_events(app, live(servers), group))


async def _live_events(app: App, servers: list[int], group: asyncio.TaskGroup) -> None:
    while True:
        # By the clock, so that a worker that follows another goes on with the next.
        turn = int(time.time() / EVERY_SECONDS)
        group.create_task(_mended(app, servers[turn % len(servers)], f"live-{turn}"))
        await asyncio.sleep(EVERY_SECONDS)


async def _mended(app: App, number: int, run: str) -> None:
    print("opened", flush=True)
    began = time.perf_counter()
    await app.open_and_mend(number, run)
    print("mended", (time.perf_counter() - began) * 1000, flush=True)


def _turns(folder: Path) -> int:
    with closing(sqlite3.connect(f"file:{folder / 'holdfast.db'}?mode=ro", uri=True, timeout=5)) as connection:
        query = "SELECT count(*) FROM queue_messages WHERE queue = ?"
        return int(connection.execute(query, (SWEEP_QUEUE,)).fetchone()[0])


def _due(watch: Watch, folder: Path, looked: int, servers: int, kills: int) -> str:
    """Which kill is due, if one is."""
    if kills > 0 and "turns" not in watch.kills and _turns(folder) >= servers * _KILLS["turns"]:
        return "turns"
    if kills > 1 and "looked" not in watch.kills and looked >= servers * _KILLS["looked"]:
        return "looked"
    return ""


def sweep(fake: Fake, folder: Path, servers: int, kills: int) -> dict[str, Any]:
    """Run the whole of it: until every server was looked at."""
    fake.child("bench.sweep", "--inside", folder, f"--servers={servers}", "--begins=seed")
    fake.control("/_good")
    watch, worker, began = Watch(), Worker(fake, folder, servers, "--begins=sweep"), time.monotonic()
    try:
        while (counts := fake.counts())["looked"] < servers:
            if worker.is_dead() or time.monotonic() - began > _PATIENCE_SECONDS:
                raise SystemExit(f"the worker died, or the sweep does not end: {counts}")
            if due := _due(watch, folder, counts["looked"], servers, kills):
                worker.end(watch)
                watch.kills.append(due)
                time.sleep(RESTART_SECONDS)
                worker = Worker(fake, folder, servers, "--begins=nothing")
            time.sleep(0.05 if not watch.kills else 1)
        seconds = time.monotonic() - began
        time.sleep(RESTART_SECONDS)
    finally:
        worker.end(watch)
    left = wellness(folder)
    return {**counts, "seconds": seconds, "watch": watch, "letters": left.letters, "servers": servers}


def report(row: Mapping[str, Any]) -> str:
    """The figures as a table."""
    watch: Watch = row["watch"]
    rows = {
        "servers, and subscriptions": f"{row['servers']:,}, {row['servers'] // PER_SUBSCRIPTION:,}",
        "workers killed": f"{len(watch.kills)}",
        "reads and writes, all in all": f"{row['calls']:,}",
        "answered with 429": str(row["refused"]),
        "the emptiest bucket of reads, of 250": str(row["least"]),
        "the last server was looked at after, min": number(row["seconds"] / 60),
        "servers that were looked at twice": str(row["twice"]),
        "live events, and cut off by a kill": f"{len(watch.waits) + watch.unanswered}, {watch.unanswered}",
        "a live event to its proof, s: median, worst": ", ".join(
            f"{value / 1000:.2f}" for value in (statistics.median(watch.waits), max(watch.waits))
        ),
        "dead letters": str(row["letters"]),
    }
    return table(["the sweep", "measured"], ([name, text] for name, text in rows.items()))


def main() -> None:
    """Sweep, print and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.sweep", description=__doc__)
    parser.add_argument("--servers", type=int, default=SERVERS)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--print", action="store_true", help="leave docs/load.md as it is")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--begins", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        asyncio.run(_inside(given.inside, given.servers, given.begins))
        print("{}")
        return
    before = os.getloadavg()[0]
    options = (f"--servers={given.servers}", "--limits")
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder, fake_azure(40, *options) as fake:
        text = report(sweep(fake, Path(folder), given.servers, given.kills))
    print(text)
    if not given.print:
        write(LOAD, {"sweep-machine": machine("make sweep", before, os.getloadavg()[0]), "sweep": text})


if __name__ == "__main__":
    main()
