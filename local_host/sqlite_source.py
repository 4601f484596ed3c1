"""The embedded queues as a queue source: no server, and an event passes through in milliseconds."""

import asyncio
import random
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from local_host.errors import QueueUnavailable
from local_host.queue_source import Rhythm
from shared.store.sqlite_queue import QueueMessage, SqliteQueues, create

# how long another process may hold the write lock before we call the file unavailable
_PATIENCE_SECONDS = 10.0
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class SqliteSource:
    """Calls take tens of microseconds, so they run on the event loop; waiting for a lock does not."""

    rhythm = Rhythm(shortest=0.005, longest=0.05, ask_after_invocation=True)

    def __init__(self, path: Path) -> None:
        self._path = path
        # timeout 0: a lock is waited for with `asyncio.sleep`, never inside SQLite
        self._connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        self._queues = SqliteQueues(self._connection)

    async def open(self, base64_bodies: bool) -> None:  # noqa: ARG002 - nothing is encoded here
        await self._patiently(lambda: self._connection.execute("PRAGMA journal_mode = WAL"))
        # in WAL mode NORMAL loses nothing when a process dies; only a power cut can undo the last commits
        await self._patiently(lambda: self._connection.execute("PRAGMA synchronous = NORMAL"))
        await self._patiently(lambda: create(self._connection))

    async def receive(self, queue: str, limit: int, lease_seconds: float) -> Sequence[QueueMessage]:
        return await self._patiently(lambda: self._queues.receive(queue, limit, lease_seconds))

    async def renew(self, message: QueueMessage, lease_seconds: float) -> QueueMessage | None:
        return await self._patiently(lambda: self._queues.extend(message, lease_seconds))

    async def delete(self, message: QueueMessage) -> bool:
        return await self._patiently(lambda: self._queues.delete(message))

    async def release(self, message: QueueMessage, after_seconds: float) -> bool:
        return await self._patiently(lambda: self._queues.release(message, after_seconds))

    async def send(self, queue: str, body: str) -> None:
        await self._patiently(lambda: self._queues.send(queue, body))

    async def close(self) -> None:
        self._connection.close()

    async def _patiently[T](self, ask: Callable[[], T]) -> T:
        deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while True:
            try:
                return ask()
            except sqlite3.Error as error:
                code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
                if code not in _LOCKED or asyncio.get_running_loop().time() > deadline:
                    raise QueueUnavailable(f"{self._path}: {error}") from error
            except ValueError as error:
                raise QueueUnavailable(str(error)) from error
            # jitter, so that two hosts do not keep meeting
            await asyncio.sleep(random.uniform(0.001, 0.004))  # noqa: S311
