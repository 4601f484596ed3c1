"""Event subscriptions: what goes where, in which schema, and the handshake that a webhook must pass first."""

import json
import uuid
from dataclasses import dataclass
from typing import Literal

import aiohttp
from pydantic import BaseModel, ConfigDict, Field

from emulator.body import Body
from emulator.clock import long_stamp
from emulator.grid.happenings import GridEvent
from emulator.grid.post import Post, queue_message


class SubscriptionSpec(BaseModel):
    """A subscription as the control API takes it; empty filters let everything through.

    A storage queue is named by its address with a shared access signature, which stands for the identity's right to
    write into it: http://127.0.0.1:10001/devstoreaccount1/QUEUE?sv=…&sig=….
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, alias_generator=None)

    name: str = "holdfast"
    endpoint: str
    endpoint_type: Literal["WebHook", "StorageQueue"] = Field(default="WebHook", alias="endpointType")
    event_schema: Literal["EventGridSchema", "CloudEventSchemaV1_0"] = Field(default="EventGridSchema", alias="schema")
    included_event_types: tuple[str, ...] = Field(default=(), alias="includedEventTypes")
    operation_prefixes: tuple[str, ...] = Field(
        default=(), alias="operationPrefixes"
    )  # StringBeginsWith on data.operationName


@dataclass(slots=True)
class Subscription:
    """A subscription and whether its endpoint has answered the handshake."""

    spec: SubscriptionSpec
    active: bool = False
    refusal: str = ""

    @property
    def is_cloud(self) -> bool:
        """Whether it delivers CloudEvents."""
        return self.spec.event_schema == "CloudEventSchemaV1_0"

    def wants(self, event: GridEvent) -> bool:
        """Whether its filters let the event through; comparisons ignore case, as Event Grid's do."""
        kinds = {kind.lower() for kind in self.spec.included_event_types}
        if kinds and event.event_type.lower() not in kinds:
            return False
        operation = str(event.data.get("operationName", "")).lower()
        prefixes = tuple(prefix.lower() for prefix in self.spec.operation_prefixes)
        return not prefixes or operation.startswith(prefixes)

    def request(self, event: GridEvent, count: int) -> Post:
        """Return the request of a delivery; `count` is how often it was tried before."""
        if self.spec.endpoint_type == "StorageQueue":
            return queue_message(self.spec.endpoint, event.as_cloud_event() if self.is_cloud else event.as_event_grid())
        # to a webhook: an array of one, or one CloudEvent
        body: Body | list[Body] = event.as_cloud_event() if self.is_cloud else [event.as_event_grid()]
        kind = "application/cloudevents+json" if self.is_cloud else "application/json"
        headers = self.headers(event, count, f"{kind}; charset=utf-8")
        return Post(self.spec.endpoint, json.dumps(body).encode(), headers)

    def headers(self, event: GridEvent, count: int, content_type: str) -> dict[str, str]:
        """Return the headers of a delivery; `count` is how often it was tried before."""
        return {
            "Content-Type": content_type,
            "aeg-event-type": "Notification",
            "aeg-subscription-name": self.spec.name.upper(),
            "aeg-delivery-count": str(count),
            "aeg-data-version": event.data_version,
            "aeg-metadata-version": "1",
        }

    def summary(self) -> Body:
        """Return what the control API tells."""
        told = self.spec.model_dump(by_alias=True)
        return told | {"state": "Active" if self.active else "AwaitingHandshake", "refusal": self.refusal}

    async def shake_hands(self, session: aiohttp.ClientSession, event: GridEvent) -> bool:
        """Ask a webhook whether it wants the events; only then is the subscription active. A queue is not asked."""
        if self.spec.endpoint_type == "StorageQueue":
            self.active = True
            return True
        try:
            self.refusal = await (self._ask_cloud(session) if self.is_cloud else self._ask_grid(session, event))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.refusal = f"{type(error).__name__}: {error}"
        self.active = not self.refusal
        return self.active

    async def _ask_grid(self, session: aiohttp.ClientSession, event: GridEvent) -> str:
        headers = self.headers(event, 0, "application/json; charset=utf-8")
        headers["aeg-event-type"] = "SubscriptionValidation"
        async with session.post(self.spec.endpoint, json=[event.as_event_grid()], headers=headers) as response:
            # only 200 will do: azure-docs, end-point-validation-event-grid-events-schema
            if response.status != 200:
                return f"the endpoint answered {response.status} to the validation event, wanted 200"
            answer = await response.json(content_type=None)
        code = answer.get("validationResponse") if isinstance(answer, dict) else None
        return "" if code == event.data["validationCode"] else "validationResponse is not the validationCode"

    async def _ask_cloud(self, session: aiohttp.ClientSession) -> str:
        headers = {"WebHook-Request-Origin": "eventgrid.azure.net", "WebHook-Request-Rate": "120"}
        async with session.options(self.spec.endpoint, headers=headers) as response:
            allowed = response.headers.get("WebHook-Allowed-Origin", "")
            if response.status != 200 or allowed not in ("*", "eventgrid.azure.net"):
                return f"the endpoint answered {response.status} and WebHook-Allowed-Origin {allowed!r} to OPTIONS"
        return ""


def validation_event(event: GridEvent) -> GridEvent:
    """Return the SubscriptionValidation event, with a fresh code; `event` gives topic and time."""
    code = str(uuid.uuid4())
    url = f"https://rp-westeurope.eventgrid.azure.net:553/eventsubscriptions/validate?id={code}&t={long_stamp(event.time)}"
    data: Body = {"validationCode": code, "validationUrl": url}
    return GridEvent(event.topic, "", "Microsoft.EventGrid.SubscriptionValidationEvent", event.time, data, "1")
