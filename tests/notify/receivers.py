"""Real HTTP receivers: a webhook as Apprise's `json://` knows it, and an Event Grid custom topic."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from aiohttp import web

KEY = "dGVzdCBrZXk="
_REQUIRED = {"id": str, "subject": str, "eventType": str, "eventTime": str, "dataVersion": str, "data": dict}


class Receiver:
    """Answers with `status` after `delay_seconds`. `received` is what it took on which `paths`, `asked` counts all."""

    def __init__(self) -> None:
        self.status = 200
        self.delay_seconds = 0.0
        self.asked = 0
        self.received: list[Any] = []
        self.paths: list[str] = []
        self.port = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        await asyncio.sleep(self.delay_seconds)
        if self.status == 200:
            self.paths.append(request.path)
            self.received += self.check(request, await request.read())
        return web.Response(status=self.status)

    def check(self, request: web.Request, body: bytes) -> list[Any]:
        return [json.loads(body)]


class Topic(Receiver):
    """Takes what Event Grid takes: an array of at most 1 MB with exactly the members of its event schema.

    learn.microsoft.com, "Azure Event Grid event schema" and "Publish events to Azure Event Grid custom topics".
    """

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/events"

    def check(self, request: web.Request, body: bytes) -> list[Any]:
        if request.headers.get("aeg-sas-key") != KEY:
            raise web.HTTPUnauthorized
        if len(body) > 1_048_576:
            raise web.HTTPRequestEntityTooLarge(1_048_576, len(body))
        events: list[Any] = json.loads(body)
        right = (
            request.method == "POST"
            and request.path == "/api/events"
            and request.query.get("api-version") == "2018-01-01"
            and request.content_type == "application/json"
            and isinstance(events, list)
            and all(_is_event(event) for event in events)
        )
        if not right:
            raise web.HTTPBadRequest
        return events


def _is_event(event: Any) -> bool:
    members = set(event) == set(_REQUIRED) and all(isinstance(event[name], kind) for name, kind in _REQUIRED.items())
    return members and datetime.fromisoformat(event["eventTime"]).tzinfo is not None


@asynccontextmanager
async def listening[R: Receiver](receiver: R) -> AsyncIterator[R]:
    """The receiver, reachable on its `port` while the block runs."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", receiver.port)
        await site.start()
        receiver.port = runner.addresses[0][1]
        yield receiver
    finally:
        await runner.cleanup()
