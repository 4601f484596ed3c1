"""Custom topics: `POST /topics/{name}/api/events` takes what azure-eventgrid's publisher sends, and keeps it.

Real topics take one schema each; these take the Event Grid schema and CloudEvents 1.0, whichever arrives.
"""

import asyncio
import json
import secrets
from dataclasses import dataclass, field

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from emulator.body import Body
from emulator.errors import ArmError
from emulator.tokens import GRID_AUDIENCE, Tokens

_SEND = "Microsoft.EventGrid/events/send/action"
_GRID_NEEDS = ("id", "subject", "data", "eventType", "eventTime", "dataVersion")
_CLOUD_NEEDS = ("id", "source", "type", "specversion")


class TopicFault(BaseModel):
    """How a topic misbehaves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: str = ""  # empty: every topic
    times: int | None = Field(default=None, ge=1)
    status: int | None = Field(default=None, ge=400, le=599)
    latency_ms: float = Field(default=0, ge=0)


@dataclass(slots=True)
class Topics:
    """All topics of the fleet and what was published to them."""

    names: tuple[str, ...]
    tokens: Tokens
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    received: dict[str, list[Body]] = field(default_factory=dict)
    _faults: list[TopicFault] = field(default_factory=list)

    def add_fault(self, fault: TopicFault) -> None:
        """Let a topic misbehave."""
        self._faults.append(fault)

    def clear_faults(self) -> None:
        """Let all topics behave."""
        self._faults.clear()

    def clear(self) -> None:
        """Forget what was published and how topics misbehave."""
        self.received.clear()
        self.clear_faults()

    async def answer(self, request: web.Request) -> web.Response:
        """Take a batch of events."""
        name = request.match_info["name"]
        try:
            await self._suffer(name)
            self._authenticate(request)
            if name not in self.names:
                raise ArmError(404, "NotFound", f"The topic '{name}' was not found.")
            events = _events(await request.read(), request.content_type)
        except ArmError as error:
            body = {"error": {"code": error.code, "message": error.message, "details": []}}
            return web.json_response(body, status=error.status, headers=error.headers)
        self.received.setdefault(name, []).extend(events)
        return web.Response(status=200)

    async def _suffer(self, name: str) -> None:
        fault = next((one for one in self._faults if one.topic in ("", name)), None)
        if fault is None:
            return
        if fault.times is not None:
            self._faults.remove(fault)
            if fault.times > 1:
                self._faults.insert(0, fault.model_copy(update={"times": fault.times - 1}))
        await asyncio.sleep(fault.latency_ms / 1000)
        if fault.status is not None:
            raise ArmError(fault.status, "ServiceUnavailable", "A fault was asked for.")

    def _authenticate(self, request: web.Request) -> None:
        key = request.headers.get("aeg-sas-key")
        if key is not None:
            if not secrets.compare_digest(key.encode(), self.key.encode()):
                raise ArmError(401, "Unauthorized", "The request authorization key is not authorized.")
            return
        _, caller = self.tokens.read(request.headers.get("Authorization", ""), {GRID_AUDIENCE})
        if not any(grant.allows_data(_SEND) for grant in caller.grants):
            raise ArmError(403, "Forbidden", f"The principal does not have the data action {_SEND}.")


def _events(raw: bytes, content_type: str) -> list[Body]:
    is_cloud = content_type.startswith("application/cloudevents")
    try:
        sent = json.loads(raw)
    except ValueError as error:
        raise ArmError(400, "BadRequest", f"The body is not JSON: {error}") from error
    events = sent if isinstance(sent, list) else [sent]
    for event in events:
        _check(event, _CLOUD_NEEDS if is_cloud else _GRID_NEEDS)
    return events


def _check(event: object, needed: tuple[str, ...]) -> None:
    if not isinstance(event, dict):
        raise ArmError(400, "BadRequest", "An event is an object.")
    missing = [name for name in needed if event.get(name) in (None, "")]
    if missing:
        raise ArmError(400, "BadRequest", f"The event lacks the required properties {', '.join(missing)}.")
    if event.get("specversion", "1.0") != "1.0":
        raise ArmError(400, "BadRequest", f"specversion is {event['specversion']!r}, wanted '1.0'.")
