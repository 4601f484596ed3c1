"""The embedded queue, call by call."""

import sqlite3
from collections.abc import Iterator

import pytest

from shared.store.sqlite_queue import MAX_BODY_BYTES, TIME_TO_LIVE_SECONDS, QueueMessage, SqliteQueues
from tests.local_host.queue_clock import Clock, a_connection


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = a_connection()
    yield connection
    connection.close()


@pytest.fixture
def queues(connection: sqlite3.Connection, clock: Clock) -> SqliteQueues:
    return SqliteQueues(connection, clock)


def take(queues: SqliteQueues, seconds: float = 30) -> QueueMessage:
    (message,) = queues.receive("q", 1, seconds)
    return message


def test_a_received_message_is_hidden_till_its_time_is_over(queues: SqliteQueues, clock: Clock) -> None:
    queues.send("q", "a")
    first = take(queues)
    assert queues.receive("q", 1, 30) == []
    clock.now += 30
    again = take(queues)
    assert (first.dequeue_count, again.dequeue_count) == (1, 2)
    assert first.pop_receipt != again.pop_receipt


def test_only_the_newest_pop_receipt_opens(queues: SqliteQueues, clock: Clock) -> None:
    queues.send("q", "a")
    old = take(queues)
    clock.now += 30
    new = take(queues)
    assert not queues.delete(old)
    assert not queues.release(old)
    assert queues.extend(old, 30) is None
    assert queues.delete(new)
    assert not queues.delete(new)


def test_extending_changes_the_receipt_and_not_the_count(queues: SqliteQueues, clock: Clock) -> None:
    queues.send("q", "a")
    message = take(queues, 30)
    clock.now += 29
    extended = queues.extend(message, 30)
    assert extended is not None
    assert extended.dequeue_count == 1
    clock.now += 29
    assert queues.receive("q", 1, 30) == []
    assert not queues.delete(message)
    assert queues.delete(extended)


def test_a_released_message_comes_back_when_asked(queues: SqliteQueues, clock: Clock) -> None:
    queues.send("q", "a")
    assert queues.release(take(queues), after_seconds=5)
    assert queues.receive("q", 1, 30) == []
    clock.now += 5
    assert take(queues).dequeue_count == 2


def test_a_delayed_message_is_counted_but_not_seen(queues: SqliteQueues, clock: Clock) -> None:
    queues.send("q", "a", delay_seconds=10)
    assert (queues.depth("q"), queues.peek("q", 9), queues.receive("q", 9, 30)) == (1, [], [])
    clock.now += 10
    assert take(queues).body == "a"


def test_messages_come_in_the_order_they_were_sent(queues: SqliteQueues, clock: Clock) -> None:
    for body in "abcd":
        queues.send("q", body)
        clock.now += 0.001
    assert [message.body for message in queues.peek("q", 2)] == ["a", "b"]
    assert [message.body for message in queues.receive("q", 3, 30)] == ["a", "b", "c"]


def test_queues_do_not_mix(queues: SqliteQueues) -> None:
    queues.send("q", "a")
    assert queues.receive("other", 1, 30) == []
    assert queues.depth("other") == 0


def test_an_expired_message_is_gone(queues: SqliteQueues, clock: Clock, connection: sqlite3.Connection) -> None:
    queues.send("q", "a")
    clock.now += TIME_TO_LIVE_SECONDS
    assert (queues.depth("q"), queues.peek("q", 1), queues.receive("q", 1, 30)) == (0, [], [])
    assert connection.execute("SELECT count(*) FROM queue_messages").fetchone() == (0,)


def test_what_storage_would_refuse_is_refused(queues: SqliteQueues) -> None:
    queues.send("q", "ü" * (MAX_BODY_BYTES // 2))
    with pytest.raises(ValueError, match="bytes"):
        queues.send("q", "ü" * (MAX_BODY_BYTES // 2) + "u")
    with pytest.raises(ValueError, match="delay"):
        queues.send("q", "a", delay_seconds=-1)


def test_sending_joins_an_open_transaction(queues: SqliteQueues, connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN")
    queues.send("q", "a")
    connection.execute("ROLLBACK")
    assert queues.depth("q") == 0


def test_looking_at_an_empty_queue_takes_no_write_lock(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = str(tmp_path_factory.mktemp("queue") / "q.db")
    writer, reader = a_connection(path), sqlite3.connect(path, timeout=0, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("BEGIN IMMEDIATE")
    assert SqliteQueues(reader).receive("q", 1, 30) == []
    writer.close()
    reader.close()
