"""Events in the app's own queue, into which only Event Grid's identity writes; the embedded store has one, too."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from shared.journal import Stage
from shared.store.sqlite_queue import SqliteQueues
from tests.e2e.fleet import Sort
from tests.e2e.world import World


def queue_up(world: World, body: Any) -> None:
    """Put a message into the queue of events, as Event Grid does."""
    with closing(sqlite3.connect(world.line["store"].removeprefix("sqlite:"), isolation_level=None)) as connection:
        SqliteQueues(connection).send("holdfast-events", body if isinstance(body, str) else json.dumps(body))


@pytest.mark.parametrize("as_array", [False, True], ids=["one", "array"])
async def test_an_event_is_heard_and_believed(world: World, as_array: bool) -> None:
    server = await world.a_server(Sort.PRIVATE)
    event = await world.lost_event(server)
    queue_up(world, [event] if as_array else event)
    record = await server.record(Stage.PROVEN)
    assert record.report.trigger is not None
    assert (record.report.trigger.id, record.report.trigger.authentic) == (f"queue:{event['id']}", True)


async def test_what_is_no_event_is_kept_with_the_reason(world: World) -> None:
    queue_up(world, "no event, but a text of test_queued_events")
    letter = await world.letter("no event, but a text of test_queued_events")
    assert letter.source == "event"
    assert letter.reason.startswith("a message of events is JSON")
