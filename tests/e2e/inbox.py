"""Where Holdfast's messages to people arrive: a webhook in a thread of its own, which can be out of order."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Message:
    """A message as its reader gets it; `at` is when, on the monotonic clock."""

    title: str
    text: str
    at: float


class Inbox:
    """Takes messages on one port, always the same; answers after `delay_seconds`."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.delay_seconds = 0.0
        self._port = 0
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address as Apprise writes it."""
        return f"json://127.0.0.1:{self._port}/"

    def about(self, name: str) -> list[Message]:
        """The messages about one server, in order of arrival."""
        return [message for message in self.messages if f" {name} " in message.title]

    def open(self) -> None:
        """Take messages."""
        inbox = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                inbox.messages.append(Message(body["title"], body["message"], time.monotonic()))
                time.sleep(inbox.delay_seconds)
                # who asked may be dead
                with suppress(ConnectionError):
                    self.send_response(200)
                    self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Door)
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        """Refuse connections."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    @contextmanager
    def out_of_order(self) -> Iterator[None]:
        """Refuse connections while the block runs."""
        self.close()
        try:
            yield
        finally:
            self.open()
