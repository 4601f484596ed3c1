"""HTTP functions: routing by template and method, access keys, and the worker's view of a request.

As the real host does it (GrpcMessageConversionExtensions.cs in Azure/azure-functions-host): header names
in lower case, empty query values left out, the body always as bytes, route values as `params`. A route
or method that no function has is 404; a failed function is 500 with an empty body.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from aiohttp import web

from local_host.calls import Call
from local_host.datum import Datum, raw, text
from local_host.functions import Function, HttpTrigger
from local_host.invocations import Invocations
from local_host.keys import Keys
from local_host.routes import Route, route
from local_host.worker import Outcome

# the real host's limit for a request body
MAX_BODY_BYTES = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Entry:
    function: Function
    trigger: HttpTrigger
    route: Route


class HttpDoor:
    """Answers everything under the route prefix."""

    def __init__(self, functions: Iterable[Function], prefix: str, invocations: Invocations, keys: Keys) -> None:
        self._invocations = invocations
        self._keys = keys
        entries = [
            _Entry(function, function.trigger, route(f"{prefix}/{function.trigger.route}"))
            for function in functions
            if isinstance(function.trigger, HttpTrigger)
        ]
        self._entries = sorted(entries, key=lambda entry: -entry.route.literals)

    async def handle(self, request: web.Request) -> web.Response:
        """Run the function the request is for."""
        found = self._find(request)
        if found is None:
            return web.Response(status=404)
        entry, params = found
        if not self._keys.open(request, entry.trigger.auth):
            return web.Response(status=401)
        outcome = await self._invocations.run(entry.function, await http_call(request, params))
        return http_answer(outcome)

    def _find(self, request: web.Request) -> tuple[_Entry, dict[str, str]] | None:
        path = request.path.rstrip("/")
        for entry in self._entries:
            if entry.trigger.methods and request.method not in entry.trigger.methods:
                continue
            params = entry.route.values(path)
            if params is not None:
                return entry, params
        return None


async def http_call(request: web.Request, params: dict[str, str]) -> Call:
    """Build the call for a request."""
    query = {name: ",".join(request.query.getall(name)) for name in request.query}
    headers = {name.lower(): ",".join(request.headers.getall(name)) for name in request.headers}
    body = raw(await request.read())
    return http_call_of(request.method, str(request.url), headers, query, params, body)


def http_call_of(
    method: str,
    url: str,
    headers: dict[str, str],
    query: dict[str, str],
    params: dict[str, str],
    body: Datum,
) -> Call:
    """Build the call from the parts of a request."""
    value = {
        "method": text(method),
        "url": text(url),
        "headers": {name: text(content) for name, content in headers.items()},
        "query": {name: text(content) for name, content in query.items() if content},
        "params": {name: text(content) for name, content in params.items()},
        "body": body,
    }
    return Call(Datum(value, "http"), trace_parent=headers.get("traceparent", ""))


def http_answer(outcome: Outcome) -> web.Response:
    """Turn what the function returned into the answer."""
    if not outcome.ok:
        return web.Response(status=500)
    returned = outcome.returned
    if returned is None or returned.value is None:
        return web.Response(status=204)
    if not isinstance(returned.value, dict):
        return web.Response(text=str(returned.value))
    return _full_answer(returned.value)


def _full_answer(value: dict[str, Any]) -> web.Response:
    response = web.Response(status=int(value["status_code"].value), body=value["body"].value)
    for name, content in value["headers"].items():
        response.headers[name] = content.value
    cookies: list[SimpleCookie] = value["cookies"] or []
    for cookie in cookies:
        for morsel in cookie.values():
            response.headers.add("Set-Cookie", morsel.OutputString())
    return response
