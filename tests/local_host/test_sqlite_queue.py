"""The laws of the embedded queue."""

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.store.sqlite_queue import MAX_BODY_BYTES, TIME_TO_LIVE_SECONDS, QueueMessage, SqliteQueues, create


class Clock:
    """A clock that is set by hand; UTC epoch seconds."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def a_connection(path: str = ":memory:") -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    create(connection)
    return connection


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


class Laws(RuleBasedStateMachine):
    """Any mix of calls, against a plain model: who may hold what, and nothing is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.connection = a_connection()
        self.queues = SqliteQueues(self.connection, self.clock)
        self.sent: dict[str, int] = {}
        self.visible_at: dict[str, float] = {}
        self.held: list[QueueMessage] = []

    def teardown(self) -> None:
        self.connection.close()

    @rule(delay=st.integers(0, 20))
    def send(self, delay: int) -> None:
        name = self.queues.send("q", "body", delay)
        self.sent[name] = 0
        self.visible_at[name] = self.clock.now + delay

    @rule(limit=st.integers(1, 4), seconds=st.integers(1, 20))
    def receive(self, limit: int, seconds: int) -> None:
        due = {name for name, at in self.visible_at.items() if at <= self.clock.now}
        messages = self.queues.receive("q", limit, seconds)
        assert len(messages) == min(limit, len(due))
        for message in messages:
            assert message.id in due
            self.sent[message.id] += 1
            assert message.dequeue_count == self.sent[message.id]
            self.visible_at[message.id] = self.clock.now + seconds
            self._hold(message)

    @precondition(lambda self: bool(self.held))
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        message = data.draw(st.sampled_from(self.held))
        assert self.queues.delete(message)
        self.held.remove(message)
        del self.sent[message.id], self.visible_at[message.id]

    @precondition(lambda self: bool(self.held))
    @rule(data=st.data(), seconds=st.integers(0, 20))
    def release(self, data: st.DataObject, seconds: int) -> None:
        message = data.draw(st.sampled_from(self.held))
        assert self.queues.release(message, seconds)
        assert not self.queues.delete(message)
        self.held.remove(message)
        self.visible_at[message.id] = self.clock.now + seconds

    @precondition(lambda self: bool(self.held))
    @rule(data=st.data(), seconds=st.integers(0, 20))
    def extend(self, data: st.DataObject, seconds: int) -> None:
        message = data.draw(st.sampled_from(self.held))
        extended = self.queues.extend(message, seconds)
        assert extended is not None
        self._hold(extended)
        self.visible_at[message.id] = self.clock.now + seconds

    @rule(seconds=st.integers(1, 30))
    def wait(self, seconds: int) -> None:
        self.clock.now += seconds

    @invariant()
    def nothing_is_lost(self) -> None:
        assert self.queues.depth("q") == len(self.sent)
        due = {name for name, at in self.visible_at.items() if at <= self.clock.now}
        assert {message.id for message in self.queues.peek("q", 1000)} == due

    def _hold(self, message: QueueMessage) -> None:
        self.held = [each for each in self.held if each.id != message.id] + [message]


TestLaws = Laws.TestCase
