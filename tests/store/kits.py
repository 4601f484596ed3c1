"""What the contract suite needs of an adapter beside `Store`: a second handle, a look into queues, time."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from azure.storage.blob.aio import BlobLeaseClient, BlobServiceClient
from azure.storage.queue import TextBase64DecodePolicy
from azure.storage.queue.aio import QueueClient

from shared.ports import RECONCILE_QUEUE, SWEEP_QUEUE, Lease, Store
from shared.store.azure import AzureStore
from shared.store.azure_clients import AzureSettings
from shared.store.azure_rows import partition_of
from shared.store.sqlite import SqliteStore
from shared.store.sqlite_queue import SqliteQueues
from shared.target import Subject, Target
from tests.fakes.store import MemoryStore, Wake


@dataclass
class Clock:
    """The present moment, which a test can move."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


class Kit(Protocol):
    """One store, empty at first."""

    clock: Clock

    def open(self) -> Store:
        """A handle, as another process would open it."""

    async def woken(self, queue: str) -> list[str]:
        """The targets that visible messages name, oldest first."""

    async def depth(self, queue: str) -> int:
        """How many messages there are, those that are not yet visible too."""

    async def let_pass(self, seconds: float) -> None:
        """Let messages grow older."""

    async def expire(self, lease: Lease) -> None:
        """Let a minute pass for the lease."""


@dataclass
class FakeKit:
    """The store in memory; every handle is the same one."""

    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self._store = MemoryStore(self.clock)

    def open(self) -> Store:
        return self._store

    async def woken(self, queue: str) -> list[str]:
        return [wake.target.id for wake in self._wakes(queue) if wake.due <= self.clock()]

    async def depth(self, queue: str) -> int:
        return len(self._wakes(queue))

    async def let_pass(self, seconds: float) -> None:
        self.clock.move(seconds)

    async def expire(self, lease: Lease) -> None:
        self.clock.move(61)

    def _wakes(self, queue: str) -> Sequence[Wake[Target] | Wake[Subject]]:
        if queue == RECONCILE_QUEUE:
            return self._store.reconcile
        return self._store.sweep if queue == SWEEP_QUEUE else self._store.deliver


@dataclass
class SqliteKit:
    """A file in a directory of the test's own; time passes by moving the clock."""

    path: Path
    clock: Clock = field(default_factory=Clock)

    def open(self) -> Store:
        return SqliteStore(self.path, self.clock)

    async def woken(self, queue: str) -> list[str]:
        with self._queues() as queues:
            return [json.loads(message.body)["target"] for message in queues.peek(queue, 100)]

    async def depth(self, queue: str) -> int:
        with self._queues() as queues:
            return queues.depth(queue)

    async def let_pass(self, seconds: float) -> None:
        self.clock.move(seconds)

    async def expire(self, lease: Lease) -> None:
        self.clock.move(61)

    @contextmanager
    def _queues(self) -> Iterator[SqliteQueues]:
        connection = sqlite3.connect(self.path, isolation_level=None)
        try:
            yield SqliteQueues(connection, clock=lambda: self.clock().timestamp())
        finally:
            connection.close()


@dataclass
class AzureKit:
    """An account on Azurite, with names of the test's own; the account's time is real, so a lease is broken instead."""

    connection_string: str
    prefix: str
    clock: Clock = field(default_factory=Clock)

    def open(self) -> Store:
        return AzureStore(AzureSettings(self.connection_string), self.prefix, self.clock)

    async def woken(self, queue: str) -> list[str]:
        async with self._queue(queue) as client:
            return [json.loads(message.content)["target"] for message in await client.peek_messages(32)]

    async def depth(self, queue: str) -> int:
        async with self._queue(queue) as client:
            return (await client.get_queue_properties()).approximate_message_count or 0

    async def let_pass(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def expire(self, lease: Lease) -> None:
        self.clock.move(61)
        async with BlobServiceClient.from_connection_string(self.connection_string) as service:
            blob = service.get_blob_client(f"{self.prefix}holdfast-leases", partition_of(lease.name))
            await BlobLeaseClient(blob).break_lease(lease_break_period=0)

    def _queue(self, queue: str) -> QueueClient:
        return QueueClient.from_connection_string(
            self.connection_string, f"{self.prefix}{queue}", message_decode_policy=TextBase64DecodePolicy()
        )
