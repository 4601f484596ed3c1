"""The door for batches of Event Hub events, decoded by the real worker library; and functions that are switched off."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local_host.running import SAMPLE_APP, Host, running_host, write_app

pytestmark = pytest.mark.e2e

ONE_BY_ONE = """

@app.event_hub_message_trigger(arg_name="event", event_hub_name="h", connection="C", cardinality="one")
async def on_single(event: func.EventHubEvent) -> None:
    tell("on_single", body=event.get_body().decode(), number=event.sequence_number)
    if event.get_body() == b"bad":
        raise ValueError("this one is bad")
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("event_hubs")
    write_app(folder, source=SAMPLE_APP.read_text() + ONE_BY_ONE)
    with running_host(folder, settings={"AzureWebJobs.on_timer.Disabled": "true"}) as host:
        yield host


def test_a_batch_is_one_call_with_metadata_for_each_event(host: Host) -> None:
    assert host.batch("on_alerts", [{"AlertType": "SQL.X"}, "text", ["a", "b"]]).status == 202
    assert host.told("on_alerts")[-1]["bodies"] == ['{"AlertType": "SQL.X"}', "text", '["a", "b"]']


def test_a_function_that_takes_one_event_is_called_for_each(host: Host) -> None:
    assert host.batch("on_single", ["first", "second"]).status == 202
    assert {line["body"] for line in host.told("on_single")} == {"first", "second"}


def test_a_failure_fails_the_batch(host: Host) -> None:
    answer = host.batch("on_single", ["bad"])
    assert (answer.status, "this one is bad" in answer.text) == (500, True)


def test_an_empty_batch_calls_nothing(host: Host) -> None:
    before = len(host.told("on_alerts"))
    assert host.batch("on_alerts", []).status == 202
    assert len(host.told("on_alerts")) == before


@pytest.mark.parametrize("name", ["nobody", "", "on_event"])
def test_a_function_of_another_kind_is_not_found(host: Host, name: str) -> None:
    assert host.batch(name, ["x"]).status == 404


@pytest.mark.parametrize("body", ["", "{}", "nonsense", "[" * 100_000])
def test_a_body_that_is_no_array_is_refused(host: Host, body: str) -> None:
    headers = {"x-functions-key": host.address["function_key"]}
    assert host.ask("POST", "/runtime/webhooks/EventHubs?functionName=on_alerts", body, headers).status == 400


def test_without_a_key_nothing_is_taken(host: Host) -> None:
    assert host.ask("POST", "/runtime/webhooks/EventHubs?functionName=on_alerts", "[]").status == 401


def test_the_address_says_where_batches_go(host: Host) -> None:
    assert set(host.address["hubs"]) == {"on_alerts", "on_single"}
    assert host.address["hubs"]["on_alerts"].startswith(host.address["http"])


def test_a_disabled_function_is_called_by_the_admin_alone(tmp_path: Path) -> None:
    write_app(tmp_path)
    names = ("on_event", "on_alerts", "on_work", "open_to_all")
    off = {f"AzureWebJobs.{name}.Disabled": "true" for name in names}
    with running_host(tmp_path, "--master-key", "mk", settings=off) as host:
        assert host.deliver("on_event", {"id": "x", "data": {}}).status == 404
        assert host.batch("on_alerts", ["x"]).status == 404
        assert host.ask("GET", "/api/open").status == 404
        assert "on_event" not in host.address["events"]
        listed = json.loads(host.ask("GET", "/admin/functions", headers={"x-functions-key": "mk"}).text)
        assert {one["name"] for one in listed if one["isDisabled"]} == set(names)
        assert host.by_hand("on_work", "by hand").status == 202
        assert host.wait_for("on_work")
