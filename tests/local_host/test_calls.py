"""Trigger values, trigger metadata and outputs, in the types of the real host."""

import json
from datetime import UTC, datetime

import pytest

from local_host.calls import event_grid_call, event_hub_call, queue_call, timer_call
from local_host.datum import Datum, text
from local_host.outputs import message_bodies
from local_host.queue_source import poison_queue
from shared.store.sqlite_queue import QueueMessage


def a_message(body: str) -> QueueMessage:
    return QueueMessage("q", "id", body, 2, 0.0, 60.0, 3600.0, "receipt")


def test_queue_metadata_has_the_types_of_the_real_host() -> None:
    metadata = queue_call(a_message("text")).metadata
    assert metadata["DequeueCount"] == Datum("2", "json")
    assert metadata["InsertionTime"] == Datum('"1970-01-01T00:00:00+00:00"', "json")
    assert metadata["Id"] == text("id")
    assert metadata["QueueTrigger"] == text("text")


def test_fields_of_a_json_body_become_metadata_but_no_lists_and_nulls() -> None:
    call = queue_call(a_message('{"a": 1, "b": "x", "c": {"d": 2}, "e": [1], "f": null, "g": true}'))
    fields = {name: call.metadata[name] for name in "abcg"}
    assert fields == {"a": text("1"), "b": text("x"), "c": Datum('{"d": 2}', "json"), "g": text("True")}
    assert not {"e", "f"} & set(call.metadata)


@pytest.mark.parametrize("body", ["{", "{nonsense}", '{"a":' * 100_000])
def test_a_body_that_only_looks_like_json_has_no_fields(body: str) -> None:
    assert len(queue_call(a_message(body)).metadata) == 7


def test_an_event_hands_its_trace_on() -> None:
    assert event_grid_call({"traceparent": "00-ab-cd-01"}).trace_parent == "00-ab-cd-01"
    assert event_grid_call({"traceparent": 7}).trace_parent == ""


def test_a_timer_that_never_ran_has_the_year_1() -> None:
    value = json.loads(str(timer_call(None, datetime(2026, 1, 1, tzinfo=UTC)).value.value))
    assert value == {
        "Schedule": {},
        "ScheduleStatus": {
            "Last": "0001-01-01T00:00:00+00:00",
            "LastUpdated": "0001-01-01T00:00:00+00:00",
            "Next": "2026-01-01T00:00:00+00:00",
        },
        "IsPastDue": False,
    }


@pytest.mark.parametrize("binary", [True, False])
def test_a_single_event_hub_event_has_its_properties(binary: bool) -> None:
    call = event_hub_call(["body"], many=False, binary=binary)
    assert call.value == (Datum(b"body", "bytes") if binary else text("body"))
    assert call.metadata["SequenceNumber"] == Datum("0", "json")


def test_a_binary_batch_is_bytes() -> None:
    assert event_hub_call(["a", "b"], many=True, binary=True).value.type == "collection_bytes"


@pytest.mark.parametrize(
    ("value", "bodies"),
    [
        (text("a"), ["a"]),
        (Datum(b"a", "bytes"), ["a"]),
        (Datum(None, None), []),
        (Datum('["a", "b"]', "json"), ["a", "b"]),
        (Datum('{"id": null, "body": "a"}', "json"), ["a"]),
        (Datum('[{"x": 1}]', "json"), ['{"x": 1}']),
        (Datum(7, "int"), ["7"]),
    ],
)
def test_outputs_become_message_bodies(value: Datum, bodies: list[str]) -> None:
    assert message_bodies(value) == bodies


def test_a_poison_queue_has_none_of_its_own() -> None:
    assert poison_queue("work") == "work-poison"
    assert poison_queue("work-poison") is None
    assert poison_queue("w" * 57) is None
