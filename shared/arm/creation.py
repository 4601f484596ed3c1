"""How a server was made, from the events of the activity log about it.

A restored server does not say what it was restored from; the request that made it did. Whether the log shows a request
is not documented for servers: where it does, it is JSON as text among the event's properties.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from shared.ports import Creation

type Event = Mapping[str, Any]

SELECT = "eventTimestamp,httpRequest,operationId,operationName,properties,resourceId,status"
_BODIES = ("requestbody", "responsebody")
# Flexible servers, Citus clusters, single servers.
_SOURCES = ("sourceServerResourceId", "sourceResourceId", "sourceServerId")


def creation_from(writes: Iterable[Event]) -> Creation | None:
    """What the first PUT since the name was last free says; None where there is none among these writes."""
    events = sorted(writes, key=lambda event: str(event.get("eventTimestamp", "")))
    freed = max((at for at, event in enumerate(events) if _method(event) == "delete"), default=-1)
    made = [event for event in events[freed + 1 :] if _method(event) == "put"]
    if not made:
        return None
    same = [event for event in made if event.get("operationId") == made[0].get("operationId")]
    bodies = [body for event in same if (body := _body(event)) is not None]
    sources = [source for body in bodies if (source := _source(body))]
    return Creation(sources[0] if sources else "", known=bool(bodies))


def _method(event: Event) -> str:
    request = event.get("httpRequest")
    method = request.get("method") if isinstance(request, dict) else ""
    return method.lower() if isinstance(method, str) else ""


def _body(event: Event) -> Mapping[str, Any] | None:
    """The server's properties in the request or its answer."""
    properties = event.get("properties")
    for name, value in properties.items() if isinstance(properties, dict) else ():
        if name.lower() in _BODIES and isinstance(value, str):
            found = _properties(value)
            if found is not None:
                return found
    return None


def _properties(text: str) -> Mapping[str, Any] | None:
    try:
        body = json.loads(text)
    except ValueError:
        return None
    inner = body.get("properties") if isinstance(body, dict) else None
    return inner if isinstance(inner, dict) else None


def _source(body: Mapping[str, Any]) -> str:
    return next((text for name in _SOURCES if isinstance(text := body.get(name), str) and text), "")
