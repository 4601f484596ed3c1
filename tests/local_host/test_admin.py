"""The admin door: running functions by hand, and telling how the host is."""

import json
from collections.abc import Iterator

import pytest

from tests.local_host.running import Host, running_host, write_app

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("admin")
    write_app(folder)
    with running_host(folder, "--no-timers", "--master-key", "mk") as host:
        yield host


def test_a_timer_is_run_by_hand(host: Host) -> None:
    assert host.by_hand("on_timer", "").status == 202
    (told,) = host.wait_for("on_timer")
    assert told["past_due"] is False
    assert set(told["status"]) == {"Last", "LastUpdated", "Next"}


def test_a_json_array_is_a_batch_of_event_hub_events(host: Host) -> None:
    assert host.by_hand("on_alerts", json.dumps([{"AlertType": "SQL.X"}, "text"])).status == 202
    (told,) = host.wait_for("on_alerts")
    assert told["bodies"] == ['{"AlertType": "SQL.X"}', "text"]


def test_a_queue_function_is_run_by_hand(host: Host) -> None:
    assert host.by_hand("on_work", "by hand").status == 202
    assert host.wait_for("on_work")[-1]["body"] == "by hand"


def test_an_event_is_given_by_hand(host: Host) -> None:
    assert host.by_hand("on_event", '{"id": "by hand", "data": {}}').status == 202
    assert host.wait_for("on_event")[-1]["id"] == "by hand"


def test_an_event_by_hand_has_to_be_one(host: Host) -> None:
    assert host.by_hand("on_event", "nonsense").status == 400
    assert host.by_hand("on_event", "[]").status == 400


def test_an_unknown_function_is_not_found(host: Host) -> None:
    assert host.by_hand("nobody", "").status == 404


def test_a_body_that_is_no_object_is_refused(host: Host) -> None:
    headers = {"x-functions-key": "mk"}
    assert host.ask("POST", "/admin/functions/on_timer", "[1]", headers).status == 400
    assert host.ask("POST", "/admin/functions/on_timer", "{", headers).status == 400


@pytest.mark.parametrize("key", ["", "wrong"])
def test_nothing_is_open_without_the_master_key(host: Host, key: str) -> None:
    headers = {"x-functions-key": key}
    assert host.ask("GET", "/admin/host/status", headers=headers).status == 401
    assert host.ask("GET", "/admin/functions", headers=headers).status == 401
    assert host.ask("POST", "/admin/functions/on_timer", "{}", headers).status == 401


def test_the_status_says_it_runs(host: Host) -> None:
    status = json.loads(host.ask("GET", "/admin/host/status?code=mk").text)
    assert status["state"] == "Running"


def test_the_functions_are_listed_with_their_bindings(host: Host) -> None:
    listed = json.loads(host.ask("GET", "/admin/functions?code=mk").text)
    bindings = {each["name"]: each["config"]["bindings"] for each in listed}
    assert [binding["type"] for binding in bindings["on_timer"]] == ["timerTrigger"]
    assert set(bindings) == set(host.address["functions"])
