"""Queue triggers, the same on the embedded queue and on real Azurite."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from azure.storage.queue import QueueClient

from tests.azurite import Azurite
from tests.local_host.running import Host, running_host, wait_until, write_app
from tests.local_host.stores import AzuriteStore, Store

pytestmark = pytest.mark.e2e


@contextmanager
def host_on(store: Store, work: str, folder: Path, *arguments: str) -> Iterator[Host]:
    with running_host(folder, *store.arguments, *arguments, settings={"WORK_QUEUE": work}) as host:
        yield host


def test_a_message_is_run_once_and_deleted(store: Store, work: str, tmp_path: Path) -> None:
    write_app(tmp_path)
    store.send(work, "hello, Zürich")
    with host_on(store, work, tmp_path) as host:
        (told,) = host.wait_for("on_work")
        wait_until(lambda: store.depth(work) == 0)
    assert (told["body"], told["count"]) == ("hello, Zürich", 1)
    assert told["id"]
    assert told["receipt"]


def test_a_message_that_keeps_failing_goes_to_the_poison_queue(store: Store, work: str, tmp_path: Path) -> None:
    write_app(tmp_path, {"maxDequeueCount": 3})
    store.send(work, "bad one")
    with host_on(store, work, tmp_path) as host:
        wait_until(lambda: store.bodies(f"{work}-poison") == ["bad one"])
        wait_until(lambda: store.depth(work) == 0)
        assert [told["count"] for told in host.told("on_work")] == [1, 2, 3]


def test_a_failed_message_stays_hidden_for_the_visibility_timeout(store: Store, work: str, tmp_path: Path) -> None:
    write_app(tmp_path, {"visibilityTimeout": "00:00:01"})
    store.send(work, "bad one")
    with host_on(store, work, tmp_path) as host:
        first, second = host.wait_for("on_work", 2)[:2]
    assert second["at"] - first["at"] >= 1.0


def test_a_message_stays_hidden_while_its_function_runs(store: Store, work: str, tmp_path: Path) -> None:
    write_app(tmp_path)
    store.send(work, "slow 3")
    # the lease is far shorter than the run, so only renewal keeps the message hidden
    with host_on(store, work, tmp_path, "--lease-seconds", "1") as host:
        host.wait_for("on_work_end")
        wait_until(lambda: store.depth(work) == 0)
        assert len(host.told("on_work")) == 1


def test_other_messages_are_handled_while_one_fails(store: Store, work: str, tmp_path: Path) -> None:
    write_app(tmp_path)
    for body in ("bad one", "two", "three"):
        store.send(work, body)
    with host_on(store, work, tmp_path) as host:
        wait_until(lambda: store.bodies(f"{work}-poison") == ["bad one"])
        wait_until(lambda: store.depth(work) == 0)
        assert {"two", "three"} < {told["body"] for told in host.told("on_work")}


def test_no_more_run_at_a_time_than_batch_size_and_threshold(store: Store, work: str, tmp_path: Path) -> None:
    write_app(tmp_path, {"batchSize": 2, "newBatchThreshold": 1})
    for number in range(8):
        store.send(work, f"slow 0.3 {number}")
    with host_on(store, work, tmp_path) as host:
        host.wait_for("on_work_end", 8)
        events = [(told["at"], 1) for told in host.told("on_work")]
        events += [(told["at"], -1) for told in host.told("on_work_end")]
    running = [sum(step for at, step in events if at <= moment) for moment, _ in events]
    assert 2 <= max(running) <= 3


def test_an_output_binding_sends_to_its_queue(store: Store, work: str, tmp_path: Path) -> None:
    write_app(tmp_path)
    with host_on(store, work, tmp_path) as host:
        assert host.ask("POST", "/api/enqueue", '["a", "b"]').status == 200
        told = host.wait_for("on_work", 2)
    assert {each["body"] for each in told} == {"a", "b"}


def test_body_fields_hide_the_real_metadata_as_in_azure(store: Store, work: str, tmp_path: Path) -> None:
    write_app(tmp_path)
    store.send(work, '{"DequeueCount": 77, "Id": "mine"}')
    with host_on(store, work, tmp_path) as host:
        (told,) = host.wait_for("on_work")
    assert (told["count"], told["id"]) == (77, "mine")


@pytest.mark.azurite
def test_a_body_that_is_no_base64_goes_to_poison_as_it_is(azurite: Azurite, work: str, tmp_path: Path) -> None:
    write_app(tmp_path)
    store = AzuriteStore(azurite.connection_string)
    with QueueClient.from_connection_string(azurite.connection_string, work) as plain:
        plain.create_queue()
        plain.send_message("plain!")
    with host_on(store, work, tmp_path) as host:
        wait_until(lambda: store.depth(f"{work}-poison") == 1)
        assert host.told("on_work") == []


@pytest.mark.azurite
def test_message_encoding_none_takes_bodies_as_they_are(azurite: Azurite, work: str, tmp_path: Path) -> None:
    write_app(tmp_path, {"messageEncoding": "none"})
    with QueueClient.from_connection_string(azurite.connection_string, work) as plain:
        plain.create_queue()
        plain.send_message("plain!")
    with host_on(AzuriteStore(azurite.connection_string), work, tmp_path) as host:
        assert host.wait_for("on_work")[0]["body"] == "plain!"


def test_an_event_passes_through_the_embedded_queue_in_milliseconds(tmp_path: Path) -> None:
    write_app(tmp_path)
    event = {"id": "1", "subject": "s", "eventType": "t", "data": {"body": "x"}}
    with running_host(tmp_path) as host:
        for count in range(1, 11):
            # long enough for the poll to be as slow as it gets
            time.sleep(0.3)
            host.deliver("on_event_to_queue", [event])
            host.wait_for("on_work", count)
        sent, worked = host.told("on_event_to_queue"), host.told("on_work")
    taken = sorted(end["at"] - start["at"] for start, end in zip(sent, worked, strict=True))
    # all but two of ten: those may have met a busy machine, but polling alone would be this fast only at times
    assert taken[7] < 0.02
