"""Where the values go that a function hands to its output bindings."""

import json

from local_host.datum import Datum
from local_host.functions import RETURN, Function
from local_host.queue_source import QueueSource
from local_host.worker import Outcome


class Outputs:
    """Sends queue outputs; an HTTP answer stays with the request."""

    def __init__(self, source: QueueSource) -> None:
        self._source = source

    async def deliver(self, function: Function, outcome: Outcome) -> frozenset[str]:
        """Send what the invocation put out; returns the queues that got something."""
        values = [*outcome.outputs]
        if outcome.returned is not None:
            values.append((RETURN, outcome.returned))
        reached: set[str] = set()
        for name, value in values:
            queue = function.queue_outputs.get(name)
            if queue is None:
                continue
            for body in message_bodies(value):
                await self._source.send(queue, body)
                reached.add(queue)
        return frozenset(reached)


def message_bodies(value: Datum) -> list[str]:
    """Return one message body per message; a list fans out, a QueueMessage gives its body."""
    match value.value:
        case None:
            return []
        case bytes() as data:
            return [data.decode()]
        case str() as written if value.type == "json":
            return _from_json(json.loads(written))
        case other:
            return [str(other)]


def _from_json(value: object) -> list[str]:
    match value:
        case list():
            return [body for item in value for body in _from_json(item)]
        case str():
            return [value]
        # the worker library's own shape for `func.QueueMessage`
        case {"id": _, "body": str() as body}:
            return [body]
        case other:
            return [json.dumps(other)]
