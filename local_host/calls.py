"""Trigger values and trigger metadata, as the real host and its extensions build them."""

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from local_host.datum import Datum, Metadata, as_json, many_raws, many_texts, raw, text
from shared.store.sqlite_queue import TIME_TO_LIVE_SECONDS, QueueMessage


@dataclass(frozen=True, slots=True)
class Call:
    """What a function is called with. `trace_parent` is a W3C traceparent, empty when there is none."""

    value: Datum
    metadata: Metadata = field(default_factory=dict)
    trace_parent: str = ""


def queue_call(message: QueueMessage) -> Call:
    """Build the call for one queue message (QueueTriggerBinding, `ApplyBindingData` in the host).

    The fields of a JSON body come last and so hide the real ones: a body field named `Id` or
    `DequeueCount` does so in Azure too.
    """
    metadata = {
        "QueueTrigger": text(message.body),
        "DequeueCount": as_json(message.dequeue_count),
        "ExpirationTime": as_json(_iso(message.expires_at)),
        "Id": text(message.id),
        "InsertionTime": as_json(_iso(message.inserted_at)),
        "NextVisibleTime": as_json(_iso(message.visible_at)),
        "PopReceipt": text(message.pop_receipt),
    }
    return Call(text(message.body), metadata | _body_fields(message.body))


def queue_call_by_hand(body: str) -> Call:
    """Build the call for a message that never was in a queue, as the real host's test run does."""
    now = time.time()
    message = QueueMessage("", str(uuid.uuid4()), body, 1, now, now, now + TIME_TO_LIVE_SECONDS, "")
    return queue_call(message)


def event_grid_call(event: dict[str, object]) -> Call:
    """Build the call for one event of either schema; a traced event hands its trace on."""
    parent = event.get("traceparent")
    return Call(as_json(event), trace_parent=parent if isinstance(parent, str) else "")


def timer_call(last: datetime | None, upcoming: datetime | None, past_due: bool = False) -> Call:
    """Build the call of a timer; what was never is the year 1, as in .NET."""
    status = {
        "Last": _moment(last),
        "LastUpdated": _moment(last),
        "Next": _moment(upcoming),
    }
    return Call(as_json({"Schedule": {}, "ScheduleStatus": status, "IsPastDue": past_due}))


def event_hub_call(bodies: Sequence[str], many: bool, binary: bool) -> Call:
    """Build the call for a batch, or for its only event (EventHubTriggerBindingStrategy.cs)."""
    now = datetime.now(UTC).isoformat()
    properties = [
        {"SequenceNumber": number, "Offset": number, "OffsetString": str(number), "PartitionKey": None}
        | {"EnqueuedTimeUtc": now}
        for number in range(len(bodies))
    ]
    if not many:
        metadata = {name: as_json(value) for name, value in properties[0].items() if value is not None}
        metadata |= {"Properties": as_json({}), "SystemProperties": as_json(properties[0])}
        return Call(raw(bodies[0].encode()) if binary else text(bodies[0]), metadata)
    arrays = {f"{name}Array": as_json([each[name] for each in properties]) for name in properties[0]}
    arrays |= {
        "PropertiesArray": as_json([{} for _ in bodies]),
        "SystemPropertiesArray": as_json(properties),
    }
    value = many_raws([body.encode() for body in bodies]) if binary else many_texts(list(bodies))
    return Call(value, arrays)


def _body_fields(body: str) -> dict[str, Datum]:
    if not body.startswith("{"):
        return {}
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    kept = {name: value for name, value in fields.items() if value is not None and not isinstance(value, list)}
    return {name: _field(value) for name, value in kept.items()}


def _field(value: object) -> Datum:
    if isinstance(value, dict):
        return as_json(value)
    # .NET writes booleans with a capital, as Python does
    return text(str(value))


def _iso(epoch_seconds: float) -> str:
    return datetime.fromtimestamp(epoch_seconds, UTC).isoformat()


def _moment(at: datetime | None) -> str:
    return "0001-01-01T00:00:00+00:00" if at is None else at.isoformat()
