"""A door for batches of Event Hub events: what would come over AMQP in Azure comes in a request here.

The body is a JSON array, one element for each event: a text is the event's body as it is, anything else its body as
JSON. The function is called once, or once for each event where it takes them one by one. 202 when all succeeded, else
500: nothing is kept here, so whoever sent the batch sends it again, as Azure does under a retry policy.
"""

import asyncio
import json
from collections.abc import Mapping

from aiohttp import web

from local_host.calls import Call, event_hub_call
from local_host.functions import Auth, EventHubTrigger, Function
from local_host.invocations import Invocations
from local_host.keys import Keys

PATH = "/runtime/webhooks/EventHubs"


class EventHubDoor:
    """Answers `PATH`, to holders of the function key."""

    def __init__(self, functions: Mapping[str, Function], invocations: Invocations, keys: Keys) -> None:
        self._functions = functions
        self._invocations = invocations
        self._keys = keys

    async def handle(self, request: web.Request) -> web.Response:
        """Take a batch."""
        if not self._keys.open(request, Auth.FUNCTION):
            return web.Response(status=401)
        name = request.query.get("functionName", "")
        function = self._functions.get(name)
        if function is None or not isinstance(function.trigger, EventHubTrigger):
            return web.Response(status=404, text=f"cannot find function: '{name}'")
        try:
            bodies = _bodies(await request.read())
        except (ValueError, RecursionError) as error:
            return web.Response(status=400, text=f"the body is no JSON array: {error}")
        calls = _calls(function.trigger, bodies)
        outcomes = await asyncio.gather(*(self._invocations.run(function, call) for call in calls))
        failed = [outcome for outcome in outcomes if not outcome.ok]
        return web.Response(status=500, text=failed[0].error) if failed else web.Response(status=202)


def _bodies(body: bytes) -> list[str]:
    found = json.loads(body)
    if not isinstance(found, list):
        raise ValueError(f"found {type(found).__name__}")  # noqa: TRY004
    return [one if isinstance(one, str) else json.dumps(one) for one in found]


def _calls(trigger: EventHubTrigger, bodies: list[str]) -> list[Call]:
    batches = [bodies] if trigger.many else [[body] for body in bodies]
    return [event_hub_call(batch, trigger.many, trigger.binary) for batch in batches if batch]
