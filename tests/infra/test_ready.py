"""A deployment ends when the app says that it can work."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from tests.infra.templates import INFRA


@contextmanager
def app_that_answers(*statuses: int) -> Iterator[tuple[str, list[str]]]:
    """An app that gives these answers, and what it was asked."""
    left, asked = list(statuses), list[str]()

    class App(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(left.pop(0))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), App) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_it_waits_until_the_app_can_work() -> None:
    with app_that_answers(503, 200) as (url, asked):
        environment = {**os.environ, "HOLDFAST_URL": url, "HOLDFAST_READY_EVERY": "1"}
        subprocess.run([INFRA / "ready.sh"], env=environment, check=True, capture_output=True)
    assert asked == ["/api/health/ready"] * 2


def test_the_template_says_where_the_app_is() -> None:
    assert "output HOLDFAST_URL string" in (INFRA / "main.bicep").read_text()
