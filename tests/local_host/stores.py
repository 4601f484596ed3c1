"""The two queue services, from the side of somebody who sends and looks."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueClient, TextBase64DecodePolicy, TextBase64EncodePolicy

from shared.store.sqlite_queue import SqliteQueues, create


class Store(Protocol):
    """`arguments` makes the host use this store."""

    arguments: tuple[str, str]

    def send(self, queue: str, body: str) -> None: ...

    def bodies(self, queue: str) -> list[str]: ...

    def depth(self, queue: str) -> int: ...


class SqliteStore:
    """A database file."""

    def __init__(self, path: Path) -> None:
        self.arguments = ("--sqlite", str(path))
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        create(self.connection)
        self.queues = SqliteQueues(self.connection)

    def send(self, queue: str, body: str) -> None:
        self.queues.send(queue, body)

    def bodies(self, queue: str) -> list[str]:
        return [message.body for message in self.queues.peek(queue, 32)]

    def depth(self, queue: str) -> int:
        return self.queues.depth(queue)


class AzuriteStore:
    """Azurite; every test has queues of its own, by a prefix."""

    def __init__(self, connection_string: str) -> None:
        self.arguments = ("--storage", connection_string)
        self._connection_string = connection_string

    def send(self, queue: str, body: str) -> None:
        with self.client(queue) as client:
            with suppress(ResourceExistsError):
                client.create_queue()
            client.send_message(body)

    def bodies(self, queue: str) -> list[str]:
        with self.client(queue) as client:
            try:
                return [str(message.content) for message in client.peek_messages(32)]
            except ResourceNotFoundError:
                return []

    def depth(self, queue: str) -> int:
        with self.client(queue) as client:
            try:
                return client.get_queue_properties().approximate_message_count or 0
            except ResourceNotFoundError:
                return 0

    def client(self, queue: str) -> QueueClient:
        return QueueClient.from_connection_string(
            self._connection_string,
            queue,
            message_encode_policy=TextBase64EncodePolicy(),
            message_decode_policy=TextBase64DecodePolicy(),
        )


@contextmanager
def sqlite_store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path)
    try:
        yield store
    finally:
        store.connection.close()
