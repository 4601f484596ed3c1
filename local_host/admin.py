"""The admin door: what functions there are, how the host is, and running a function by hand.

All behind the master key. As in the real host a run by hand is only begun: the answer is 202 and the
log says how it went (learn.microsoft.com, "Manually run a non HTTP-triggered function").
"""

import asyncio
import json
import time
from collections.abc import Mapping

from aiohttp import web

from local_host.by_hand import call_by_hand
from local_host.functions import Auth, Function
from local_host.invocations import Invocations
from local_host.keys import Keys


class AdminDoor:
    """Answers everything under /admin."""

    def __init__(self, functions: Mapping[str, Function], invocations: Invocations, keys: Keys) -> None:
        self._functions = functions
        self._invocations = invocations
        self._keys = keys
        self._started = time.monotonic()
        self._begun: set[asyncio.Task[object]] = set()

    def add_to(self, app: web.Application) -> None:
        """Put the admin paths into the server."""
        app.router.add_get("/admin/host/status", self._status)
        app.router.add_get("/admin/functions", self._list)
        app.router.add_post("/admin/functions/{name}", self._run)

    async def _status(self, request: web.Request) -> web.Response:
        self._let_in(request)
        status = {
            "id": "local",
            "state": "Running",
            "version": "local_host",
            "processUptime": round((time.monotonic() - self._started) * 1000),
            "invocationsInFlight": len(self._invocations.in_flight),
        }
        return web.json_response(status)

    async def _list(self, request: web.Request) -> web.Response:
        self._let_in(request)
        return web.json_response([_listed(function) for function in self._functions.values()])

    async def _run(self, request: web.Request) -> web.Response:
        self._let_in(request)
        function = self._functions.get(request.match_info["name"])
        if function is None:
            return web.Response(status=404, text=f"cannot find function: '{request.match_info['name']}'")
        try:
            call = call_by_hand(function, _input(await request.read()))
        except ValueError as error:
            return web.Response(status=400, text=str(error))
        task = asyncio.create_task(self._invocations.run(function, call))
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)
        return web.Response(status=202)

    def _let_in(self, request: web.Request) -> None:
        if not self._keys.open(request, Auth.ADMIN):
            raise web.HTTPUnauthorized


def _input(body: bytes) -> str:
    document = json.loads(body) if body else {}
    if not isinstance(document, dict):
        raise ValueError('the body is to be {"input": "..."}')  # noqa: TRY004
    written = document.get("input", "")
    return written if isinstance(written, str) else json.dumps(written)


def _listed(function: Function) -> dict[str, object]:
    bindings = [json.loads(binding) for binding in function.bindings]
    return {"name": function.name, "config": {"bindings": bindings}, "isDisabled": function.disabled}
