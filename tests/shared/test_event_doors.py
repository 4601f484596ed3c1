"""The two doors of events: whoever holds a key comes in by the webhook, Event Grid's identity alone by the queue."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from remediators import load_all
from shared.journal import Trigger
from shared.runtime import Holdfast
from shared.settings import read_settings
from shared.store.sqlite import SqliteStore
from tests.builders import a_target
from tests.shared.test_events import CAPTURES

SCHEMAS = pytest.mark.parametrize("name", ["eventgrid-firewall-rule-write", "cloudevents-firewall-rule-write"])


@pytest.fixture
async def holdfast(tmp_path: Path) -> AsyncIterator[Holdfast]:
    opened = Holdfast(read_settings({"HOLDFAST_STORE": f"sqlite:{tmp_path / 'holdfast.db'}"}), load_all)
    yield opened
    await opened.close()


async def waiting(holdfast: Holdfast) -> list[Trigger]:
    return list((await holdfast.parts.store.load(a_target())).triggers)


def posted(event: dict[str, Any]) -> SimpleNamespace:
    """The event as the worker library hands it to the webhook's function."""
    time = SimpleNamespace(isoformat=lambda: event["eventTime"])
    return SimpleNamespace(
        id=event["id"],
        subject=event["subject"],
        topic=event["topic"],
        event_type=event["eventType"],
        event_time=time,
        get_json=lambda: event["data"],
    )


@SCHEMAS
async def test_an_event_from_the_queue_is_authentic(holdfast: Holdfast, name: str) -> None:
    await holdfast.receive_queued(json.dumps(CAPTURES[name]).encode())
    (trigger,) = await waiting(holdfast)
    assert trigger.authentic
    assert (trigger.id, trigger.child) == (f"queue:{CAPTURES[name]['id']}", "firewallrules/office")


async def test_an_event_from_the_webhook_is_not(holdfast: Holdfast) -> None:
    await holdfast.receive(posted(CAPTURES["eventgrid-firewall-rule-write"]))
    (trigger,) = await waiting(holdfast)
    assert not trigger.authentic


async def test_a_forged_copy_does_not_take_the_place_of_the_authentic_event(holdfast: Holdfast) -> None:
    event = CAPTURES["eventgrid-firewall-rule-write"]
    await holdfast.receive(posted(event))
    await holdfast.receive_queued(json.dumps(event).encode())
    assert [trigger.authentic for trigger in await waiting(holdfast)] == [False, True]


async def test_the_webhook_cannot_use_the_ids_of_the_queue(holdfast: Holdfast) -> None:
    event = CAPTURES["eventgrid-firewall-rule-write"]
    await holdfast.receive(posted(event | {"id": f"queue:{event['id']}"}))
    (letter,) = await holdfast.parts.store.dead_letters()
    assert letter.reason == "id: ids that begin with queue: are Holdfast's own"
    assert await waiting(holdfast) == []


async def test_an_array_is_taken_in_whole_but_for_what_is_malformed(holdfast: Holdfast) -> None:
    good = CAPTURES["eventgrid-firewall-rule-write"]
    other = good | {"id": "another", "eventType": "Microsoft.Storage.BlobCreated"}
    await holdfast.receive_queued(json.dumps([7, good | {"id": None}, other, good]).encode())
    assert [trigger.id for trigger in await waiting(holdfast)] == [f"queue:{good['id']}"]
    reasons = sorted(letter.reason for letter in await holdfast.parts.store.dead_letters())
    assert reasons[0] == "an event is a JSON object, found int"
    assert len(reasons) == 2


@pytest.mark.parametrize("body", [b"no event", b"7", b"\xff", b"[" * 100_000], ids=["text", "number", "bytes", "deep"])
async def test_a_message_that_holds_no_events_is_a_dead_letter(holdfast: Holdfast, body: bytes) -> None:
    await holdfast.receive_queued(body)
    (letter,) = await holdfast.parts.store.dead_letters()
    assert letter.source == "event"
    assert letter.reason.startswith("a message of events is ")


async def test_half_a_character_in_an_id_is_kept_written_out(holdfast: Holdfast) -> None:
    event = CAPTURES["eventgrid-firewall-rule-write"]
    await holdfast.receive_queued(json.dumps(event | {"id": "half \ud800"}).encode())
    (letter,) = await holdfast.parts.store.dead_letters()
    assert letter.id == r"half \ud800"
    assert r"half \ud800" in letter.body


async def test_poison_is_kept(holdfast: Holdfast) -> None:
    await holdfast.bury("event", json.dumps(CAPTURES["eventgrid-firewall-rule-write"]).encode())
    (letter,) = await holdfast.parts.store.dead_letters()
    assert (letter.source, "resourceUri" in letter.body) == ("event", True)


async def test_the_same_event_twice_is_one_reason_to_look(holdfast: Holdfast) -> None:
    for _ in range(2):
        await holdfast.receive_queued(json.dumps(CAPTURES["eventgrid-firewall-rule-write"]).encode())
    assert len(await waiting(holdfast)) == 1
    assert isinstance(holdfast.parts.store, SqliteStore)
