"""The Event Grid webhook: both schemas, and every status code."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local_host.running import Host, running_host, write_app

pytestmark = pytest.mark.e2e

CAPTURES = Path(__file__).parent.parent / "captures"


def an_event(name: str = "good") -> dict[str, object]:
    return {
        "id": name,
        "topic": "/subscriptions/s",
        "subject": "/subscriptions/s/resourceGroups/g",
        "eventType": "Microsoft.Resources.ResourceWriteSuccess",
        "eventTime": "2026-01-02T03:04:05.1234567Z",
        "data": {"who": name},
        "dataVersion": "2",
    }


def a_cloud_event(name: str = "good") -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": name,
        "source": "/subscriptions/s",
        "type": "Microsoft.ResourceNotifications.Resources.CreatedOrUpdated",
        "time": "2026-01-02T03:04:05Z",
        "data": {"who": name},
    }


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("event_grid")
    write_app(folder)
    with running_host(folder) as host:
        yield host


@pytest.fixture
def before(host: Host) -> int:
    """Count what on_event told before the test."""
    return len(host.told("on_event"))


def test_a_delivery_of_one_event_is_accepted(host: Host, before: int) -> None:
    assert host.deliver("on_event", [an_event()]).status == 202
    (told,) = host.told("on_event")[before:]
    assert told["cls"] == "EventGridEvent"
    assert (told["id"], told["data"]) == ("good", {"who": "good"})


def test_a_single_object_is_accepted_too(host: Host, before: int) -> None:
    assert host.deliver("on_event", an_event("single")).status == 202
    assert [told["id"] for told in host.told("on_event")[before:]] == ["single"]


def test_all_events_of_a_delivery_run_and_one_failure_fails_it(host: Host, before: int) -> None:
    answer = host.deliver("on_event", [an_event("first"), an_event("bad"), an_event("last")])
    assert answer.status == 500
    assert "this event is bad" in answer.text
    assert {told["id"] for told in host.told("on_event")[before:]} == {"first", "bad", "last"}


def test_a_cloud_event_arrives_as_a_cloud_event(host: Host, before: int) -> None:
    assert host.deliver("on_event", a_cloud_event()).status == 202
    (told,) = host.told("on_event")[before:]
    assert told["cls"] == "CloudEvent"
    assert told["kind"] == "Microsoft.ResourceNotifications.Resources.CreatedOrUpdated"


@pytest.mark.parametrize("capture", sorted(CAPTURES.glob("*-server-patch.json")), ids=lambda path: path.name)
def test_real_deliveries_are_accepted(host: Host, capture: Path) -> None:
    assert host.deliver("on_event", json.loads(capture.read_text())).status == 202


def test_a_delivery_without_its_header_is_refused(host: Host) -> None:
    path = "/runtime/webhooks/EventGrid?functionName=on_event"
    assert host.ask("POST", path, json.dumps([an_event()])).status == 400


@pytest.mark.parametrize("name", ["nobody", "", "things", "ON_EVENT"])
def test_a_function_that_is_no_event_grid_function_is_not_found(host: Host, name: str) -> None:
    answer = host.deliver(name, [an_event()])
    assert (answer.status, answer.text) == (404, f"cannot find function: '{name}'")


@pytest.mark.parametrize("body", ["", "{", "nonsense", "[" * 100_000, "\u0000"])
def test_a_body_that_is_no_json_is_refused(host: Host, body: str) -> None:
    path = "/runtime/webhooks/EventGrid?functionName=on_event"
    assert host.ask("POST", path, body, {"aeg-event-type": "Notification"}).status == 400


@pytest.mark.parametrize("body", [[1], "text", 3, [[]], [None]])
def test_an_event_that_is_no_object_is_refused(host: Host, body: object) -> None:
    assert host.deliver("on_event", body).status == 400


def test_a_delivery_over_a_mebibyte_is_too_large(host: Host) -> None:
    event = an_event() | {"data": {"who": "x" * 1024 * 1024}}
    assert host.deliver("on_event", [event]).status == 413


def test_the_path_is_found_in_any_case(host: Host) -> None:
    path = "/runtime/webhooks/eventgrid?functionName=on_event"
    answer = host.ask("POST", path, json.dumps(an_event()), {"aeg-event-type": "Notification"})
    assert answer.status == 202


def test_a_system_key_is_demanded_when_there_is_one(tmp_path: Path) -> None:
    write_app(tmp_path)
    with running_host(tmp_path, "--system-key", "s&cret") as host:
        assert host.deliver("on_event", [an_event()]).status == 401
        webhook = host.address["events"]["on_event"].removeprefix(host.address["http"])
        headers = {"aeg-event-type": "Notification"}
        assert host.ask("POST", webhook, json.dumps(an_event()), headers).status == 202
