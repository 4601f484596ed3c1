"""What host.json says, as far as this host acts on it; absent values are the real host's defaults.

(learn.microsoft.com, "host.json reference for Azure Functions"; QueuesOptions.cs in
Azure/azure-sdk-for-net for the queue values.)
"""

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_host.errors import BadHostJson

_TIME_SPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?")
# the most that Get Messages of Storage gives at once
MAX_BATCH_SIZE = 32


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """extensions.queues; times in seconds. `visibility_seconds`: how long a failed message stays hidden."""

    batch_size: int = 16
    new_batch_threshold: int = 8 * (os.cpu_count() or 1)
    max_dequeue_count: int = 5
    visibility_seconds: float = 0.0
    max_polling_seconds: float = 60.0
    base64: bool = True


@dataclass(frozen=True, slots=True)
class HostJson:
    """`function_timeout_seconds` None: no limit. The default is that of all plans but Consumption."""

    function_timeout_seconds: float | None = 1800.0
    route_prefix: str = "api"
    queues: QueueOptions = field(default_factory=QueueOptions)


def read_host_json(app_dir: Path) -> HostJson:
    """Read host.json in `app_dir`; as with Core Tools it has to be there."""
    path = app_dir / "host.json"
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise BadHostJson(f"{path} is missing") from error
    except ValueError as error:
        raise BadHostJson(f"{path}: {error}") from error
    try:
        extensions = document.get("extensions", {})
        return HostJson(
            function_timeout_seconds=_timeout(document.get("functionTimeout", "00:30:00")),
            route_prefix=extensions.get("http", {}).get("routePrefix", "api").strip("/"),
            queues=_queues(extensions.get("queues", {})),
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise BadHostJson(f"{path}: {error}") from error


def _queues(section: dict[str, Any]) -> QueueOptions:
    batch_size = int(section.get("batchSize", 16))
    if not 1 <= batch_size <= MAX_BATCH_SIZE:
        raise ValueError(f"queues.batchSize is {batch_size}, wanted 1 to {MAX_BATCH_SIZE}")
    encoding = str(section.get("messageEncoding", "base64")).lower()
    if encoding not in {"base64", "none"}:
        raise ValueError(f"queues.messageEncoding is {encoding}, wanted base64 or none")
    return QueueOptions(
        batch_size=batch_size,
        new_batch_threshold=int(section.get("newBatchThreshold", batch_size // 2 * (os.cpu_count() or 1))),
        max_dequeue_count=int(section.get("maxDequeueCount", 5)),
        visibility_seconds=seconds(section.get("visibilityTimeout", "00:00:00")),
        max_polling_seconds=seconds(section.get("maxPollingInterval", "00:01:00")),
        base64=encoding == "base64",
    )


def seconds(time_span: str) -> float:
    """Read a .NET time span, `[d.]hh:mm:ss[.fffffff]`."""
    match = _TIME_SPAN.fullmatch(time_span)
    if match is None:
        raise ValueError(f"{time_span!r} is no time span, wanted hh:mm:ss")
    days, hours, minutes, whole, fraction = (int(part or 0) for part in match.groups())
    part = fraction / 10 ** len(match[5]) if match[5] else 0.0
    return float(((days * 24 + hours) * 60 + minutes) * 60 + whole) + part


def _timeout(time_span: str) -> float | None:
    # the documented way to say "unbounded"
    return None if time_span == "-1" else seconds(time_span)
