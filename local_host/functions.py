"""The functions of the app, as the doors need them: what triggers each, and where its outputs go.

Read from the bindings that the worker library reports. The `connection` of a binding is not looked
at: a local host has one queue service.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from local_host.app_settings import resolved
from local_host.errors import AppNotLoaded
from local_host.worker import Indexed

RETURN = "$return"


class Auth(StrEnum):
    """Who may call an HTTP function: everybody, holders of the function key, of the master key."""

    ANONYMOUS = "anonymous"
    FUNCTION = "function"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class HttpTrigger:
    """No methods means all methods."""

    route: str
    methods: frozenset[str]
    auth: Auth


@dataclass(frozen=True, slots=True)
class EventGridTrigger:
    """Called through the Event Grid webhook."""


@dataclass(frozen=True, slots=True)
class QueueTrigger:
    """Called for each message of `queue`."""

    queue: str


@dataclass(frozen=True, slots=True)
class TimerTrigger:
    """`schedule` is an NCRONTAB expression in UTC."""

    schedule: str
    run_on_startup: bool


@dataclass(frozen=True, slots=True)
class EventHubTrigger:
    """`many`: one call for a batch; `binary`: bodies as bytes and not as text."""

    hub: str
    many: bool
    binary: bool


type Trigger = HttpTrigger | EventGridTrigger | QueueTrigger | TimerTrigger | EventHubTrigger


@dataclass(frozen=True, slots=True)
class Function:
    """One function. `queue_outputs` maps the name of an output binding to its queue. A `disabled` one is called by
    nothing but the admin door (learn.microsoft.com, "How to disable functions in Azure Functions")."""

    name: str
    id: str
    param: str
    trigger: Trigger
    queue_outputs: Mapping[str, str]
    bindings: tuple[str, ...]
    disabled: bool = False


def described(indexed: Indexed, settings: Mapping[str, str]) -> Function:
    """Read a function's bindings; whatever this host does not offer stops the start."""
    bindings = [json.loads(binding) for binding in indexed.bindings]
    incoming = [binding for binding in bindings if binding["direction"].upper() == "IN"]
    if len(incoming) != 1:
        kinds = ", ".join(binding["type"] for binding in incoming)
        raise AppNotLoaded(f"{indexed.name}: has the input bindings [{kinds}], wanted one trigger and no more")
    outputs = {}
    for binding in bindings:
        if binding["direction"].upper() == "OUT" and not _is_http_answer(binding):
            outputs[binding["name"]] = _output_queue(indexed.name, binding, settings)
    trigger = _trigger(indexed.name, incoming[0], settings)
    disabled = settings.get(f"AzureWebJobs.{indexed.name}.Disabled", "").lower() in ("true", "1")
    return Function(indexed.name, indexed.id, incoming[0]["name"], trigger, outputs, indexed.bindings, disabled)


def _is_http_answer(binding: dict[str, Any]) -> bool:
    return bool(binding["type"] == "http" and binding["name"] == RETURN)


def _output_queue(function: str, binding: dict[str, Any], settings: Mapping[str, str]) -> str:
    if binding["type"] != "queue":
        raise AppNotLoaded(f"{function}: output binding of type {binding['type']}, wanted http or queue")
    return resolved(binding["queueName"], settings)


def _trigger(function: str, binding: dict[str, Any], settings: Mapping[str, str]) -> Trigger:
    match binding["type"]:
        case "httpTrigger":
            route = binding.get("route")
            methods = frozenset(method.upper() for method in binding.get("methods") or ())
            auth = Auth((binding.get("authLevel") or "function").lower())
            return HttpTrigger(function if route is None else route, methods, auth)
        case "eventGridTrigger":
            return EventGridTrigger()
        case "queueTrigger":
            return QueueTrigger(resolved(binding["queueName"], settings))
        case "timerTrigger":
            schedule = resolved(binding["schedule"], settings)
            return TimerTrigger(schedule, bool(binding.get("runOnStartup")))
        case "eventHubTrigger":
            many = str(binding.get("cardinality", "one")).lower() == "many"
            binary = str(binding.get("dataType", "")).lower() == "binary"
            return EventHubTrigger(resolved(binding["eventHubName"], settings), many, binary)
        case kind:
            raise AppNotLoaded(f"{function}: trigger of type {kind}, which this host does not offer")
