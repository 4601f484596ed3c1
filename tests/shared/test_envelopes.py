"""What lies in the queue of events is read in every form in which it may lie there."""

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.envelopes import envelopes
from shared.errors import MalformedEvent

EVENT = {"id": "1", "data": {"x": "ä"}}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(), lambda inner: st.lists(inner, max_size=3)
)
EVENTS = st.dictionaries(st.text(max_size=3), JSON, max_size=3)


def text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


@pytest.mark.parametrize("body", [text(EVENT), text([EVENT]), b" \r\n" + text(EVENT)], ids=["one", "array", "space"])
def test_one_event_or_an_array_plain_or_base64(body: bytes) -> None:
    assert envelopes(body) == [EVENT]
    assert envelopes(base64.b64encode(body)) == [EVENT]


def test_a_byte_order_mark_is_no_event() -> None:
    assert envelopes(base64.b64encode(b"\xef\xbb\xbf" + text(EVENT))) == [EVENT]


def test_an_empty_array_holds_nothing() -> None:
    assert envelopes(b"[]") == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "is JSON"),
        (b"no json", "is JSON"),
        (b"7", "found int"),
        (b'"text"', "object or array, found str"),
        (b'{"id": ', "is JSON"),
        (b"\xff\xfe", "is UTF-8 text"),
        (b'{"id": "\xff"}', "is UTF-8 text"),
        (b"[" * 100_000, "nested too deep"),
        (base64.b64encode(b"7"), "found int"),
    ],
    ids=str,
)
def test_anything_else_is_malformed(body: bytes, why: str) -> None:
    with pytest.raises(MalformedEvent, match=why):
        envelopes(body)


@given(events=st.lists(EVENTS, max_size=3), encoded=st.booleans())
def test_what_was_written_is_what_is_read(events: list[dict[str, Any]], encoded: bool) -> None:
    body = base64.b64encode(text(events)) if encoded else text(events)
    assert envelopes(body) == events


@given(body=st.binary(max_size=200))
def test_no_bytes_do_anything_else(body: bytes) -> None:
    with suppress(MalformedEvent):
        assert isinstance(envelopes(body), list)
