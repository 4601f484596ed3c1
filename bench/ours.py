"""Holdfast whole: event door, worker library, queues, store, engine, record, outbox and publishing, in one process.

    python -m bench.ours all SERVERS AT_ONCE   a first pass over so many servers, then one event for each
    python -m bench.ours seed SERVERS FOLDER   the pass alone, and its store stays in the folder
    python -m bench.ours first FOLDER SERVER   one event on that store, by a process that has just started

An event is timed from its arrival at the Event Grid door until the commit that holds its proof.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bench.load import Pass, Result, first_done, measured, peak_mb
from bench.names import event, server_id
from local_host.host import LocalHost
from local_host.options import Options
from local_host.queue_source import QueueSource, Rhythm
from local_host.sqlite_source import SqliteSource
from remediators import load_all
from shared.journal import Origin, Stage, Trigger, now
from shared.runtime import Holdfast, instance
from shared.settings import ROOT
from shared.store.sqlite_queue import SqliteQueues
from shared.target import Subject, Target, parse_target

POLICY = """\
version: 1
mode: enforce
# Every server drifts at once here, and this is what is measured.
blast_radius: {servers: 0}
controls:
  public-network-access-disabled: {mode: "off"}
  firewall-rule-allowlist:
    parameters: {allowed_ranges: [203.0.113.0/28]}
"""


# Whose queues stay empty here. In Azure another process, the host's, asks them.
_IDLE = ("on_queued_change", "on_queued_change_poison", "reconcile_poison", "sweep_turn_poison", "deliver_poison")


class _Calm(SqliteSource):
    """Azure's host polls in a process of its own. Ours polls in the one that is measured: so it does that rarely, and
    asks whenever a function has ended."""

    rhythm = Rhythm(shortest=0.1, longest=0.1, ask_after_invocation=True)

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        # By Holdfast's own clock, which may be a hurried one.
        self._queues = SqliteQueues(self._connection, clock=lambda: now().timestamp())


class Commits:
    """Watches the store's commits, as the only sure sign that something is proven. `looks` counts those that ended
    what an event had begun."""

    def __init__(self, holdfast: Holdfast) -> None:
        self.looks: Counter[Target] = Counter()
        self._proofs: dict[Target, asyncio.Future[None]] = {}
        self._unseen: set[Target] = set()
        self._all_seen = asyncio.Event()
        self._commit = holdfast.parts.store.commit
        holdfast.parts.store.commit = self._watched  # type: ignore[method-assign]  # an observer, for the benchmark only

    def proof(self, target: Target) -> asyncio.Future[None]:
        """Done when a fix of the target is proven."""
        self._proofs[target] = asyncio.get_running_loop().create_future()
        return self._proofs[target]

    async def seen(self, targets: list[Target], begin: Callable[[], Awaitable[None]]) -> None:
        """Wait until every target was looked at once."""
        self._unseen = set(targets)
        self._all_seen.clear()
        await begin()
        await self._all_seen.wait()

    async def _watched(self, target: Subject, version: str, commit: Any) -> str:
        done = await self._commit(target, version, commit)
        if isinstance(target, Target):
            self._note(target, commit)
        return done

    def _note(self, target: Target, commit: Any) -> None:
        self._unseen.discard(target)
        self.looks[target] += bool(commit.handled)
        if not self._unseen:
            self._all_seen.set()
        if any(entry.stage is Stage.PROVEN for entry in commit.entries) and target in self._proofs:
            self._proofs.pop(target).set_result(None)


@dataclass(frozen=True, slots=True)
class App:
    """Holdfast under load."""

    host: LocalHost
    holdfast: Holdfast
    session: aiohttp.ClientSession
    commits: Commits

    async def look_at(self, servers: int) -> Pass:
        """Look at so many servers for the first time."""
        return await self.look_at_these(range(servers))

    async def look_at_these(self, servers: Sequence[int]) -> Pass:
        """Look at these servers, as many at once as the queue brings."""
        targets = [parse_target(server_id(number)) for number in servers]

        async def begin() -> None:
            for target in targets:
                await self.holdfast.parts.store.remember(Trigger("sweep", target.id, "*", "", now(), Origin.SWEEP))

        await self.control("/_good")
        cpu, began = time.process_time(), time.perf_counter()
        await self.commits.seen(targets, begin)
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        counts = await self.counts()
        count = len(targets)
        calls = counts["calls"] / count
        return Pass(count, count / wall, cpu * 1000 / count, calls, peak_mb(), tuple(counts["asked"]))

    async def warm_up(self, number: int) -> None:
        """Look at one server and mend it, so that everything is imported: the floor and the peer do so, too."""
        await self.look_at_these([number])
        await self.control("/_drift")
        await self.mend(number, "warm-up")

    async def mend(self, number: int, run: str = "main") -> None:
        """Bring one server's event to the door, and wait for its proof."""
        proof = self.commits.proof(parse_target(server_id(number)))
        await self.host.invoke("on_resource_change", event(number, run))
        await proof

    async def open_and_mend(self, number: int, run: str) -> None:
        """Somebody opens one server, and its event follows; whoever finds it first, a sweep perhaps, proves it."""
        proof = self.commits.proof(parse_target(server_id(number)))
        await self.open(number)
        await self.host.invoke("on_resource_change", event(number, run))
        await proof

    async def events(self, events: int, at_once: int) -> Result:
        """One event for each of so many servers."""
        await self.control("/_drift")

        async def calls() -> int:
            return int((await self.counts())["calls"])

        return await measured(self.mend, events, at_once, calls)

    async def open(self, number: int) -> None:
        """Somebody opens one server."""
        await self.control(f"/_open?name={parse_target(server_id(number)).name}")

    async def control(self, path: str) -> None:
        """Have the fake Azure do something."""
        async with self.session.post(f"{os.environ['BENCH_CONTROL']}{path}") as answer:
            answer.raise_for_status()

    async def counts(self) -> dict[str, Any]:
        """What the fake Azure has counted."""
        async with self.session.get(f"{os.environ['BENCH_CONTROL']}/_calls") as answer:
            counts: dict[str, Any] = await answer.json()
            return counts


@asynccontextmanager
async def running(folder: Path, policy: str = POLICY) -> AsyncIterator[App]:
    """Holdfast on the running fake Azure, with its store in the folder, or in the storage account that is named in
    BENCH_STORAGE."""
    (folder / "policy.yaml").write_text(policy)
    storage, queues = os.environ.get("BENCH_STORAGE", ""), _queues(folder)
    os.environ |= {
        "HOLDFAST_ARM_ENDPOINT": os.environ["BENCH_ARM"],
        "HOLDFAST_STORE": "" if storage else f"sqlite:{folder / 'holdfast.db'}",
        "AzureWebJobsStorage": storage,
        "HOLDFAST_POLICY": str(folder / "policy.yaml"),
        "HOLDFAST_TOPIC_ENDPOINT": f"{os.environ['BENCH_ARM']}/topic/api/events",
        "HOLDFAST_TOPIC_KEY": "bench",
        "IDENTITY_ENDPOINT": f"{os.environ['BENCH_CONTROL']}/msi/token",
        "IDENTITY_HEADER": "bench",
    }
    os.environ |= {f"AzureWebJobs.{name}.Disabled": "true" for name in _IDLE}
    host = LocalHost(ROOT, queues, Options(timers=False))
    async with host.running(), aiohttp.ClientSession() as session:
        holdfast = instance(load_all)
        yield App(host, holdfast, session, Commits(holdfast))
    # Not before the host has let what is under way end.
    await holdfast.close()


def _queues(folder: Path) -> QueueSource:
    storage = os.environ.get("BENCH_STORAGE")
    if not storage:
        return _Calm(folder / "holdfast.db")
    # Here and not above, as in whatever else a start does not need: it is timed.
    from local_host.storage_source import StorageSource

    return StorageSource(storage)


async def everything(servers: int, at_once: int) -> dict[str, Any]:
    """The pass, then the events, and what these cost in operations of a storage account where there is one."""
    from bench.operations import Counting

    counting = Counting()
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        async with running(Path(folder)) as app:
            await app.warm_up(servers)
            looked = await app.look_at(servers)
            counting.counts.clear()
            done = await app.events(servers, at_once)
            return {"pass": looked.as_json(), "events": done.as_json(), "operations": dict(counting.counts)}


async def seed(servers: int, folder: Path) -> dict[str, Any]:
    """The pass alone."""
    async with running(folder) as app:
        return (await app.look_at(servers)).as_json()


async def first(folder: Path, number: int) -> dict[str, float]:
    """One event on a store that knows the server."""
    async with running(folder) as app:
        await app.mend(number)
        return {"first_ms": first_done(), "cpu_ms": time.process_time() * 1000}


def main(name: str, *given: str) -> None:
    """Run what is named, and print its figures."""
    if name == "all":
        work = everything(int(given[0]), int(given[1]))
    elif name == "seed":
        work = seed(int(given[0]), Path(given[1]))
    else:
        work = first(Path(given[0]), int(given[1]))
    print(json.dumps(asyncio.run(work)))


if __name__ == "__main__":
    main(*sys.argv[1:])
