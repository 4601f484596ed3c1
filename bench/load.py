"""Driving a number of events through something, a given number at once, and measuring it."""

import asyncio
import resource
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """Times in milliseconds; `wall_ms` is the median of one event from its arrival to its proof."""

    events: int
    wall_ms: float
    worst_ms: float
    per_second: float
    cpu_ms: float
    arm_calls: float
    rss_mb: float

    def as_json(self) -> dict[str, float]:
        """For the parent process."""
        return asdict(self)


async def measured(
    handle: Callable[[int], Awaitable[None]], events: int, at_once: int, calls: Callable[[], Awaitable[int]]
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
        rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )
