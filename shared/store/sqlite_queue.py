"""The embedded work queue: Azure Storage Queue semantics in one SQLite table.

A message that is received stays in the table and is invisible for a while; only who holds its
newest pop receipt can delete, release or extend it. So a process that dies loses nothing, and two
processes never hold the same message at once. All times are UTC epoch seconds.

The caller opens the connection, in WAL mode and with `isolation_level=None`; `send` then joins a
transaction that is already open on it. (Semantics: learn.microsoft.com, "Put Message", "Get
Messages", "Update Message" in the Queue Storage REST reference.)
"""

import sqlite3
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

SCHEMA = """
CREATE TABLE IF NOT EXISTS queue_messages (
    id            TEXT PRIMARY KEY,
    queue         TEXT NOT NULL,
    body          TEXT NOT NULL,
    dequeue_count INTEGER NOT NULL,
    inserted_at   REAL NOT NULL,
    visible_at    REAL NOT NULL,
    expires_at    REAL NOT NULL,
    pop_receipt   TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS queue_messages_by_visibility ON queue_messages (queue, visible_at, inserted_at);
"""

# 64 KiB is what Storage takes after base64, so what fits here fits there
MAX_BODY_BYTES = 48 * 1024
# the default time-to-live of a Storage message: seven days
TIME_TO_LIVE_SECONDS = 7 * 24 * 3600.0

_COLUMNS = "queue, id, body, dequeue_count, inserted_at, visible_at, expires_at, pop_receipt"
_INSERT = f"INSERT INTO queue_messages ({_COLUMNS}) VALUES (?, ?, ?, 0, ?, ?, ?, '')"  # noqa: S608
_IS_ANY_DUE = "SELECT 1 FROM queue_messages WHERE queue = ? AND visible_at <= ? LIMIT 1"
_DUE = (
    f"SELECT {_COLUMNS} FROM queue_messages WHERE queue = ? AND visible_at <= ? "  # noqa: S608
    "AND expires_at > ? ORDER BY visible_at, inserted_at LIMIT ?"
)
_TAKE = (
    "UPDATE queue_messages SET visible_at = ?1 + ?2, dequeue_count = dequeue_count + 1, "  # noqa: S608
    "pop_receipt = lower(hex(randomblob(16))) WHERE id IN "
    "(SELECT id FROM queue_messages WHERE queue = ?3 AND visible_at <= ?1 AND expires_at > ?1 "
    f"ORDER BY visible_at, inserted_at LIMIT ?4) RETURNING {_COLUMNS}"
)
_PURGE = "DELETE FROM queue_messages WHERE queue = ? AND expires_at <= ?"
_DELETE = "DELETE FROM queue_messages WHERE id = ? AND pop_receipt = ?"
_MOVE = (
    "UPDATE queue_messages SET visible_at = ?, pop_receipt = lower(hex(randomblob(16))) "  # noqa: S608
    f"WHERE id = ? AND pop_receipt = ? RETURNING {_COLUMNS}"
)
_DEPTH = "SELECT count(*) FROM queue_messages WHERE queue = ? AND expires_at > ?"


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """One message as it was when it was read. Times are UTC epoch seconds."""

    queue: str
    id: str
    body: str
    dequeue_count: int
    inserted_at: float
    visible_at: float
    expires_at: float
    pop_receipt: str


def create(connection: sqlite3.Connection) -> None:
    """Make the table where it is missing; joins no transaction (`executescript` commits)."""
    connection.executescript(SCHEMA)


class SqliteQueues:
    """All queues of one database file, seen through one connection."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._clock = clock

    def send(self, queue: str, body: str, delay_seconds: float = 0.0) -> str:
        """Add a message that becomes visible after `delay_seconds`; returns its id."""
        size = len(body.encode())
        if size > MAX_BODY_BYTES:
            raise ValueError(f"message for {queue} has {size} bytes, at most {MAX_BODY_BYTES} fit")
        if not 0 <= delay_seconds < TIME_TO_LIVE_SECONDS:
            raise ValueError(f"delay of {delay_seconds} s, wanted 0 to less than {TIME_TO_LIVE_SECONDS} s")
        now = self._clock()
        message_id = str(uuid.uuid4())
        values = (queue, message_id, body, now, now + delay_seconds, now + TIME_TO_LIVE_SECONDS)
        self._connection.execute(_INSERT, values)
        return message_id

    def receive(self, queue: str, limit: int, visibility_seconds: float) -> list[QueueMessage]:
        """Take up to `limit` messages and hide them for `visibility_seconds`, atomically."""
        now = self._clock()
        # an idle queue is asked many times a second: it must cost a read, never a write lock
        if self._connection.execute(_IS_ANY_DUE, (queue, now)).fetchone() is None:
            return []
        rows = self._connection.execute(_TAKE, (now, visibility_seconds, queue, limit)).fetchall()
        if not rows:
            self._connection.execute(_PURGE, (queue, now))
        # RETURNING promises no order
        return sorted((QueueMessage(*row) for row in rows), key=lambda message: message.inserted_at)

    def peek(self, queue: str, limit: int) -> list[QueueMessage]:
        """Look at visible messages and leave them as they are; their pop receipts are of no use."""
        now = self._clock()
        rows = self._connection.execute(_DUE, (queue, now, now, limit))
        return [QueueMessage(*row) for row in rows]

    def delete(self, message: QueueMessage) -> bool:
        """Remove the message; False when somebody else received or changed it since."""
        cursor = self._connection.execute(_DELETE, (message.id, message.pop_receipt))
        return cursor.rowcount == 1

    def release(self, message: QueueMessage, after_seconds: float = 0.0) -> bool:
        """Give the message back, visible after `after_seconds`; False when it is not held any more."""
        return self._move(message, after_seconds) is not None

    def extend(self, message: QueueMessage, visibility_seconds: float) -> QueueMessage | None:
        """Hide the message for `visibility_seconds` from now; the result carries the new pop receipt."""
        return self._move(message, visibility_seconds)

    def depth(self, queue: str) -> int:
        """Count the queue's messages, the invisible ones too."""
        row: tuple[int] = self._connection.execute(_DEPTH, (queue, self._clock())).fetchone()
        return row[0]

    def _move(self, message: QueueMessage, seconds: float) -> QueueMessage | None:
        values = (self._clock() + seconds, message.id, message.pop_receipt)
        row = self._connection.execute(_MOVE, values).fetchone()
        return None if row is None else QueueMessage(*row)
