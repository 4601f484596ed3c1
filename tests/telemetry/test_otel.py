"""Telemetry as it leaves the process: OTLP JSON in a file, and what Application Insights would get."""

import json
import logging
import os
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest

from shared.errors import BadSettings
from shared.settings import read_settings
from shared.telemetry import names, record, start

CORRELATION = "0b7a2c1e-6f0e-4b6a-9c0e-3f5a0d9f1c11"


@pytest.fixture(autouse=True)
def nobody_hears_the_next_test() -> Iterator[None]:
    yield
    record.close()


def a_little_work() -> None:
    """One look that does one thing and says one line, and one message about it."""
    with record.span(names.RECONCILE, {"holdfast.target": "pg-1"}, CORRELATION, ["another event"]):
        with record.span(names.ARM, {"url.path": "/subscriptions"}) as running:
            running.note({"http.response.status_code": 200})
        logging.getLogger("holdfast").warning("looked at pg-1")
    with record.span(names.TELL, {"holdfast.channel": "chat"}, CORRELATION):
        record.tell(names.DELIVERIES, channel="chat")
    for seconds in (0.4, 7):
        record.tell(names.TIME_TO_REVERT, seconds, severity="high")
    record.tell(names.SWEEP_SERVERS, 12)


def told_in(path: Path, kind: str) -> list[Any]:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [resource for line in lines for resource in line.get(kind, [])]


def test_a_file_holds_one_trace_with_the_callers_correlation_id(tmp_path: Path) -> None:
    path = tmp_path / "told.jsonl"
    record.listen(start.listener(start.to_file(str(path)), "one"))
    a_little_work()
    record.close()
    found = told_in(path, "resourceSpans")
    spans = {span["name"]: span for one in found for scope in one["scopeSpans"] for span in scope["spans"]}
    assert {span["traceId"] for span in spans.values()} == {UUID(CORRELATION).hex}
    look, arm, tell = (spans[kind.name] for kind in (names.RECONCILE, names.ARM, names.TELL))
    assert arm["parentSpanId"] == look["spanId"]
    assert tell["parentSpanId"] == look["parentSpanId"]
    assert len(look["links"]) == 1
    said = {one["key"]: one["value"] for one in arm["attributes"]}
    assert said["http.response.status_code"] in ({"intValue": "200"}, {"intValue": 200})


def test_a_file_holds_every_metric_by_its_name_and_bounds(tmp_path: Path) -> None:
    path = tmp_path / "told.jsonl"
    record.listen(start.listener(start.to_file(str(path)), "one"))
    a_little_work()
    record.close()
    found = told_in(path, "resourceMetrics")
    metrics = {one["name"]: one for got in found for scope in got["scopeMetrics"] for one in scope["metrics"]}
    assert metrics.keys() == {names.DELIVERIES.name, names.TIME_TO_REVERT.name, names.SWEEP_SERVERS.name}
    (point,) = metrics[names.TIME_TO_REVERT.name]["histogram"]["dataPoints"]
    assert tuple(point["explicitBounds"]) == names.TIME_TO_REVERT.bounds
    assert float(point["sum"]) == 7.4


def test_a_line_of_the_log_stands_in_the_trace_in_which_it_was_said(tmp_path: Path) -> None:
    path = tmp_path / "told.jsonl"
    record.listen(start.listener(start.to_file(str(path)), "one"))
    a_little_work()
    record.close()
    (line,) = [
        one for got in told_in(path, "resourceLogs") for scope in got["scopeLogs"] for one in scope["logRecords"]
    ]
    assert (line["body"]["stringValue"], line["traceId"]) == ("looked at pg-1", UUID(CORRELATION).hex)


def test_a_failure_marks_its_span_without_repeating_its_text(tmp_path: Path) -> None:
    path = tmp_path / "told.jsonl"
    record.listen(start.listener(start.to_file(str(path)), "one"))
    with pytest.raises(ValueError, match="secret"), record.span(names.OBSERVE, trace="x"):
        raise ValueError("a secret")
    record.close()
    text = path.read_text()
    assert "secret" not in text
    assert "ValueError" in text


class _Ingestion(BaseHTTPRequestHandler):
    got: ClassVar[list[Any]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = zlib.decompress(body, zlib.MAX_WBITS | 16)
        items = json.loads(body)
        self.got.extend(items)
        answer = json.dumps({"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: object) -> None:
        """Be quiet."""


_AT_APPLICATION_INSIGHTS = """
import sys
from shared.telemetry import record, start
from tests.telemetry.test_otel import a_little_work
record.listen(start.listener(start.to_azure(sys.argv[1], None), "one"))
assert not any(name.startswith("azure.monitor") for name in sys.modules)
a_little_work()
record.close()
"""


def test_application_insights_gets_names_dimensions_and_the_operation_id() -> None:
    """In a process of its own, for the exporter keeps threads; it is imported when there is something to export."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Ingestion)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # A key of its own: what could not be sent lies on the disk under it, and is sent again by whoever has the same.
    connection = f"InstrumentationKey={uuid4()};IngestionEndpoint=http://127.0.0.1:{server.server_port}/"
    quiet = {"APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true", "APPLICATIONINSIGHTS_SDKSTATS_DISABLED": "true"}
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", _AT_APPLICATION_INSIGHTS, connection]
    subprocess.run(command, cwd=root, env={**os.environ, **quiet}, check=True, timeout=60)
    server.shutdown()
    server.server_close()
    data = [item["data"] for item in _Ingestion.got]
    metrics = {
        one["baseData"]["metrics"][0]["name"]: one["baseData"] for one in data if one["baseType"] == "MetricData"
    }
    assert metrics.keys() - {"_OTELRESOURCE_"} == {
        names.DELIVERIES.name,
        names.TIME_TO_REVERT.name,
        names.SWEEP_SERVERS.name,
    }
    assert metrics[names.DELIVERIES.name]["properties"]["channel"] == "chat"
    others = [item for item in _Ingestion.got if item["data"]["baseType"] != "MetricData"]
    assert {item["tags"]["ai.operation.id"] for item in others} == {UUID(CORRELATION).hex}
    assert {item["data"]["baseType"] for item in others} == {"RequestData", "RemoteDependencyData", "MessageData"}


@pytest.mark.parametrize("text", ["file:", "yes", "https://collector.example"])
def test_a_setting_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadSettings, match="wanted nothing, console or file:PATH"):
        read_settings({"HOLDFAST_STORE": "sqlite:x", "HOLDFAST_TELEMETRY": text})
