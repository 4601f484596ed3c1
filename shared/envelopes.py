"""What lies in the queue of events: one event or an array of them, in either schema, before anybody has checked it.

Event Grid writes one event in a message. It is base64, as the Functions host expects it (since 2022; before, and in
Microsoft's quickstart of 2021, it was plain text). The host decodes it where host.json says so, and what is still
base64 here is decoded here.
"""

import base64
import binascii
import json
from typing import Any

from shared.errors import MalformedEvent


def envelopes(body: bytes) -> list[Any]:
    """The events in a message. Raises MalformedEvent for what is no JSON object or array."""
    found = _json(_plain(body))
    if not isinstance(found, dict | list):
        raise MalformedEvent(f"a message of events is a JSON object or array, found {type(found).__name__}")
    return found if isinstance(found, list) else [found]


def _plain(body: bytes) -> bytes:
    if body.lstrip()[:1] in (b"{", b"["):
        return body
    try:
        return base64.b64decode(body.strip(), validate=True)
    except binascii.Error:
        return body


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise MalformedEvent(f"a message of events is UTF-8 text: {error.reason} at byte {error.start}") from error
    except ValueError as error:
        raise MalformedEvent(f"a message of events is JSON: {error}") from error
    except RecursionError as error:
        raise MalformedEvent("a message of events is JSON, found one that is nested too deep") from error
