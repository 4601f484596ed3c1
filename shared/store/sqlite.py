"""The store in one SQLite file: the default for the demo, the CLI, the tests, and one machine.

Several processes may use the same file. Each method is one trip to the store's thread and one transaction.
"""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from shared.journal import DeadLetter, Entry, Notice, Trigger, now
from shared.ports import DELIVER_QUEUE, RECONCILE_QUEUE, SWEEP_QUEUE, Commit, Document, Dossier, Lease, Pruned
from shared.store import sqlite_documents, sqlite_leases, sqlite_prune, sqlite_rows
from shared.store.documents import allowed_delay, checked_name, checked_prefix, wake_message
from shared.store.sqlite_queue import SqliteQueues
from shared.store.sqlite_schema import check_version, open_file, writing
from shared.store.sqlite_thread import SqliteThread
from shared.target import Subject, Target


class SqliteStore:
    """`Store` in the file `path`. `busy_seconds` is how long to wait while another process writes.

    `clock` decides when leases end and messages come due. The file is opened by the first call.
    """

    def __init__(self, path: str | Path, clock: Callable[[], datetime] = now, busy_seconds: float = 5.0) -> None:
        self._clock, self._path = clock, str(path)
        self._thread = SqliteThread(self._path, partial(open_file, self._path, busy_seconds))

    async def remember(self, trigger: Trigger) -> None:
        """Keep the trigger and wake its target."""

        def job(connection: sqlite3.Connection) -> None:
            with writing(connection):
                sqlite_rows.remember(connection, trigger)
                self._send(connection, RECONCILE_QUEUE, trigger.target)

        await self._thread.run(job)

    async def keep(self, trigger: Trigger) -> None:
        """Keep the trigger."""
        await self._thread.run(lambda connection: sqlite_rows.remember(connection, trigger))

    async def wake_sweep(self, target: Subject, after_seconds: float = 0) -> None:
        """Have the sweep look at the target."""
        await self._thread.run(lambda connection: self._send(connection, SWEEP_QUEUE, target.id, after_seconds))

    async def wake(self, target: Target, after_seconds: float = 0) -> None:
        """Have the target looked at."""
        await self._thread.run(lambda connection: self._send(connection, RECONCILE_QUEUE, target.id, after_seconds))

    async def wake_delivery(self, target: Subject, after_seconds: float = 0) -> None:
        """Have the target's outbox emptied."""
        await self._thread.run(lambda connection: self._send(connection, DELIVER_QUEUE, target.id, after_seconds))

    async def acquire(self, name: str, seconds: float) -> Lease | None:
        """Take the lease, or None."""
        return await self._thread.run(
            lambda connection: sqlite_leases.acquire(connection, name, seconds, self._clock())
        )

    async def renew(self, lease: Lease) -> Lease:
        """Prolong the lease."""
        return await self._thread.run(lambda connection: sqlite_leases.renew(connection, lease, self._clock()))

    async def release(self, lease: Lease) -> None:
        """Give the lease back."""
        await self._thread.run(lambda connection: sqlite_leases.release(connection, lease))

    async def load(self, target: Subject) -> Dossier:
        """Read the target's present."""
        return await self._thread.run(lambda connection: sqlite_rows.load(connection, target.id))

    async def commit(self, target: Subject, version: str, commit: Commit) -> str:
        """Apply the commit, and wake the delivery for its notices."""

        def job(connection: sqlite3.Connection) -> str:
            with writing(connection):
                new_version = sqlite_rows.apply(connection, target.id, version, commit)
                if commit.notices:
                    self._send(connection, DELIVER_QUEUE, target.id)
                return new_version

        return await self._thread.run(job)

    async def update_notice(self, target: Subject, notice: Notice) -> None:
        """Replace a waiting notice."""
        await self._thread.run(lambda connection: sqlite_rows.update_notice(connection, target.id, notice))

    async def finish_notice(self, target: Subject, notice: Notice, entry: Entry) -> None:
        """Move a notice from the outbox to the record; only once."""

        def job(connection: sqlite3.Connection) -> None:
            with writing(connection):
                if sqlite_rows.remove_notice(connection, target.id, notice):
                    sqlite_rows.add_entries(connection, target.id, [entry])

        await self._thread.run(job)

    async def document(self, name: str) -> Document | None:
        """Read a document of the fleet."""
        checked_name(name)
        return await self._thread.run(lambda connection: sqlite_documents.one(connection, name))

    async def documents(self, prefix: str, limit: int = 1000) -> list[Document]:
        """List a collection, or a part of it."""
        checked_prefix(prefix)
        return await self._thread.run(lambda connection: sqlite_documents.some(connection, prefix, limit))

    async def write_document(self, name: str, body: bytes, version: str = "") -> str:
        """Compare and swap."""
        checked_name(name)
        return await self._thread.run(lambda connection: sqlite_documents.write(connection, name, body, version))

    async def remove_document(self, name: str) -> None:
        """Remove a document."""
        checked_name(name)
        await self._thread.run(lambda connection: sqlite_documents.remove(connection, name))

    async def record(self, record: str) -> list[Entry]:
        """One record."""
        return await self._thread.run(lambda connection: sqlite_rows.record(connection, record))

    async def history(self, target: Subject | None = None, limit: int = 100) -> list[Entry]:
        """Record entries."""
        wanted = target.id if target else None
        return await self._thread.run(lambda connection: sqlite_rows.history(connection, wanted, limit))

    async def prune_records(self, before: datetime, limit: int, after: str = "") -> Pruned:
        """Drop old records that are not open."""

        def job(connection: sqlite3.Connection) -> Pruned:
            with writing(connection):
                return sqlite_prune.records(connection, before, self._clock(), limit, after)

        return await self._thread.run(job)

    async def prune_letters(self, before: datetime, limit: int) -> int:
        """Drop old dead letters."""
        return await self._thread.run(lambda connection: sqlite_prune.letters(connection, before, limit))

    async def bury(self, letter: DeadLetter) -> None:
        """Keep a dead letter."""
        await self._thread.run(lambda connection: sqlite_rows.bury(connection, letter))

    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """The dead letters."""
        return await self._thread.run(lambda connection: sqlite_rows.dead_letters(connection, limit))

    async def unbury(self, letter_id: str) -> None:
        """Remove a dead letter."""
        await self._thread.run(lambda connection: sqlite_rows.unbury(connection, letter_id))

    async def ping(self) -> None:
        """Take the write lock, see that the file may still be used, and give the lock back."""

        def job(connection: sqlite3.Connection) -> None:
            with writing(connection):
                check_version(connection, self._path)

        await self._thread.run(job)

    async def close(self) -> None:
        """Let go of the file."""
        await self._thread.close()

    def _send(self, connection: sqlite3.Connection, queue: str, target_id: str, after_seconds: float = 0) -> None:
        queues = SqliteQueues(connection, clock=lambda: self._clock().timestamp())
        queues.send(queue, wake_message(target_id), delay_seconds=allowed_delay(after_seconds))
