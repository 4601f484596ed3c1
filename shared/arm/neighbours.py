"""Reading and writing what stands outside a server: ARM's JSON to named texts, changes to requests. See `places`."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from shared.arm.client import Call
from shared.arm.flatten import flattened, unflattened
from shared.arm.places import PLACES, How, Neighbour
from shared.control import Change
from shared.state import FacetKind, Setting, State
from shared.target import Kind

_ID = re.compile(r"(?:/[\w.()@$ :-]{1,260}){2,40}")


def needed(kind: Kind, facets: Iterable[FacetKind]) -> frozenset[FacetKind]:
    """The facets with everything that has to be read before them on this kind of server."""
    found: set[FacetKind] = set()
    waiting = list(facets)
    while waiting:
        facet = waiting.pop()
        if facet not in found and not (facet is FacetKind.SERVER_KEYS and kind is not Kind.SINGLE):
            found.add(facet)
            waiting += PLACES[facet].needs if facet in PLACES else ()
    return frozenset(found)


def read_calls(facet: FacetKind, state: State, paths: Iterable[str] | None = None) -> list[Call]:
    """The GETs that show the facet, as far as what was read before tells where to look."""
    place = PLACES[facet]
    found = place.find(state) if paths is None else paths
    return [
        Call("GET", path, place.api_version, f"{place.type}/read", path, query=place.query)
        for path in dict.fromkeys(found)
        if _ID.fullmatch(path)
    ]


def neighbour_from(facet: FacetKind, state: State, bodies: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """The resources by ARM id, as named texts."""
    place, found = PLACES[facet], dict[str, dict[str, str]]()
    for body in bodies:
        if place.keep(state, body):
            texts = flattened(body.get("properties") or {}) | flattened({name: body.get(name) for name in place.outer})
            found[str(body["id"])] = {
                name: text for name, text in texts.items() if not place.keeps or name in place.keeps
            }
    return dict(sorted(found.items()))


def neighbour_permission(setting: Setting, deletes: bool) -> str:
    """The ARM action that writing the setting needs."""
    return f"{PLACES[setting.neighbour[0]].type}/{'delete' if deletes else 'write'}"


def merges(change: Change) -> bool:
    """Whether the resource is read before it is written, to keep what is not ours in it."""
    facet, _, _ = change.setting.neighbour
    return PLACES[facet].how is How.MERGE


def read_call_of(change: Change) -> Call:
    """The GET of the one resource that the change is about."""
    facet, resource, _ = change.setting.neighbour
    place = PLACES[facet]
    return Call("GET", resource, place.api_version, f"{place.type}/read", resource)


def neighbour_call(group: Iterable[Change], found: Mapping[str, Any], correlation_id: str) -> Call:
    """The request that makes these changes of one resource; `found` is what it is now where that has to be kept."""
    changes = list(group)
    facet, resource, member = changes[0].setting.neighbour
    place = PLACES[facet]
    deletes = not member and changes[0].after is None
    body: dict[str, Any] | None = None
    if not deletes:
        texts = {one.setting.neighbour[2]: one.after for one in changes} if member else changes[0].after
        body = _body(place, texts if isinstance(texts, Mapping) else {}, found)
    method = "DELETE" if deletes else "PATCH" if place.how is How.PATCH else "PUT"
    permission = neighbour_permission(changes[0].setting, deletes)
    return Call(method, resource, place.api_version, permission, resource, body, correlation_id)


def _body(place: Neighbour, texts: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    inner = unflattened(
        {name: str(text) for name, text in texts.items() if name not in place.outer and text is not None}
    )
    outer = {name: text for name, text in texts.items() if name in place.outer}
    kept = {name: value for name, value in found.items() if name in ("location", "tags", "etag")}
    properties = found.get("properties") or {}
    return {**kept, **outer, "properties": _merged(properties, inner)}


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(old)
    for name, value in new.items():
        before = result.get(name)
        both = isinstance(value, Mapping) and isinstance(before, Mapping)
        result[name] = _merged(before, value) if both else value  # type: ignore[arg-type]
    return result
