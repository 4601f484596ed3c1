"""Driving a number of events through something, a given number at once, and measuring it. Standard library only, and
plain enough for the peer's interpreter."""

import asyncio
import os
import resource
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Result:
    """Times in milliseconds; `wall_ms` is the median of one event from its arrival to its proof, `first_ms` runs from
    the start of the process until the first event was done. Memory is the process's peak."""

    events: int
    wall_ms: float
    worst_ms: float
    per_second: float
    cpu_ms: float
    arm_calls: float
    rss_mb: float
    first_ms: float

    def as_json(self) -> dict[str, float]:
        """For the parent process."""
        return asdict(self)


@dataclass(frozen=True)
class Pass:
    """A look at each of so many servers; `asked` is what one of them was asked."""

    servers: int
    per_second: float
    cpu_ms: float
    arm_calls: float
    rss_mb: float
    asked: tuple[str, ...] = ()

    def as_json(self) -> "dict[str, object]":
        """For the parent process."""
        return asdict(self)


def first_done() -> float:
    """Milliseconds since the parent started this process, on the clock that all processes share."""
    return (time.monotonic() - float(os.environ["BENCH_STARTED"])) * 1000


def peak_mb() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measured(
    handle: Callable[[int], Awaitable[None]],
    events: int,
    at_once: int,
    calls: Callable[[], Awaitable[int]],
    first_ms: float = 0,
) -> Result:
    """Handle the events 0 … events-1, never more than `at_once` at a time."""
    walls: list[float] = []
    todo = iter(range(events))

    async def worker() -> None:
        for number in todo:
            began = time.perf_counter()
            await handle(number)
            walls.append((time.perf_counter() - began) * 1000)

    cpu, began = time.process_time(), time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    return Result(
        events=events,
        wall_ms=statistics.median(walls),
        worst_ms=max(walls),
        per_second=events / wall,
        cpu_ms=cpu * 1000 / events,
        arm_calls=await calls() / events,
        rss_mb=peak_mb(),
        first_ms=first_ms,
    )
