"""The records in what a door brings: one alert, a list, an answer of Azure, a batch, an event that wraps any of these.

list answer of REST          {"value": [...]}
answer of Resource Graph     {"data": [...]}
batch of diagnostics         {"records": [...]}
Event Grid, CloudEvents      {"eventType"|"specversion": ..., "data": ...}
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any

from shared.alerts.members import Members
from shared.alerts.texts import parsed
from shared.errors import MalformedEvent

_DEEPEST = 4
_LISTS = ("value", "records", "data")


def records(document: object) -> list[Any]:
    """Every record, in order; what is no list and wraps nothing is one record, whatever it is."""
    return list(_records(document, 0))


def records_of(body: bytes) -> list[Any]:
    """The records in a body. Raises MalformedEvent for what is no JSON."""
    try:
        return records(json.loads(body.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise MalformedEvent(f"a body is UTF-8 text: {error.reason} at byte {error.start}") from error
    except RecursionError as error:
        raise MalformedEvent("a body is JSON, found one that is nested too deep") from error
    except ValueError as error:
        raise MalformedEvent(f"a body is JSON: {error}") from error


def _records(document: object, depth: int) -> Iterator[Any]:
    found = parsed(document)
    inside = _inside(found) if depth < _DEEPEST else None
    if inside is None:
        yield found
        return
    for one in inside:
        yield from _records(one, depth + 1)


def _inside(found: object) -> list[Any] | None:
    """What it wraps, or None for what wraps nothing."""
    if isinstance(found, list):
        return found
    if not isinstance(found, Mapping):
        return None
    members = Members(found)
    if "specversion" in members or "eventType" in members:
        return [_data(members)]
    if "AlertType" in members or "SystemAlertId" in members or "properties" in members:
        return None
    return next((members.get(name) for name in _LISTS if isinstance(members.get(name), list)), None)


def _data(members: Members) -> Any:
    """The data of an event; CloudEvents may carry it as base64."""
    packed = members.get("data_base64")
    if not isinstance(packed, str):
        return members.get("data")
    try:
        return base64.b64decode(packed, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return packed
