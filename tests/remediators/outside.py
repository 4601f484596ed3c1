"""Servers with something around them, for the tests of controls that look there."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from shared.state import FacetKind, Setting, State, Value
from shared.target import Kind
from tests.builders import NOON, a_server, a_state, a_target

type Around = Mapping[FacetKind, Mapping[str, Mapping[str, str]]]


def with_around(
    around: Around,
    kind: Kind = Kind.FLEXIBLE,
    facts: Mapping[str, str] | None = None,
    recalled: Mapping[Setting, Value] | None = None,
    at: datetime | None = NOON,
) -> State:
    """A server in good order, what stands around it, and what stood there when all was well."""
    state = a_state(a_target(kind=kind), server=a_server(facts=dict(facts or {})), children=around, at=at)
    return replace(state, recalled=recalled or {})
