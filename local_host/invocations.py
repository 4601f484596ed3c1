"""One way to run a function, whatever door the call came through.

Gives the invocation its id, holds it to host.json's functionTimeout, delivers its outputs, and writes
one line about its end. Difference to the real host: it restarts the worker process when a function
takes too long, which ends all other invocations too; here only the late one fails, and a synchronous
function goes on in its thread, unheard.
"""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from local_host import worker
from local_host.calls import Call
from local_host.errors import QueueUnavailable
from local_host.functions import Function
from local_host.outputs import Outputs
from local_host.worker import Outcome

log = logging.getLogger("local_host.invocations")


@dataclass(frozen=True, slots=True)
class Running:
    """An invocation in flight."""

    function: str
    task: asyncio.Task[object]


class Invocations:
    """Runs functions and knows which are running."""

    def __init__(
        self,
        outputs: Outputs,
        timeout_seconds: float | None,
        ended: Callable[[frozenset[str]], None],
    ) -> None:
        """`ended` hears of every end, with the queues that got messages by output bindings."""
        self._outputs = outputs
        self._timeout_seconds = timeout_seconds
        self._ended = ended
        self.in_flight: dict[str, Running] = {}
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def run(self, function: Function, call: Call) -> Outcome:
        """Run the function once; its failure is an outcome, not an exception."""
        invocation_id = str(uuid.uuid4())
        self.in_flight[invocation_id] = Running(function.name, _this_task())
        self._quiet.clear()
        started = time.perf_counter()
        reached: frozenset[str] = frozenset()
        try:
            outcome = await self._within_time(function, invocation_id, call)
            if outcome.ok and function.queue_outputs:
                reached = await self._outputs.deliver(function, outcome)
        except (QueueUnavailable, ValueError) as error:
            outcome = Outcome(ok=False, error=f"the output was not taken: {error}")
        except asyncio.CancelledError:
            _report(function, invocation_id, started, Outcome(ok=False, error="cancelled: the host stops"))
            raise
        finally:
            del self.in_flight[invocation_id]
            if not self.in_flight:
                self._quiet.set()
            self._ended(reached)
        _report(function, invocation_id, started, outcome)
        return outcome

    async def settle(self, seconds: float) -> None:
        """Wait up to `seconds` for all to end, then cancel the rest."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._quiet.wait()
        late = list(self.in_flight.values())
        for running in late:
            log.warning("%s did not end within %g s, cancelled", running.function, seconds)
            running.task.cancel()
        if late:
            await asyncio.wait([running.task for running in late], timeout=1.0)

    async def _within_time(self, function: Function, invocation_id: str, call: Call) -> Outcome:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await worker.call(
                    function.id, invocation_id, function.param, call.value, call.metadata, call.trace_parent
                )
        except TimeoutError:
            return Outcome(ok=False, error=f"exceeded functionTimeout of {self._timeout_seconds:g} s")


def _report(function: Function, invocation_id: str, started: float, outcome: Outcome) -> None:
    taken_ms = round((time.perf_counter() - started) * 1000, 3)
    known = {"function": function.name, "invocation": invocation_id, "ms": taken_ms}
    if outcome.ok:
        log.info("succeeded", extra=known)
        return
    log.error("failed: %s", outcome.error, extra=known | {"trace": outcome.trace})


def _this_task() -> asyncio.Task[object]:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine always runs in a task
    return task
