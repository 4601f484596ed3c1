"""Holdfast whole: event door, worker library, queues, store, engine, record, outbox and publishing, in one process.

An event is timed from its arrival at the Event Grid door until the commit that holds its proof.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from bench.load import Result, measured
from bench.names import event, server_id
from local_host.host import LocalHost
from local_host.options import Options
from local_host.sqlite_source import SqliteSource
from remediators import load_all
from shared.journal import Origin, Stage, Trigger, now
from shared.runtime import Holdfast, instance
from shared.settings import ROOT
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


async def run(events: int, at_once: int) -> Result:
    """Measure Holdfast against the running fake."""
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        database, policy = Path(folder) / "holdfast.db", Path(folder) / "policy.yaml"
        policy.write_text(POLICY)
        os.environ |= {
            "HOLDFAST_ARM_ENDPOINT": os.environ["BENCH_ARM"],
            "HOLDFAST_STORE": f"sqlite:{database}",
            "HOLDFAST_POLICY": str(policy),
            "HOLDFAST_TOPIC_ENDPOINT": f"{os.environ['BENCH_ARM']}/topic/api/events",
            "HOLDFAST_TOPIC_KEY": "bench",
            "IDENTITY_ENDPOINT": f"{os.environ['BENCH_CONTROL']}/msi/token",
            "IDENTITY_HEADER": "bench",
        }
        host = LocalHost(ROOT, SqliteSource(database), Options(timers=False))
        async with host.running(), aiohttp.ClientSession() as session:
            holdfast = instance(load_all)
            result = await _measured(host, holdfast, session, events, at_once)
            await holdfast.close()
        return result


async def _measured(
    host: LocalHost, holdfast: Holdfast, session: aiohttp.ClientSession, events: int, at_once: int
) -> Result:
    control = os.environ["BENCH_CONTROL"]
    targets = [parse_target(server_id(number)) for number in range(events)]
    commits = _Commits(holdfast)
    await commits.seen(targets, lambda: _sweep(holdfast, targets))
    await session.post(f"{control}/_drift")

    async def handle(number: int) -> None:
        proof = commits.proof(targets[number])
        await host.invoke("on_resource_change", event(number, "main"))
        await proof

    async def calls() -> int:
        async with session.get(f"{control}/_calls") as answer:
            return int((await answer.json())["calls"])

    return await measured(handle, events, at_once, calls)


async def _sweep(holdfast: Holdfast, targets: list[Target]) -> None:
    for target in targets:
        await holdfast.parts.store.remember(Trigger("sweep", target.id, "*", "", now(), Origin.SWEEP))


class _Commits:
    """Watches the store's commits, as the only sure sign that something is proven."""

    def __init__(self, holdfast: Holdfast) -> None:
        self._proofs: dict[Target, asyncio.Future[None]] = {}
        self._unseen: set[Target] = set()
        self._all_seen = asyncio.Event()
        self._commit = holdfast.parts.store.commit
        holdfast.parts.store.commit = self._watched  # type: ignore[method-assign]  # an observer, for the benchmark only

    def proof(self, target: Target) -> asyncio.Future[None]:
        """Done when a fix of the target is proven."""
        self._proofs[target] = asyncio.get_running_loop().create_future()
        return self._proofs[target]

    async def seen(self, targets: list[Target], begin: Callable[[], Any]) -> None:
        """Wait until every target was looked at once."""
        self._unseen = set(targets)
        await begin()
        await self._all_seen.wait()

    async def _watched(self, target: Subject, version: str, commit: Any) -> str:
        done = await self._commit(target, version, commit)
        if isinstance(target, Target):
            self._note(target, commit)
        return done

    def _note(self, target: Target, commit: Any) -> None:
        self._unseen.discard(target)
        if not self._unseen:
            self._all_seen.set()
        if any(entry.stage is Stage.PROVEN for entry in commit.entries) and target in self._proofs:
            self._proofs.pop(target).set_result(None)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(int(sys.argv[1]), int(sys.argv[2]))).as_json()))
