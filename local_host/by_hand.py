"""Running any function by hand with a text, as `POST /admin/functions/{name}` of the real host does.

The text is the queue message, the event, the request body; a timer needs none. For Event Hubs the real
host makes one event of it; here a JSON array becomes a batch, one event for each element.
"""

import json
from datetime import UTC, datetime
from typing import assert_never

from local_host.calls import Call, event_grid_call, event_hub_call, queue_call_by_hand, timer_call
from local_host.datum import raw
from local_host.functions import (
    EventGridTrigger,
    EventHubTrigger,
    Function,
    HttpTrigger,
    QueueTrigger,
    TimerTrigger,
)
from local_host.http_door import http_call_of
from local_host.ncrontab import schedule


def call_by_hand(function: Function, written: str) -> Call:
    """Build the call; raises `ValueError` when the text is not what the trigger takes."""
    match function.trigger:
        case QueueTrigger():
            return queue_call_by_hand(written)
        case EventGridTrigger():
            return event_grid_call(_event(written))
        case TimerTrigger(schedule=expression):
            return timer_call(None, schedule(expression)(datetime.now(UTC)))
        case EventHubTrigger(many=many, binary=binary):
            return event_hub_call(_bodies(written, many), many, binary)
        case HttpTrigger(route=path):
            url = f"http://localhost/{path}"
            return http_call_of("POST", url, {}, {}, {}, raw(written.encode()))
        case other:
            assert_never(other)


def _event(written: str) -> dict[str, object]:
    event = json.loads(written)
    if not isinstance(event, dict):
        raise ValueError(f"an event is a JSON object, found {type(event).__name__}")  # noqa: TRY004
    return event


def _bodies(written: str, many: bool) -> list[str]:
    if not (many and written.lstrip().startswith("[")):
        return [written]
    bodies = json.loads(written)
    return [body if isinstance(body, str) else json.dumps(body) for body in bodies]
