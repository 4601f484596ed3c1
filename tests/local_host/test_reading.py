"""What the host reads and builds: host.json, routes, settings, calls, outputs."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local_host.app_settings import resolved
from local_host.calls import event_grid_call, event_hub_call, queue_call, timer_call
from local_host.datum import Datum, text
from local_host.errors import AppNotLoaded, BadHostJson
from local_host.host_json import HostJson, QueueOptions, read_host_json
from local_host.outputs import message_bodies
from local_host.queue_source import poison_queue
from local_host.routes import route
from shared.store.sqlite_queue import QueueMessage


def host_json(folder: Path, content: object) -> HostJson:
    (folder / "host.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return read_host_json(folder)


def test_an_empty_host_json_means_the_real_defaults(tmp_path: Path) -> None:
    read = host_json(tmp_path, {"version": "2.0"})
    assert read.function_timeout_seconds == 1800
    assert read.route_prefix == "api"
    assert read.queues == QueueOptions()


def test_host_json_sets_the_queues(tmp_path: Path) -> None:
    queues = {
        "batchSize": 4,
        "newBatchThreshold": 3,
        "maxDequeueCount": 2,
        "visibilityTimeout": "00:01:30",
        "maxPollingInterval": "00:00:02.5",
        "messageEncoding": "None",
    }
    read = host_json(tmp_path, {"extensions": {"queues": queues}, "functionTimeout": "-1"})
    assert read.queues == QueueOptions(4, 3, 2, 90.0, 2.5, base64=False)
    assert read.function_timeout_seconds is None


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        {"functionTimeout": "5 minutes"},
        {"extensions": {"queues": {"batchSize": 33}}},
        {"extensions": {"queues": {"messageEncoding": "utf-8"}}},
        {"extensions": {"queues": {"visibilityTimeout": 30}}},
        {"extensions": []},
    ],
)
def test_a_bad_host_json_is_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(BadHostJson, match=r"host\.json"):
        host_json(tmp_path, content)


def test_a_missing_host_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadHostJson, match="missing"):
        read_host_json(tmp_path)


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("api/things", "/api/things", {}),
        ("api/things", "/api/thing", None),
        ("api/{id}", "/api/a", {"id": "a"}),
        ("api/{id}", "/api/a/b", None),
        ("api/{id}", "/api", None),
        ("api/{id?}", "/api", {}),
        ("api/{id:int}", "/api/12", {"id": "12"}),
        ("api/{id:int}", "/api/x", None),
        ("api/{*rest}", "/api/a/b", {"rest": "a/b"}),
        ("api/{*rest}", "/api", {}),
        ("/api/a.b/", "/api/aXb", None),
        ("", "", {}),
    ],
)
def test_a_route_template_fits_a_path(template: str, path: str, values: dict[str, str] | None) -> None:
    assert route(template).values(path) == values


def test_an_unknown_route_constraint_is_refused() -> None:
    with pytest.raises(AppNotLoaded, match="regex"):
        route("api/{id:regex}")


def test_settings_are_put_in() -> None:
    assert resolved("%A%-x-%B%", {"A": "1", "B": "2"}) == "1-x-2"


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
