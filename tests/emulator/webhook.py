"""A webhook that passes the handshakes and keeps what it gets; told to, it answers with other codes first."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Webhook:
    """What came, and what will be answered."""

    url: str = ""
    answers: list[int] = field(default_factory=list)  # statuses of the next deliveries; 200 when used up
    shakes_hands: bool = True
    came: asyncio.Event = field(default_factory=asyncio.Event)
    seen: list[tuple[dict[str, str], Any]] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of all deliveries, in order of arrival."""
        bodies = [body for _, body in self.seen]
        return [event for body in bodies for event in (body if isinstance(body, list) else [body])]

    async def answer(self, request: web.Request) -> web.Response:
        """Take a handshake or a delivery."""
        if request.method == "OPTIONS":
            return web.Response(headers={"WebHook-Allowed-Origin": "*"} if self.shakes_hands else {})
        body = json.loads(await request.read())
        if request.headers["aeg-event-type"] == "SubscriptionValidation":
            code = body[0]["data"]["validationCode"] if self.shakes_hands else "wrong"
            return web.json_response({"validationResponse": code})
        self.seen.append((dict(request.headers), body))
        self.came.set()
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    async def arrived(self, count: int) -> list[dict[str, Any]]:
        """Wait until so many events are there and return them."""
        async with asyncio.timeout(5):
            while len(self.events) < count:
                self.came.clear()
                await self.came.wait()
        return self.events


@contextlib.asynccontextmanager
async def webhook() -> AsyncIterator[Webhook]:
    """Serve a webhook on a free port."""
    hook = Webhook()
    application = web.Application()
    application.router.add_route("*", "/hook", hook.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        yield hook
    finally:
        await runner.cleanup()
