"""A webhook on this machine that takes what Holdfast tells people, as a chat or a pager would."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Message:
    """A notification as its receiver sees it."""

    title: str
    text: str

    def mentions(self, word: str) -> bool:
        """Whether the word stands in it."""
        return word in self.title or word in self.text


class Receiver:
    """Collects messages while it listens; `on_message` sees each as it comes."""

    def __init__(self, on_message: Callable[[Message], None] = lambda _: None) -> None:
        self._on_message = on_message
        self.messages: list[Message] = []
        self.apprise_url = ""

    @property
    def count(self) -> int:
        """How many messages came."""
        return len(self.messages)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Receiver"]:
        """Listen on a free port while the block runs."""
        app = web.Application()
        app.router.add_post("/", self._take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.apprise_url = f"json://{host}:{port}/"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.json()
        message = Message(body.get("title", ""), body.get("message", ""))
        self.messages.append(message)
        self._on_message(message)
        return web.Response()
