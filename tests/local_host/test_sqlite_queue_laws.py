"""The laws of the embedded queue, whatever the order of calls."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.store.sqlite_queue import QueueMessage, SqliteQueues
from tests.local_host.queue_clock import Clock, a_connection


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
