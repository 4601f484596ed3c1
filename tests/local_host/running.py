"""A local host in a process of its own, and what the tests ask of it."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SAMPLE_APP = Path(__file__).parent / "sample_app.py"
SETTINGS = {"WORK_QUEUE": "work", "SCHEDULE": "0 0 0 1 1 *", "HUB": "alerts"}
QUEUES_AT_ONCE = {"maxPollingInterval": "00:00:01"}
type Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    text: str
    headers: http.client.HTTPMessage


@dataclass(frozen=True, slots=True)
class Host:
    """A running host; `folder` holds its app, its log and what its functions told."""

    process: subprocess.Popen[str]
    address: Line
    folder: Path

    def ask(self, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.address["http"]).netloc, timeout=10)
        try:
            connection.request(method, path, body.encode(), dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.read().decode(), response.headers)
        finally:
            connection.close()

    def deliver(self, function: str, body: object, kind: str = "Notification") -> Answer:
        path = f"/runtime/webhooks/EventGrid?functionName={function}"
        return self.ask("POST", path, json.dumps(body), {"aeg-event-type": kind})

    def batch(self, function: str, body: object) -> Answer:
        headers = {"x-functions-key": self.address["function_key"]}
        return self.ask("POST", f"/runtime/webhooks/EventHubs?functionName={function}", json.dumps(body), headers)

    def by_hand(self, function: str, written: str) -> Answer:
        headers = {"x-functions-key": self.address["master_key"]}
        return self.ask("POST", f"/admin/functions/{function}", json.dumps({"input": written}), headers)

    def told(self, function: str = "") -> list[Line]:
        return [line for line in _lines(self.folder / "told") if function in {"", line["function"]}]

    def log(self) -> list[Line]:
        return _lines(self.folder / "log")

    def wait_for(self, function: str, count: int = 1, seconds: float = 10.0) -> list[Line]:
        wait_until(lambda: len(self.told(function)) >= count, seconds)
        return self.told(function)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=20)


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(0.005)


def write_app(folder: Path, queues: Mapping[str, object] | None = None, source: str = "", **host_json: object) -> Path:
    """Write an app, the sample app if no other `source` is given, with host.json."""
    app = folder / "app"
    app.mkdir(parents=True, exist_ok=True)
    (app / "function_app.py").write_text(source or SAMPLE_APP.read_text())
    extensions = {"queues": QUEUES_AT_ONCE | dict(queues or {})}
    (app / "host.json").write_text(json.dumps({"version": "2.0", "extensions": extensions} | host_json))
    return app


@contextmanager
def running_host(folder: Path, *arguments: str, settings: Mapping[str, str] | None = None) -> Iterator[Host]:
    """Run the app in `folder`/app; `--no-timers` and a SQLite file unless told otherwise."""
    given = list(arguments)
    if "--storage" not in given and "--sqlite" not in given:
        given += ["--sqlite", str(folder / "queues.db")]
    command = [sys.executable, "-m", "local_host", "--app", str(folder / "app"), *given]
    environment = os.environ | SETTINGS | {"TOLD": str(folder / "told")} | dict(settings or {})
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first, (folder / "log").read_text()
        yield Host(process, json.loads(first), folder)
    finally:
        process.kill()
        process.communicate()


def _lines(path: Path) -> list[Line]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{")]
