"""The activity log as witness: who really made a change. Api-version 2015-04-01.

learn.microsoft.com, "Activity Logs - List": a filter may hold a time range and one of resource group, resource,
resource provider or correlation id, and "no other syntax is allowed". What a claim may count for:
docs/decisions/0004-whose-claims-count.md.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.arm.client import Call, Pipeline
from shared.arm.creation import SELECT, creation_from
from shared.arm.pages import pages
from shared.errors import Forbidden
from shared.ports import Creation
from shared.target import Target

API_VERSION = "2015-04-01"
_SELECT = "claims,operationId,operationName,resourceId,status"
_NOT_MADE = frozenset({"failed", "canceled", "cancelled"})
_OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
_SCOPE = "http://schemas.microsoft.com/identity/claims/scope"
# The log keeps 90 days and refuses an earlier start; Azure's clock may be ahead of ours.
_KEPT = timedelta(days=89)
_AHEAD = timedelta(minutes=5)

type _Event = Mapping[str, Any]


class ActivityLog:
    """Reads the log of one subscription at a time."""

    def __init__(self, client: Pipeline, clock: Callable[[], datetime]) -> None:
        self._client, self._clock = client, clock

    async def writers(self, target: Target, child: str, since: datetime) -> tuple[frozenset[str], ...]:
        """Everybody who wrote the server itself (`child` empty), this child of it, or what stands outside it (`child` a
        whole id); empty when the log shows nothing.

        Everybody, and not the caller of one correlation id: an id that somebody else used a moment ago can be named in
        a forged event, but then the log shows a second writer.
        """
        resource = child if child.startswith("/") else f"{target.id}/{child}".rstrip("/")
        call = _call(
            _subscription(resource, target), resource, max(since, self._clock() - _KEPT), self._clock() + _AHEAD
        )
        events = [event async for event in pages(self._client, call)]
        callers = {_ids(event) for event in _writes(events, resource.lower())}
        return tuple(sorted(callers, key=sorted))

    async def creation(self, target: Target) -> Creation | None:
        """How the server was made; None when the log does not show that it was, or is not shown to us."""
        at = self._clock()
        call = _call(target.subscription, target.id, at - _KEPT, at + _AHEAD, SELECT)
        try:
            events = [event async for event in pages(self._client, call)]
        except Forbidden:
            return None
        return creation_from(_writes(events, target.id.lower()))


def _subscription(resource: str, target: Target) -> str:
    """Whose log it is in; what lies above subscriptions is in none of theirs, and the server's has nothing of it."""
    _, word, name, *_ = f"{resource}//".split("/")
    return name if word == "subscriptions" else target.subscription


def _call(subscription: str, resource: str, since: datetime, until: datetime, select: str = _SELECT) -> Call:
    scope = f"/subscriptions/{subscription}"
    span = f"eventTimestamp ge '{_moment(since)}' and eventTimestamp le '{_moment(until)}'"
    return Call(
        "GET",
        f"{scope}/providers/Microsoft.Insights/eventtypes/management/values",
        API_VERSION,
        "Microsoft.Insights/eventtypes/values/Read",
        scope,
        query={"$filter": f"{span} and resourceUri eq '{resource}'", "$select": select},
    )


def _writes(events: Iterable[_Event], resource: str) -> list[_Event]:
    """The events of writes to the resource that have not failed. What the log also tells of a resource, its health or
    what Azure Policy found, is no write; what cannot be told apart counts as one."""
    found = [event for event in events if _low(event.get("resourceId")).rstrip("/") == resource]
    failed = {_low(event.get("operationId")) for event in found if _word(event.get("status")) in _NOT_MADE}
    return [event for event in found if _is_write(event) and _low(event.get("operationId")) not in failed]


def _is_write(event: _Event) -> bool:
    operation = _word(event.get("operationName"))
    return not operation or operation.endswith(("/write", "/delete"))


def _ids(event: _Event) -> frozenset[str]:
    """Object id and application id of the caller. With a person's token the application is only what they used."""
    claims = event.get("claims")
    if not isinstance(claims, dict):
        return frozenset()
    person = _low(claims.get(_SCOPE))
    found = (_low(claims.get(_OBJECT_ID)), "" if person else _low(claims.get("appid")))
    return frozenset(one for one in found if one)


def _word(value: object) -> str:
    """The invariant part of one of the log's localised words."""
    return _low(value.get("value")) if isinstance(value, dict) else _low(value)


def _low(value: object) -> str:
    return value.lower() if isinstance(value, str) else ""


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
