"""Starting, stopping, dying: what a host leaves behind and what it takes up again."""

import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.local_host.running import running_host, wait_until, write_app
from tests.local_host.stores import sqlite_store

pytestmark = pytest.mark.e2e


def test_the_first_line_says_where_everything_is(tmp_path: Path) -> None:
    write_app(tmp_path)
    with running_host(tmp_path, "--function-key", "fk") as host:
        address = host.address
    assert set(address) == {"http", "events", "hubs", "function_key", "master_key", "functions"}
    assert set(address["events"]) == {"on_event", "on_event_to_queue"}
    assert address["events"]["on_event"].startswith(address["http"])
    assert address["function_key"] == "fk"
    assert "on_timer" in address["functions"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_0(tmp_path: Path, number: int) -> None:
    write_app(tmp_path)
    with running_host(tmp_path) as host:
        assert host.stop(number) == 0


def test_what_runs_when_the_signal_comes_is_finished(tmp_path: Path) -> None:
    write_app(tmp_path)
    with sqlite_store(tmp_path / "queues.db") as store, running_host(tmp_path) as host:
        store.send("work", "slow 0.5")
        host.wait_for("on_work")
        store.send("work", "slow 0.5 next")
        assert host.stop() == 0
        assert len(host.told("on_work_end")) == len(host.told("on_work"))
        assert store.depth("work") == 2 - len(host.told("on_work_end"))


@pytest.mark.parametrize(("queue", "body"), [("work", "slow 60"), ("blocking", "60")])
def test_what_does_not_finish_in_time_is_given_back(tmp_path: Path, queue: str, body: str) -> None:
    write_app(tmp_path)
    with sqlite_store(tmp_path / "queues.db") as store:
        store.send(queue, body)
        with running_host(tmp_path, "--drain-seconds", "0.2") as host:
            host.wait_for("on_work" if queue == "work" else "on_blocking")
            assert host.stop() == 0
        assert store.bodies(queue) == [body]


def test_the_message_of_a_killed_host_comes_back(tmp_path: Path) -> None:
    write_app(tmp_path)
    with sqlite_store(tmp_path / "queues.db") as store:
        store.send("work", "slow 1")
        with running_host(tmp_path, "--lease-seconds", "1") as host:
            host.wait_for("on_work")
            host.process.kill()
        with running_host(tmp_path, "--lease-seconds", "1") as host:
            assert host.wait_for("on_work_end")[0]["body"] == "slow 1"
            assert [told["count"] for told in host.told("on_work")] == [1, 2]
            wait_until(lambda: store.depth("work") == 0)


def test_a_message_its_host_died_of_too_often_goes_to_poison_without_a_run(tmp_path: Path) -> None:
    write_app(tmp_path, {"maxDequeueCount": 2})
    with sqlite_store(tmp_path / "queues.db") as store:
        store.send("work", "deadly")
        for _ in range(2):
            store.queues.receive("work", 1, visibility_seconds=0)
        with running_host(tmp_path) as host:
            wait_until(lambda: store.bodies("work-poison") == ["deadly"])
            assert host.told("on_work") == []


def test_two_hosts_on_one_queue_never_run_a_message_twice(tmp_path: Path) -> None:
    write_app(tmp_path)
    bodies = [f"message {number}" for number in range(400)]
    with (
        sqlite_store(tmp_path / "queues.db") as store,
        running_host(tmp_path) as one,
        running_host(tmp_path) as other,
    ):
        for body in bodies:
            store.send("work", body)
        wait_until(lambda: store.depth("work") == 0, seconds=30)
        told = one.told("on_work")
        assert Counter(line["body"] for line in told) == Counter(bodies)
        assert {line["pid"] for line in told} == {one.process.pid, other.process.pid}


def test_a_function_that_calls_exit_does_not_end_the_host(tmp_path: Path) -> None:
    write_app(tmp_path)
    with sqlite_store(tmp_path / "queues.db") as store, running_host(tmp_path) as host:
        store.send("exit", "now")
        assert len(host.wait_for("on_exit", 5)) == 5
        assert host.ask("GET", "/api/open").status == 200
