"""What an attacker would write, and real documents with some of it in them."""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

TEXTS = (
    "",
    "a\r\nERROR forged line",
    "\x1b[2J\x1b[31m",
    "\x00",
    "\x85 \u2028 \u2029",
    "\u202egnp.exe",
    "\ud800",
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "[click](https://evil.example) ![x](https://evil.example/x)",
    "<https://evil.example|bank> <!channel> <@U1>",
    "@everyone",
    "https://evil.example/",
    "http://169.254.169.254/metadata/identity/oauth2/token",
    "http://[",
    "//evil.example",
    "../../../etc/passwd",
    "' or 1=1 --",
    "%00%0d%0a%2e%2e",
    "$(id) `id` ;id",
    "NaN",
    "1e999",
    "-0",
    "9999-12-31T23:59:59+00:00",
    "0001-01-01T00:00:00-14:00",
    "2026-02-30T00:00:00Z",
    "x" * 5000,
    "[" * 3000,
    '{"a":' * 500,
)
text = st.sampled_from(TEXTS) | st.text(max_size=40)
numbers = st.integers() | st.floats() | st.sampled_from([2**63, -(2**63) - 1, 10**400, 1e308])
leaves = st.none() | st.booleans() | numbers | text
anything: st.SearchStrategy[Any] = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=6
)


def mutated(document: Any, most: int = 4) -> st.SearchStrategy[Any]:
    """The document with some of its values replaced, removed, doubled, lengthened or renamed."""
    return st.lists(_wounds(document), min_size=1, max_size=most).map(lambda wounds: _wounded(document, wounds))


def one_of_mutated(documents: Mapping[str, Any], most: int = 4) -> st.SearchStrategy[Any]:
    """One of the documents, mutated."""
    return st.one_of([mutated(document, most) for document in documents.values()])


def as_bytes(documents: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """The documents as a sender writes them, now and then cut short or with a byte of its own."""
    written = documents.map(_dumped)
    return (
        written
        | st.builds(_damaged, written, st.integers(0), st.integers(0, 255), st.booleans())
        | st.binary(max_size=60)
    )


type Wound = tuple[tuple[str | int, ...], Callable[[Any], Any] | None]


def _wounds(document: Any) -> st.SearchStrategy[Wound]:
    places = st.sampled_from(list(_places(document, ())))
    healed: st.SearchStrategy[Callable[[Any], Any] | None] = st.one_of(
        anything.map(lambda new: lambda _: new),
        text.map(lambda new: lambda old: f"{old}{new}" if isinstance(old, str) else new),
        text.map(lambda new: lambda old: f"{new}{old}" if isinstance(old, str) else [old]),
        st.just(lambda old: [old, old]),
        st.just(lambda old: {"value": old}),
        st.just(lambda old: json.dumps(old)),
        st.just(lambda old: old.upper() if isinstance(old, str) else None),
        st.tuples(text, anything).map(
            lambda new: lambda old: {**old, new[0]: new[1]} if isinstance(old, dict) else old
        ),
        st.none(),
    )
    return st.tuples(places, healed)


def _places(document: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    yield path
    inside = document.items() if isinstance(document, dict) else ()
    for name, value in enumerate(document) if isinstance(document, list) else inside:
        yield from _places(value, (*path, name))


def _wounded(document: Any, wounds: list[Wound]) -> Any:
    found = deepcopy(document)
    for path, change in wounds:
        found = _changed(found, path, change)
    return found


def _changed(document: Any, path: tuple[str | int, ...], change: Callable[[Any], Any] | None) -> Any:
    """The document after one wound; a place that an earlier one took away stays away."""
    if not path:
        return change(document) if change else None
    name, *rest = path
    try:
        inner = document[name]
        if rest or change:
            document[name] = _changed(inner, tuple(rest), change)
        else:
            del document[name]
    except (TypeError, KeyError, IndexError, AttributeError):
        return document
    return document


def _dumped(document: Any) -> bytes:
    return json.dumps(document).encode()


def _damaged(body: bytes, place: int, byte: int, cut: bool) -> bytes:
    at = place % (len(body) + 1)
    return body[:at] if cut else body[:at] + bytes([byte]) + body[at + 1 :]
