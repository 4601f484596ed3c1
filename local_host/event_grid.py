"""The Event Grid webhook: handshakes, deliveries, and the status codes that decide about redelivery.

After HttpRequestProcessor.cs and EventGridExtensionConfigProvider.cs in Azure/azure-sdk-for-net: 404 for
an unknown function, 400 without `aeg-event-type`, 202 when all events of a delivery succeeded, 500 when
one did not, and then Event Grid sends all of them again. Two differences: a body that is no JSON gets
400 (there the parser's exception becomes 500, and the delivery is repeated for a day), and the CloudEvents
handshake grants a rate too, which the specification asks for when the sender names one.
"""

import asyncio
import json
from collections.abc import Mapping

from aiohttp import web

from local_host.calls import event_grid_call
from local_host.functions import EventGridTrigger, Function
from local_host.invocations import Invocations
from local_host.keys import Keys

PATH = "/runtime/webhooks/EventGrid"
# Event Grid's own limit for a delivery
MAX_DELIVERY_BYTES = 1024 * 1024
_ORIGIN = "eventgrid.azure.net"
_ORIGINS = frozenset(
    {_ORIGIN, "eventgrid.azure.us", "eventgrid.azure.cn"}
    | {"eventgrid.azure.eaglex.ic.gov", "eventgrid.azure.microsoft.scloud"}
)


class EventGridDoor:
    """Answers `PATH`."""

    def __init__(self, functions: Mapping[str, Function], invocations: Invocations, keys: Keys) -> None:
        self._functions = {
            name: function for name, function in functions.items() if isinstance(function.trigger, EventGridTrigger)
        }
        self._invocations = invocations
        self._keys = keys

    async def handle(self, request: web.Request) -> web.Response:
        """Answer a handshake or a delivery."""
        if not self._keys.open_webhook(request):
            return web.Response(status=401)
        name = request.query.get("functionName", "")
        function = self._functions.get(name)
        if function is None:
            return web.Response(status=404, text=f"cannot find function: '{name}'")
        if request.method == "OPTIONS":
            return _cloud_events_handshake(request)
        match request.headers.get("aeg-event-type", "").lower():
            case "subscriptionvalidation":
                return _handshake(await _document(request))
            case "notification":
                return await self._deliver(function, await _document(request))
            case "unsubscribe":
                return web.Response(status=202)
            case other:
                return web.Response(status=400, text=f"aeg-event-type is '{other}', wanted Notification")

    async def _deliver(self, function: Function, document: object) -> web.Response:
        events = document if isinstance(document, list) else [document]
        calls = [event_grid_call(event) for event in events if isinstance(event, dict)]
        if len(calls) < len(events):
            return web.Response(status=400, text="an event is a JSON object; found something else")
        outcomes = await asyncio.gather(*(self._invocations.run(function, call) for call in calls))
        failed = [outcome for outcome in outcomes if not outcome.ok]
        if failed:
            return web.Response(status=500, text=failed[0].error)
        return web.Response(status=202)


async def _document(request: web.Request) -> object:
    if (request.content_length or 0) > MAX_DELIVERY_BYTES:
        raise web.HTTPRequestEntityTooLarge(MAX_DELIVERY_BYTES, request.content_length or 0)
    body = await request.read()
    if len(body) > MAX_DELIVERY_BYTES:
        raise web.HTTPRequestEntityTooLarge(MAX_DELIVERY_BYTES, len(body))
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise web.HTTPBadRequest(text=f"the body is no JSON: {error}") from error
    return document


def _handshake(document: object) -> web.Response:
    match document:
        case [{"data": {"validationCode": str() as code}}, *_]:
            return web.json_response({"validationResponse": code})
        # a subscription of the CloudEvents schema sends one object, its data as text
        case {"data": str() as data}:
            return _handshake([{"data": _parsed(data)}])
        case {"data": {"validationCode": str() as code}}:
            return web.json_response({"validationResponse": code})
        case _:
            return web.Response(status=400, text="the validation event has no data.validationCode")


def _parsed(data: str) -> object:
    try:
        document: object = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return document


def _cloud_events_handshake(request: web.Request) -> web.Response:
    origin = request.headers.get("WebHook-Request-Origin", _ORIGIN)
    allowed = origin if origin in _ORIGINS else _ORIGIN
    return web.Response(headers={"WebHook-Allowed-Origin": allowed, "WebHook-Allowed-Rate": "*"})
