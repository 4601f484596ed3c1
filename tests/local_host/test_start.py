"""Starting: what an app may be, how a host says no, what it loads, and how other programs start it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.local_host.running import SETTINGS, running_host, write_app

APP = "import azure.functions as func\napp = func.FunctionApp()\n"
UNSET = """
@app.queue_trigger(arg_name="m", queue_name="%NOT_SET%", connection="c")
def f(m: func.QueueMessage) -> None: ...
"""
BLOB = """
@app.blob_trigger(arg_name="b", path="p", connection="c")
def f(b: func.InputStream) -> None: ...
"""
BLOB_INPUT = """
@app.route("r")
@app.blob_input(arg_name="b", path="p", connection="c")
def f(req: func.HttpRequest, b: func.InputStream) -> str: ...
"""
BLOB_OUTPUT = """
@app.route("r")
@app.blob_output(arg_name="b", path="p", connection="c")
def f(req: func.HttpRequest, b: func.Out[str]) -> str: ...
"""
BAD_TIMER = """
@app.timer_trigger(arg_name="t", schedule="0 0 0 32 * *")
def f(t: func.TimerRequest) -> None: ...
"""
LOGGING = """
import logging
print("importing")

@app.route("sync", auth_level="anonymous")
def sync(req: func.HttpRequest) -> str:
    logging.info("from a thread")
    return ""

@app.route("async", auth_level="anonymous")
async def asynchronous(req: func.HttpRequest) -> str:
    logging.info("from a task")
    return ""
"""
MODULES = """
import sys

@app.route("modules", auth_level="anonymous")
def modules(req: func.HttpRequest) -> str:
    return " ".join(sys.modules)
"""


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("import nothing_of_that_name", "nothing_of_that_name"),
        ("x = 1", "function_app.py"),
        (APP, "defines no function"),
        (APP + UNSET, "NOT_SET is not set"),
        (APP + BLOB, "trigger of type blobTrigger"),
        (APP + BLOB_INPUT, "wanted one trigger"),
        (APP + BLOB_OUTPUT, "output binding of type blob"),
        (APP + BAD_TIMER, "wanted 1 to 31"),
    ],
)
def test_an_app_that_cannot_run_is_refused_with_the_reason(tmp_path: Path, source: str, complaint: str) -> None:
    app = write_app(tmp_path, source=source)
    command = [sys.executable, "-m", "local_host", "--app", str(app), "--sqlite", str(tmp_path / "q.db")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 1
    assert complaint in ended.stderr
    assert ended.stdout == ""


def test_log_lines_of_functions_carry_function_and_invocation(tmp_path: Path) -> None:
    write_app(tmp_path, source=APP + LOGGING)
    with running_host(tmp_path) as host:
        host.ask("GET", "/api/sync")
        host.ask("GET", "/api/async")
        lines = {line["message"]: line for line in host.log()}
    assert lines["from a thread"]["function"] == "sync"
    assert lines["from a task"]["function"] == "asynchronous"
    assert lines["from a task"]["invocation"] != lines["from a thread"]["invocation"]


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
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TOLD", str(tmp_path / "told"))
    command = [sys.executable, "-W", "error", "-c", IN_PROCESS, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 0, ended.stderr
    good, bad, error, http = json.loads(ended.stdout)
    assert (good, bad, error) == (True, False, "ValueError('cannot do bad one')")
    assert http.startswith("http://127.0.0.1:")


def test_a_host_of_the_embedded_queue_loads_no_client_of_azure_and_little_of_the_product(tmp_path: Path) -> None:
    write_app(tmp_path, source=APP + MODULES)
    with running_host(tmp_path) as host:
        loaded = {".".join(name.split(".")[:2]) for name in host.ask("GET", "/api/modules").text.split()}
    assert {name for name in loaded if name.startswith("azure.")} == {"azure.functions"}
    assert {name for name in loaded if name.startswith("shared.")} == {"shared.store"}
