"""Work messages: only a name gets through, and what is no name is kept with a reason."""

import json
from collections.abc import Iterator

import pytest

from shared.errors import MalformedEvent
from shared.target import parse_subject
from tests.builders import a_target
from tests.fuzz.amount import law
from tests.fuzz.doors import Doors
from tests.fuzz.hostile import anything, as_bytes, mutated

DOORS = Doors()
MESSAGE = {"target": a_target().id}


@pytest.fixture(autouse=True, scope="module")
def closed() -> Iterator[None]:
    yield
    DOORS.close()


def names_nothing(body: bytes) -> bool:
    try:
        parse_subject(str(json.loads(body)["target"]))
    except (ValueError, TypeError, KeyError, RecursionError, MalformedEvent):
        return True
    return False


@law("work queues", 6, as_bytes(mutated(MESSAGE) | anything).filter(names_nothing))
def test_a_message_that_names_no_server_is_kept(body: bytes) -> None:
    for queue in ("reconcile", "deliver"):
        _, letters = DOORS.through(lambda app, queue=queue: getattr(app, queue)(body))  # type: ignore[misc]
        assert len(letters) <= 1


@law("poison queues", 3, as_bytes(mutated(MESSAGE) | anything))
def test_poison_of_work_is_kept_whatever_it_is(body: bytes) -> None:
    for queue in ("reconcile", "deliver"):
        _, letters = DOORS.through(lambda app, queue=queue: app.bury(queue, body))  # type: ignore[misc]
        assert len(letters) == 1
