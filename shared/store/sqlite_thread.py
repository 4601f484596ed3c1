"""The one thread on which a SQLite store works, so that the event loop never waits for the disk.

Jobs that have queued up are worked off together and answered together: under load one wake-up of the event loop
serves many, and the two threads do not fight for the interpreter lock at every statement.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.errors import StoreUnavailable

type Job[T] = Callable[[sqlite3.Connection], T]

_AT_ONCE = 32


@dataclass(slots=True)
class _Call:
    job: Job[Any]
    future: asyncio.Future[Any]
    result: object = None
    error: BaseException | None = None

    def settle(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class SqliteThread:
    """Runs jobs, one after the other, with a connection that is opened when the first one comes."""

    def __init__(self, path: str, open_connection: Callable[[], sqlite3.Connection]) -> None:
        self._path = path
        self._open = open_connection
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._connection: sqlite3.Connection | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    async def run[T](self, job: Job[T]) -> T:
        """Run the job in the thread. Raises StoreUnavailable where SQLite fails, else what the job raises."""
        if self._closed:
            raise StoreUnavailable(f"the store {self._path} is closed")
        if self._thread is None:
            # A daemon: a worker that the host ends without closing its store must not hang.
            self._thread = threading.Thread(target=self._work, name="holdfast-sqlite", daemon=True)
            self._thread.start()
        call = _Call(job, asyncio.get_running_loop().create_future())
        self._calls.put(call)
        result: T = await call.future
        return result

    async def close(self) -> None:
        """Finish what was asked for, then let go of the file."""
        self._closed = True
        if self._thread is None:
            return
        self._calls.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        going = True
        while going:
            calls = self._waiting()
            going = None not in calls
            asked = [call for call in calls if call is not None]
            for call in asked:
                self._perform(call)
            _answer(asked)
        if self._connection is not None:
            self._connection.close()

    def _waiting(self) -> list[_Call | None]:
        calls = [self._calls.get()]
        try:
            while calls[-1] is not None and len(calls) < _AT_ONCE:
                calls.append(self._calls.get_nowait())
        except queue.Empty:
            pass
        return calls

    def _perform(self, call: _Call) -> None:
        try:
            if self._connection is None:
                self._connection = self._open()
            call.result = call.job(self._connection)
        except sqlite3.Error as error:
            call.error = StoreUnavailable(f"the store {self._path} cannot be used: {error}")
            call.error.__cause__ = error
        except BaseException as error:  # noqa: BLE001 - it is raised again where the job was asked for
            call.error = error


def _answer(calls: list[_Call]) -> None:
    for loop in {call.future.get_loop() for call in calls}:
        mine = [call for call in calls if call.future.get_loop() is loop]
        try:
            loop.call_soon_threadsafe(_settle, mine)
        except RuntimeError:
            # The loop is closed: nobody waits any more.
            continue


def _settle(calls: list[_Call]) -> None:
    for call in calls:
        call.settle()
