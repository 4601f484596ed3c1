"""The host: one app, its queue listeners, its timers, its doors.

One app per process, because the worker library's registry is global. In a test or benchmark:

    host = LocalHost(app_dir, SqliteSource(path))
    async with host.running() as address:
        await host.invoke("function_name", "text")
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from local_host import worker
from local_host.address import Address, address_of
from local_host.admin import AdminDoor
from local_host.by_hand import call_by_hand
from local_host.calls import Call
from local_host.errors import UnknownFunction
from local_host.event_grid import EventGridDoor
from local_host.event_hubs import EventHubDoor
from local_host.functions import Function, QueueTrigger, TimerTrigger, described
from local_host.host_json import read_host_json
from local_host.http_door import HttpDoor
from local_host.invocations import Invocations
from local_host.message_handling import MessageHandling
from local_host.options import Options
from local_host.outputs import Outputs
from local_host.queue_listener import QueueListener
from local_host.queue_source import QueueSource
from local_host.server import application, serve
from local_host.timers import Timer
from local_host.worker import Outcome

log = logging.getLogger("local_host")
# The platform says so to the app in this variable.
_SIGNS_PEOPLE_IN = "WEBSITE_AUTH_ENABLED"


class LocalHost:
    """Runs the app in `app_dir` with the queues of `queues`."""

    def __init__(self, app_dir: Path, queues: QueueSource, options: Options | None = None) -> None:
        self._app_dir = app_dir
        self._queues = queues
        self._options = options or Options()
        self._functions: dict[str, Function] = {}
        self._listeners: list[QueueListener] = []
        self._polls: list[asyncio.Task[None]] = []
        self._ticks: list[asyncio.Task[None]] = []
        self._host_json = read_host_json(app_dir)
        timeout = self._host_json.function_timeout_seconds
        self._invocations = Invocations(Outputs(queues), timeout, self._after_invocation)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Address]:
        """Start, give the address, and at the end let invocations in flight finish."""
        await self._queues.open(self._host_json.queues.base64)
        self._announce_sign_in()
        runner: web.AppRunner | None = None
        try:
            indexed = await worker.load(self._app_dir)
            self._functions = {each.name: described(each, os.environ) for each in indexed}
            self._make_listeners()
            timers = self._timers()
            runner, http = await serve(self._doors(), self._options.port, self._options.drain_seconds)
            # Core Tools and Azure name the host here, too; nothing has run yet that could have missed it.
            os.environ["WEBSITE_HOSTNAME"] = http.removeprefix("http://")
            self._polls = [_begun(listener.listen()) for listener in self._listeners]
            self._ticks = [_begun(timer.tick()) for timer in timers]
            yield address_of(http, self._enabled().values(), self._options.keys)
        finally:
            await self._stop(runner)

    async def invoke(self, name: str, what: str | Call = "") -> Outcome:
        """Run a function directly: with a text as the admin door takes it, or with a finished call."""
        function = self._functions.get(name)
        if function is None:
            raise UnknownFunction(f"{name}, there are: {', '.join(self._functions)}")
        call = call_by_hand(function, what) if isinstance(what, str) else what
        return await self._invocations.run(function, call)

    def current_invocation(self) -> dict[str, str]:
        """Name the function and invocation this code runs in; empty outside of any. For log lines."""
        current = worker.current_invocation_id()
        running = self._invocations.in_flight.get(current or "")
        return {"function": running.function, "invocation": str(current)} if running else {}

    def _enabled(self) -> dict[str, Function]:
        return {name: function for name, function in self._functions.items() if not function.disabled}

    def _make_listeners(self) -> None:
        options = self._host_json.queues
        for function in self._enabled().values():
            if isinstance(function.trigger, QueueTrigger):
                handling = MessageHandling(
                    function, self._queues, options, self._invocations, self._options.lease_seconds
                )
                self._listeners.append(QueueListener(function.trigger.queue, self._queues, options, handling))

    def _timers(self) -> list[Timer]:
        return [
            Timer(function, function.trigger, self._invocations)
            for function in self._enabled().values()
            if self._options.timers and isinstance(function.trigger, TimerTrigger)
        ]

    def _doors(self) -> web.Application:
        keys, invocations = self._options.keys, self._invocations
        prefix, enabled = self._host_json.route_prefix, self._enabled()
        return application(
            EventGridDoor(enabled, invocations, keys),
            EventHubDoor(enabled, invocations, keys),
            AdminDoor(self._functions, invocations, keys),
            HttpDoor(enabled.values(), prefix, invocations, keys),
            self._options.sign_in,
        )

    def _announce_sign_in(self) -> None:
        """An app trusts the headers that say who is signed in for this variable's sake alone."""
        os.environ.pop(_SIGNS_PEOPLE_IN, None)
        if self._options.sign_in is not None:
            os.environ[_SIGNS_PEOPLE_IN] = "True"

    def _after_invocation(self, reached: frozenset[str]) -> None:
        for listener in self._listeners:
            if self._queues.rhythm.ask_after_invocation or listener.queue in reached:
                listener.wake()

    async def _stop(self, runner: web.AppRunner | None) -> None:
        for tick in self._ticks:
            tick.cancel()
        for listener in self._listeners:
            listener.stop()
        if runner is not None:
            await asyncio.gather(*(site.stop() for site in runner.sites))
        # a fetch under way ends first: what it brings is to be given back
        if self._polls:
            await asyncio.wait(self._polls, timeout=self._options.drain_seconds)
        await self._invocations.settle(self._options.drain_seconds)
        await asyncio.gather(*(listener.finish() for listener in self._listeners))
        for poll in self._polls:
            poll.cancel()
        await asyncio.gather(*self._polls, *self._ticks, return_exceptions=True)
        if runner is not None:
            await runner.cleanup()
        await self._queues.close()
        worker.stop()


def _begun(loop: Coroutine[None, None, None]) -> asyncio.Task[None]:
    task = asyncio.create_task(loop)
    task.add_done_callback(_report_death)
    return task


def _report_death(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.critical("a listener or timer died", exc_info=task.exception())
