"""The door: what arrives is checked here once, and after that it is a Trigger, or nothing of ours, or a dead letter.

The event says where to look, never what to do. Its claims name people in messages; they decide nothing.
Shapes: learn.microsoft.com "Azure subscription as an Event Grid source" (Microsoft.Resources.*), "Azure Resource
Notifications - Resources events", and the CloudEvents 1.0 specification. Those of key vaults are in
`shared.vault_events`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from shared.alert import ALERT_PREFIX
from shared.errors import MalformedEvent
from shared.journal import Actor, Trigger
from shared.outside import Outside, parse_outside
from shared.ports import Store
from shared.target import PROVIDER, Resource, parse_resource
from shared.vault_events import read_vault_event

_RESOURCES = re.compile(r"Microsoft\.Resources\.Resource(Write|Delete|Action)(Success|Failure|Cancel)")
_NOTIFICATIONS = re.compile(r"Microsoft\.ResourceNotifications\.Resources\.(CreatedOrUpdated|Deleted)")
_MAX_TEXT = 256
QUEUED = "queue:"
_CLAIM_OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
_CLAIM_UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
_CLAIM_NAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that is not about a server of ours; `reason` says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Abroad:
    """An event about something that servers may use; who uses it, the store knows (`shared.usage`)."""

    where: Outside
    trigger: Trigger

    async def triggers(self, store: Store) -> list[Trigger]:
        """The reason to look at each who does."""
        # Most events are about servers themselves.
        from shared.usage import servers_using

        return [replace(self.trigger, target=target.id) for target in await servers_using(store, self.where)]


type Read = Trigger | Abroad | Ignored
_NOBODYS = ""
_ELSEWHERE = Ignored("neither an Azure Database for PostgreSQL server nor anything that one uses")


def _short(text: str) -> str:
    return "".join(character for character in text[:_MAX_TEXT] if character.isprintable())


def _mapping(value: object) -> object:
    # The 2018 definition of these events types authorization, claims and httpRequest as text that holds JSON.
    if isinstance(value, str):
        try:
            return json.loads(value) if value.strip() else {}
        except (ValueError, RecursionError):
            return {}
    return {} if value is None else value


def _text(value: object) -> object:
    return "" if value is None else value


def _utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the moment lies outside the calendar") from error


Short = Annotated[str, BeforeValidator(_text), AfterValidator(_short)]
Claims = Annotated[dict[str, Any], BeforeValidator(_mapping)]


class _Tolerant(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _HttpRequest(_Tolerant):
    clientIpAddress: Short = ""  # noqa: N815 - Azure's name


class _ResourceData(_Tolerant):
    resourceUri: str = ""  # noqa: N815 - Azure's names, here and below
    operationName: Short = ""  # noqa: N815
    correlationId: Short = ""  # noqa: N815
    claims: Claims = Field(default_factory=dict)
    authorization: Claims = Field(default_factory=dict)
    httpRequest: Annotated[_HttpRequest, BeforeValidator(_mapping)] = _HttpRequest()  # noqa: N815


class _ResourceInfo(_Tolerant):
    id: str


class _NotificationData(_Tolerant):
    resourceInfo: _ResourceInfo  # noqa: N815


class _Event(_Tolerant):
    id: Annotated[str, Field(min_length=1, max_length=512)]
    type: Annotated[str, Field(min_length=1, max_length=256)]
    subject: str = ""
    topic: Annotated[str, BeforeValidator(_text)] = ""
    time: Annotated[AwareDatetime, AfterValidator(_utc)]
    data: dict[str, Any]


def read_event(envelope: Mapping[str, Any], *, authentic: bool = False) -> Read:
    """Turn one event, in Event Grid schema or CloudEvents 1.0, into the reason to look at a server, or at all those
    that use something.

    An authentic event came through a door that only Event Grid's identity can use. It gets an id that no event of the
    other door can have, so that a forged copy which arrives first does not take its place. Raises MalformedEvent, with
    a sentence that says what is wrong, for anything that breaks its own schema.
    """
    event = _parse(_Event, _normalised(envelope))
    own = next((prefix for prefix in (QUEUED, ALERT_PREFIX) if event.id.startswith(prefix)), "")
    if own:
        raise MalformedEvent(f"id: ids that begin with {own} are Holdfast's own")
    read = _read(event)
    match read if authentic else None:
        case Trigger() as trigger:
            return _vouched_for(trigger)
        case Abroad(where, trigger):
            return Abroad(where, _vouched_for(trigger))
        case _:
            return read


def _vouched_for(trigger: Trigger) -> Trigger:
    return replace(trigger, id=f"{QUEUED}{trigger.id}", authentic=True)


def _read(event: _Event) -> Read:
    if match := _RESOURCES.fullmatch(event.type):
        return _from_resources(event, match[1].lower(), match[2].lower())
    if match := _NOTIFICATIONS.fullmatch(event.type):
        return _from_notifications(event, "delete" if match[1] == "Deleted" else "write")
    changed = read_vault_event(event.type, event.topic, event.data)
    if changed is not None:
        return _abroad(event, changed.resource, changed.operation)
    return Ignored(f"event type {event.type} is not about a resource write")


def envelope_of(event: Any) -> Mapping[str, Any]:
    """The event as it came over the wire, whichever class the worker library made of it."""
    common = {"id": event.id, "subject": event.subject, "data": event.get_json()}
    if hasattr(event, "specversion"):
        time = event.time.isoformat() if event.time else None
        return {**common, "specversion": event.specversion, "source": event.source, "type": event.type, "time": time}
    time = event.event_time.isoformat() if event.event_time else None
    return {**common, "topic": event.topic, "eventType": event.event_type, "eventTime": time}


def dead_letter_body(envelope: object) -> str:
    """The event as text that any store takes, for a dead letter."""
    try:
        text = json.dumps(envelope, ensure_ascii=False, default=str)
    except (ValueError, TypeError):
        text = repr(envelope)
    except RecursionError:
        text = "(nested too deep to show)"
    return text.encode("utf-8", "backslashreplace").decode()


def _normalised(envelope: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(envelope, Mapping):
        raise MalformedEvent(f"an event is a JSON object, found {type(envelope).__name__}")
    if "specversion" in envelope:
        return {**envelope, "topic": envelope.get("source")}
    return {**envelope, "type": envelope.get("eventType"), "time": envelope.get("eventTime")}


def _parse[T: BaseModel](model: type[T], value: object) -> T:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "event"
        raise MalformedEvent(f"{where}: {first['msg']}") from error


def _from_resources(event: _Event, verb: str, outcome: str) -> Read:
    data = _parse(_ResourceData, event.data)
    uri = data.resourceUri or event.subject
    resource = parse_resource(uri)
    if resource is None:
        told = {"actor": _actor(data), "correlation_id": data.correlationId.lower(), "outcome": outcome}
        return _abroad(event, uri, data.operationName.lower() or _named(uri, verb), **told)
    return _trigger(
        event,
        resource,
        operation=_operation(resource, data.operationName, verb),
        actor=_actor(data),
        correlation_id=data.correlationId.lower(),
        outcome=outcome,
    )


def _from_notifications(event: _Event, verb: str) -> Read:
    data = _parse(_NotificationData, event.data)
    resource = parse_resource(data.resourceInfo.id)
    if resource is None:
        return _abroad(event, data.resourceInfo.id, _named(data.resourceInfo.id, verb))
    return _trigger(event, resource, operation=_operation(resource, "", verb))


def _abroad(event: _Event, uri: str, operation: str, **told: Any) -> Read:
    """An event about what no server is made of; `told` is what it says beside."""
    where = parse_outside(uri)
    if where is None:
        return _ELSEWHERE
    return Abroad(where, Trigger(event.id, _NOBODYS, operation, uri.lower().rstrip("/"), event.time, **told))


def _named(uri: str, verb: str) -> str:
    """The ARM operation that writes or deletes a resource, lower case, where the event does not say it."""
    provider, *rest = uri.lower().rpartition("/providers/")[2].split("/")
    return "/".join([provider, *rest[::2], verb])


def _trigger(
    event: _Event,
    resource: Resource,
    operation: str,
    actor: Actor | None = None,
    correlation_id: str = "",
    outcome: str = "success",
) -> Trigger:
    return Trigger(
        id=event.id,
        target=resource.target.id,
        operation=operation,
        child=resource.child,
        at=event.time,
        actor=actor,
        correlation_id=correlation_id,
        outcome=outcome,
    )


def _operation(resource: Resource, named: str, verb: str) -> str:
    """The ARM operation below the server's type, lower case."""
    prefix = f"{PROVIDER}/{resource.target.kind.type_name}/".lower()
    if named.lower().startswith(prefix):
        return named.lower().removeprefix(prefix)
    if named and "/" in named:
        return named.lower()
    return f"{resource.collection}/{verb}" if resource.collection else verb


def _actor(data: _ResourceData) -> Actor | None:
    claims = _texts(data.claims)
    evidence = _texts(data.authorization.get("evidence"))
    object_id = claims.get(_CLAIM_OBJECT_ID) or evidence.get("principalId", "")
    app_id = claims.get("appid", "")
    upn = claims.get(_CLAIM_UPN) or claims.get(_CLAIM_NAME, "")
    name = upn or claims.get("name", "") or app_id or object_id
    if not name:
        return None
    user = bool(upn) or evidence.get("principalType") == "User"
    return Actor(
        name=name,
        object_id=object_id.lower(),
        app_id=app_id.lower(),
        kind="user" if user else "application",
        ip=claims.get("ipaddr") or data.httpRequest.clientIpAddress,
    )


def _texts(value: object) -> dict[str, str]:
    """The members that are text, as Azure sends them; anything else names nobody."""
    members = value.items() if isinstance(value, dict) else ()
    return {key: _short(text) for key, text in members if isinstance(text, str)}
