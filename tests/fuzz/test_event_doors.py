"""Events: the webhook of Event Grid, the queue that it writes into, the poison of that queue."""

from collections.abc import Iterator

import pytest

from tests.fuzz.amount import law
from tests.fuzz.doors import Doors, decoded
from tests.fuzz.hostile import anything, as_bytes, one_of_mutated
from tests.shared.test_events import CAPTURES

EVENTS = one_of_mutated(CAPTURES)
DOORS = Doors()


@pytest.fixture(autouse=True, scope="module")
def closed() -> Iterator[None]:
    yield
    DOORS.close()


@law("Event Grid webhook", 14, as_bytes(EVENTS))
def test_an_event_is_taken_in_ignored_or_kept_with_a_reason(body: bytes) -> None:
    event = decoded(body)
    if event is not None:
        DOORS.through(lambda app: app.receive(event))


@law("Event Grid queue", 14, as_bytes(EVENTS | anything))
def test_a_message_of_events_is_taken_in_ignored_or_kept_with_a_reason(body: bytes) -> None:
    DOORS.through(lambda app: app.receive_queued(body))


@law("poison queues", 3, as_bytes(EVENTS | anything))
def test_poison_is_kept_whatever_it_is(body: bytes) -> None:
    _, letters = DOORS.through(lambda app: app.bury("event", body))
    assert len(letters) == 1
