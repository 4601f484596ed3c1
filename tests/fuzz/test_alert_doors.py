"""Security alerts: batches of an Event Hub, events of a topic, web requests with a key or a sign-in."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import strategies as st

from shared.alert_door import Fate
from tests.alerts.shapes import CAPTURES
from tests.fuzz.amount import law
from tests.fuzz.doors import Doors, decoded
from tests.fuzz.hostile import anything, as_bytes, one_of_mutated, text

ALERTS = one_of_mutated(CAPTURES)
BODIES = as_bytes(ALERTS | st.lists(ALERTS, max_size=3) | anything)
HEADERS = st.dictionaries(st.sampled_from(["x-ms-client-principal", "authorization"]), text, max_size=2)
DOORS = Doors()


@pytest.fixture(autouse=True, scope="module")
def closed() -> Iterator[None]:
    yield
    DOORS.close()


@law("Event Hub batches", 8, st.lists(BODIES, min_size=1, max_size=3))
def test_a_batch_is_taken_in_whole_or_kept_with_a_reason(bodies: list[bytes]) -> None:
    fates, letters = DOORS.through(lambda app: app.alerts.receive(bodies, "event hub"))
    assert set(fates) <= {str(fate) for fate in Fate}
    assert bool(letters) == (str(Fate.UNREADABLE) in fates)


@law("custom topic of alerts", 5, as_bytes(ALERTS))
def test_an_event_of_a_topic_is_taken_in_or_kept_with_a_reason(body: bytes) -> None:
    event = decoded(body)
    if event is not None:
        DOORS.through(lambda app: app.alerts.receive_event(event))


@law("alert requests", 5, BODIES)
def test_a_request_is_answered_with_202_or_400_and_json(body: bytes) -> None:
    (status, said), _ = DOORS.through(lambda app: app.alerts.posted(body))
    assert status in (202, 400)
    assert isinstance(json.loads(said), dict)


@law("alert requests with a sign-in", 3, HEADERS, BODIES)
def test_whoever_is_not_signed_in_leaves_nothing(headers: dict[str, str], body: bytes) -> None:
    (status, said), letters = DOORS.through(lambda app: app.alerts.posted_signed(headers, body))
    assert (status in (401, 403), letters) == (True, [])
    assert json.loads(said).keys() == {"error"}
