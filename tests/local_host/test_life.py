"""Starting, stopping, dying: what a host leaves behind and what it takes up again."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.local_host.running import Host, running_host, wait_until, write_app
from tests.local_host.stores import sqlite_store


def test_the_first_line_says_where_everything_is(tmp_path: Path) -> None:
    write_app(tmp_path)
    with running_host(tmp_path, "--function-key", "fk") as host:
        address = host.address
    assert set(address) == {"http", "events", "function_key", "master_key", "functions"}
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


def test_a_timer_runs_on_its_schedule(tmp_path: Path) -> None:
    write_app(tmp_path)
    with running_host(tmp_path, settings={"SCHEDULE": "* * * * * *"}) as host:
        first, second = host.wait_for("on_timer", 2)[:2]
    assert second["at"] - first["at"] == pytest.approx(1.0, abs=0.2)


def test_without_timers_none_runs_by_itself(tmp_path: Path) -> None:
    write_app(tmp_path)
    with running_host(tmp_path, "--no-timers", settings={"SCHEDULE": "* * * * * *"}) as host:
        time.sleep(1.2)
        assert host.told("on_timer") == []


def test_log_lines_of_functions_carry_function_and_invocation(tmp_path: Path) -> None:
    source = (
        "import logging\nimport azure.functions as func\napp = func.FunctionApp()\nprint('importing')\n"
        "@app.route('sync', auth_level='anonymous')\n"
        "def sync(req: func.HttpRequest) -> str:\n    logging.info('from a thread')\n    return ''\n"
        "@app.route('async', auth_level='anonymous')\n"
        "async def asynchronous(req: func.HttpRequest) -> str:\n    logging.info('from a task')\n    return ''\n"
    )
    write_app(tmp_path, source=source)
    with running_host(tmp_path) as host:
        host.ask("GET", "/api/sync")
        host.ask("GET", "/api/async")
        lines = {line["message"]: line for line in host.log()}
    assert lines["from a thread"]["function"] == "sync"
    assert lines["from a task"]["function"] == "asynchronous"
    assert lines["from a task"]["invocation"] != lines["from a thread"]["invocation"]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("import nothing_of_that_name", "nothing_of_that_name"),
        ("", "function_app.py"),
        ("import azure.functions as func\napp = func.FunctionApp()", "defines no function"),
        (
            "import azure.functions as func\napp = func.FunctionApp()\n"
            "@app.queue_trigger(arg_name='m', queue_name='%NOT_SET%', connection='c')\n"
            "def f(m: func.QueueMessage) -> None: ...",
            "NOT_SET is not set",
        ),
        (
            "import azure.functions as func\napp = func.FunctionApp()\n"
            "@app.blob_trigger(arg_name='b', path='p', connection='c')\n"
            "def f(b: func.InputStream) -> None: ...",
            "blobTrigger",
        ),
        (
            "import azure.functions as func\napp = func.FunctionApp()\n"
            "@app.timer_trigger(arg_name='t', schedule='0 0 0 32 * *')\n"
            "def f(t: func.TimerRequest) -> None: ...",
            "wanted 1 to 31",
        ),
    ],
)
def test_an_app_that_cannot_run_is_refused_with_the_reason(tmp_path: Path, source: str, complaint: str) -> None:
    app = write_app(tmp_path, source=source or "x = 1")
    command = [sys.executable, "-m", "local_host", "--app", str(app), "--sqlite", str(tmp_path / "q.db")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 1
    assert complaint in ended.stderr
    assert ended.stdout == ""


IN_PROCESS = """
import asyncio, json, sys
from pathlib import Path
from local_host.host import LocalHost
from local_host.sqlite_source import SqliteSource

async def main(folder: Path) -> None:
    host = LocalHost(folder / "app", SqliteSource(folder / "queues.db"))
    async with host.running() as address:
        good = await host.invoke("on_work", "direct")
        bad = await host.invoke("on_work", "bad one")
        print(json.dumps([good.ok, bad.ok, bad.error, address.http]))

asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_host_runs_inside_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_app(tmp_path)
    for name, value in {"WORK_QUEUE": "w", "SCHEDULE": "0 0 0 1 1 *", "HUB": "h"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TOLD", str(tmp_path / "told"))
    command = [sys.executable, "-W", "error", "-c", IN_PROCESS, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 0, ended.stderr
    good, bad, error, http = json.loads(ended.stdout)
    assert (good, bad, error) == (True, False, "ValueError('cannot do bad one')")
    assert http.startswith("http://127.0.0.1:")


def test_a_started_host_listens_soon(tmp_path: Path) -> None:
    source = (
        "import azure.functions as func\napp = func.FunctionApp()\n"
        "@app.route('open')\ndef f(req: func.HttpRequest) -> str: return ''\n"
    )
    write_app(tmp_path, source=source)
    assert min(_start_seconds(tmp_path) for _ in range(3)) < 0.6


def _start_seconds(folder: Path) -> float:
    started = time.perf_counter()
    with running_host(folder) as host:
        assert isinstance(host, Host)
        return time.perf_counter() - started
