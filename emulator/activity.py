"""The activity log: what was begun and how it ended, by whom, shown a while after it happened.

Shape of an event: Microsoft.Insights, activityLogs_API 2015-04-01 and its examples.
"""

import json
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from emulator.body import Body
from emulator.clock import Clock, long_stamp
from emulator.grid.happenings import Happening, claims_of
from emulator.ids import group_of, subscription_of

_KEPT = 20_000
_TICKS_OF_1970 = 621_355_968_000_000_000  # .NET counts 100 ns from the year 1
_ENDINGS = {  # status: name of the event, code of the HTTP answer, level
    "Started": ("BeginRequest", "", "Informational"),
    "Accepted": ("EndRequest", "Accepted", "Informational"),
    "Succeeded": ("EndRequest", "OK", "Informational"),
    "Failed": ("EndRequest", "Conflict", "Error"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An event of the log, and when it can first be read."""

    at: datetime
    shown_at: datetime
    body: Body


class ActivityLog:
    """The log of the whole tenant. `lag_seconds` is how long an event takes to appear; Azure takes minutes."""

    def __init__(self, clock: Clock, tenant_id: str, lag_seconds: float) -> None:
        self._clock, self._tenant_id = clock, tenant_id
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self.lag_seconds = lag_seconds

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def add(self, happening: Happening, status: str) -> None:
        """Write down that a request began, was accepted, or ended."""
        at = self._clock.now()
        shown_at = at + timedelta(seconds=self.lag_seconds)
        self._entries.append(Entry(at, shown_at, _body(happening, status, at, shown_at, self._tenant_id)))

    def shown(self, subscription_id: str) -> Iterator[Entry]:
        """The events of a subscription that can be read by now, newest first, as Azure lists them."""
        now, wanted = self._clock.now(), subscription_id.lower()
        for entry in reversed(self._entries):
            if entry.shown_at <= now and entry.body["subscriptionId"] == wanted:
                yield entry


def _body(happening: Happening, status: str, at: datetime, shown_at: datetime, tenant_id: str) -> Body:
    call, resource = happening.call, happening.resource_id
    event_id, (event, code, level) = str(uuid.uuid4()), _ENDINGS[status]
    ticks = _TICKS_OF_1970 + int(at.timestamp() * 10_000_000)
    return {
        "authorization": {"action": happening.action, "role": happening.grant.role.name, "scope": resource},
        "caller": call.caller.principal.user_principal_name or call.caller.principal.object_id,
        "claims": claims_of(call.claims, call.caller),
        "correlationId": call.correlation_id,
        "description": "",
        "eventDataId": event_id,
        "eventName": _words(event),
        "category": _words("Administrative"),
        "httpRequest": {
            "clientRequestId": call.headers.get("x-ms-client-request-id", call.request_id),
            "clientIpAddress": call.caller.principal.ip,
            "method": call.method,
        },
        "id": f"{resource}/events/{event_id}/ticks/{ticks}",
        "level": level,
        "resourceGroupName": group_of(resource),
        "resourceProviderName": _words(happening.action.partition("/")[0]),
        "resourceId": resource,
        "resourceType": _words(happening.action.rpartition("/")[0]),
        "operationId": call.request_id,
        "operationName": _words(happening.action),
        "properties": ({"statusCode": code} if code else {}) | _sent(happening, status),
        "status": _words(status),
        "subStatus": _words(code),
        "eventTimestamp": long_stamp(at),
        "submissionTimestamp": long_stamp(shown_at),
        "subscriptionId": subscription_of(resource),
        "tenantId": tenant_id,
    }


def _sent(happening: Happening, status: str) -> Body:
    """Return the body of a PUT as text, without secrets. That Azure logs it for this type is not verified."""
    body = happening.call.body
    if status != "Started" or happening.call.method != "PUT" or not body:
        return {}
    shown = {**body}
    if isinstance(body.get("properties"), dict):
        given = body["properties"].items()
        shown["properties"] = {name: value for name, value in given if "password" not in name.lower()}
    return {"requestbody": json.dumps(shown)}


def _words(value: str) -> Body:
    return {"value": value, "localizedValue": value}
