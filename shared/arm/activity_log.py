"""The activity log as witness: who really made a change. Api-version 2015-04-01.

learn.microsoft.com, "Activity Logs - List": a filter may hold a time range and one of resource group, resource,
resource provider or correlation id, and "no other syntax is allowed"; so the correlation id is asked for, and the
resource is compared here. What a claim may count for: docs/decisions/0004-whose-claims-count.md.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.arm.answers import members
from shared.arm.client import ArmClient, Call
from shared.target import Target

API_VERSION = "2015-04-01"
_SELECT = "claims,correlationId,operationId,resourceId,status"
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MADE = frozenset({"started", "accepted", "succeeded"})
_NOT_MADE = frozenset({"failed", "canceled", "cancelled"})
_OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
_SCOPE = "http://schemas.microsoft.com/identity/claims/scope"
# The log keeps 90 days and refuses an earlier start; Azure's clock may be ahead of ours.
_KEPT = timedelta(days=89)
_AHEAD = timedelta(minutes=5)

type _Event = Mapping[str, Any]


class ActivityLog:
    """Reads the log of one subscription at a time."""

    def __init__(self, client: ArmClient, clock: Callable[[], datetime]) -> None:
        self._client, self._clock = client, clock

    async def changed_by(
        self, target: Target, correlation_id: str, since: datetime, child: str | None = None
    ) -> frozenset[str]:
        """Who made the change with this correlation id on the server or below it, or only on `child` of it.

        Empty when the log does not show it (yet), and when it shows several callers: a correlation id is chosen by
        who calls, so somebody who reuses another's would otherwise pass for them.
        """
        wanted = correlation_id.lower()
        if not _GUID.fullmatch(wanted):
            return frozenset()
        call = _call(target, wanted, max(since, self._clock() - _KEPT), self._clock() + _AHEAD)
        events = [members(event, "an event of the activity log") async for event in self._client.pages(call)]
        callers = {_ids(event) for event in _made(events, wanted) if _is_about(event, target, child)}
        return callers.pop() if len(callers) == 1 else frozenset()


def _call(target: Target, correlation_id: str, since: datetime, until: datetime) -> Call:
    scope = f"/subscriptions/{target.subscription}"
    span = f"eventTimestamp ge '{_moment(since)}' and eventTimestamp le '{_moment(until)}'"
    return Call(
        "GET",
        f"{scope}/providers/Microsoft.Insights/eventtypes/management/values",
        API_VERSION,
        "Microsoft.Insights/eventtypes/values/Read",
        scope,
        query={"$filter": f"{span} and correlationId eq '{correlation_id}'", "$select": _SELECT},
    )


def _made(events: Iterable[_Event], correlation_id: str) -> list[_Event]:
    """The events of writes that happened or are under way; an operation that failed has changed nothing."""
    ours = [event for event in events if _low(event.get("correlationId")) == correlation_id]
    failed = {event.get("operationId") for event in ours if _status(event) in _NOT_MADE}
    return [event for event in ours if _status(event) in _MADE and event.get("operationId") not in failed]


def _is_about(event: _Event, target: Target, child: str | None) -> bool:
    found, server = _low(event.get("resourceId")).rstrip("/"), target.id.lower()
    if child is not None:
        return found == f"{server}/{child}".rstrip("/")
    return found == server or found.startswith(f"{server}/")


def _ids(event: _Event) -> frozenset[str]:
    """Object id and application id of the caller. With a person's token the application is only what they used."""
    claims = event.get("claims")
    if not isinstance(claims, dict):
        return frozenset()
    person = _low(claims.get(_SCOPE))
    found = (_low(claims.get(_OBJECT_ID)), "" if person else _low(claims.get("appid")))
    return frozenset(one for one in found if one)


def _status(event: _Event) -> str:
    status = event.get("status")
    return _low(status.get("value")) if isinstance(status, dict) else _low(status)


def _low(value: object) -> str:
    return value.lower() if isinstance(value, str) else ""


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
