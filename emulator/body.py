"""JSON as ARM sends it: open objects, so this is the one place that says `Any` and why."""

import copy
from collections.abc import Iterator
from typing import Any

# An ARM body is whatever its api-version says it is; the official definitions judge it, not a Python type.
type Body = dict[str, Any]


def dig(body: Any, path: str) -> Any:
    """Return what stands at the dotted path, member names compared without case, or None."""
    for word in path.split("."):
        if not isinstance(body, dict):
            return None
        body = body[word] if word in body else _without_case(body, word)
    return body


def _without_case(body: Body, word: str) -> Any:
    low = word.lower()
    return next((value for key, value in body.items() if key.lower() == low), None)


def put(body: Body, path: str, value: Any) -> None:
    """Set the dotted path, making the objects on the way."""
    *way, last = path.split(".")
    for word in way:
        body = body.setdefault(word, {})
    body[last] = value


def drop(body: Body, path: str) -> None:
    """Remove the dotted path if it is there."""
    head, _, last = path.rpartition(".")
    owner = dig(body, head) if head else body
    if isinstance(owner, dict):
        owner.pop(last, None)


def leaves(body: Body, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give every dotted path of an object with its value; lists and empty objects are values."""
    for key, value in body.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{path}.")
        else:
            yield path, value


def merged(old: Body, new: Body) -> Body:
    """Return `old` with `new` laid over it, objects member by member; neither is changed."""
    result = dict(old)
    for key, value in new.items():
        mine = result.get(key)
        if isinstance(mine, dict) and isinstance(value, dict):
            result[key] = merged(mine, value)
        else:
            result[key] = copy.deepcopy(value)
    return result
