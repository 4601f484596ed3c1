"""Scopes of equal rank that can both match a server must not say different things: nobody could tell which one wins."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from shared.policy.layer import Key
from shared.policy.scopes import Scope, disjoint
from shared.policy_file.document import Document

_WHAT_NEXT = "narrow one of them, or make it more specific"


def note_overlaps(document: Document, scopes: tuple[Scope, ...]) -> None:
    """Note every contradiction at the later scope's line."""
    said = [dict(_said(scope)) for scope in scopes]
    for first, second in _pairs(scopes):
        for key in said[first].keys() & said[second].keys():
            if said[first][key] != said[second][key]:
                one, other = scopes[first], scopes[second]
                text = (
                    f"the scopes {one.name!r} ({one.where(*key)}) and {other.name!r} have equal rank, can both match a "
                    f"server, and differ in {'.'.join(key)}; {_WHAT_NEXT}"
                )
                document.note(("scopes", second, *key), text, key=True)


def _pairs(scopes: tuple[Scope, ...]) -> Iterator[tuple[int, int]]:
    """Scopes of equal rank that one server can match."""
    groups: dict[object, list[int]] = {}
    for index, scope in enumerate(scopes):
        groups.setdefault(scope.scope or len(scope.tags), []).append(index)
    for group in groups.values():
        for first, second in combinations(group, 2):
            if not disjoint(scopes[first].tags, scopes[second].tags):
                yield first, second


def _said(scope: Scope) -> Iterator[tuple[Key, Any]]:
    if scope.mode is not None:
        yield ("mode",), scope.mode
    if scope.first_sight is not None:
        yield ("first_sight",), scope.first_sight
    for control, line in scope.controls.items():
        values: Mapping[str, Any] = {"mode": line.mode, "first_sight": line.first_sight, "delay": line.delay}
        yield from ((("controls", control, name), value) for name, value in values.items() if value is not None)
        for name in line.parameters.model_fields_set if line.parameters else ():
            yield ("controls", control, "parameters", name), getattr(line.parameters, name)
