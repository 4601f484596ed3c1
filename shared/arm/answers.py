"""Taking answers apart without guessing: what is not as its definition says is an error, never an empty value.

An empty list of management groups, or no exemption, would be a decision; an answer that cannot be read is none.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from shared.errors import Unreachable

_AGAIN_SECONDS = 60.0
_MISSHAPEN = (AttributeError, LookupError, TypeError, ValueError, OverflowError, RecursionError)


def parsed(content: bytes) -> Any:
    """The JSON of an answer; of what is none, an empty object. Half a character becomes `?`: no store could keep it."""
    try:
        found = json.loads(content) if content else {}
        if b"\\ud" in content.lower():
            found = json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}
    return found


def unreadable(what: str, found: object, wanted: str) -> Unreachable:
    """The error for an answer of an unknown shape. A later answer may be whole again, so it is looked at again."""
    return Unreachable(f"{what}: found {found!r:.200}, wanted {wanted}", _AGAIN_SECONDS)


def members(value: object, what: str) -> Mapping[str, Any]:
    """The value as a JSON object."""
    if not isinstance(value, dict):
        raise unreadable(what, value, "an object")
    return value


def elements(value: object, what: str) -> list[Any]:
    """The value as a JSON array."""
    if not isinstance(value, list):
        raise unreadable(what, value, "a list")
    return value


def text(value: object, what: str) -> str:
    """The value as text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise unreadable(what, value, "text")
    return value


def texts(value: object, what: str) -> tuple[str, ...]:
    """The value as a list of texts; null is none, as ARM writes an optional list."""
    return () if value is None else tuple(text(one, what) for one in elements(value, what))


def word(value: object) -> str:
    """An optional text; null is an empty one. Raises TypeError for anything else, for `as_defined`."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"found {value!r:.80}, wanted text")
    return value


@contextmanager
def as_defined(what: str) -> Iterator[None]:
    """What is read inside is of the shape that Azure's definitions promise; of any other, it is our own error."""
    try:
        yield
    except _MISSHAPEN as error:
        said = f"{type(error).__name__}: {error!s:.200}"
        raise Unreachable(f"{what}: the answer is not as defined ({said})", _AGAIN_SECONDS) from error
