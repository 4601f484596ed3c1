"""Reading and writing what stands outside a server: ARM's JSON to named texts, changes to requests. See `places`."""

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.arm.client import Call
from shared.arm.diagnostics import tidied
from shared.arm.flatten import flattened, merge, unflattened
from shared.arm.places import PLACES, How, Neighbour
from shared.arm.policies import holder_of, policy_call
from shared.control import Change
from shared.state import FacetKind, Setting, SettingKind, State, Value
from shared.target import Kind

_LOGS = (FacetKind.VAULT_DIAGNOSTICS, FacetKind.ACTIVITY_EXPORTS)
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
    return [_get(place, path) for path in dict.fromkeys(found) if _ID.fullmatch(path)]


def neighbour_from(
    facet: FacetKind, state: State, found: Iterable[tuple[str, Mapping[str, Any]]]
) -> dict[str, dict[str, str]]:
    """The resources by ARM id, as named texts; each comes with the path where it was looked for."""
    place, kept = PLACES[facet], dict[str, dict[str, str]]()
    if place.inside is not None:
        found = [(str(one["id"]), one) for path, body in found for one in place.inside({**body, "id": path})]
    for path, body in found:
        if not place.keep(state, body):
            continue
        properties = body.get("properties") or {}
        texts = flattened(tidied(properties) if facet in _LOGS else properties)
        texts |= flattened({name: body.get(name) for name in place.outer})
        name = _id(f"{path}/{body['name']}" if place.listed else path, str(body["id"]))
        kept[name] = {name: text for name, text in texts.items() if not place.keeps or name in place.keeps}
    return dict(sorted(kept.items()))


def _id(here: str, answered: str) -> str:
    """The id as we would write it, if that is where the resource is. Azure answers ids in several casings."""
    return here if here.lower() == answered.lower() else answered


def neighbour_permission(setting: Setting, deletes: bool) -> str:
    """The ARM action that writing the setting needs."""
    facet, _, member = setting.neighbour
    taken_away = deletes and not member and PLACES[facet].how is not How.ENTRY
    return f"{PLACES[facet].type}/{'delete' if taken_away else 'write'}"


def merges(change: Change) -> bool:
    """Whether the resource is read before it is written, to keep what is not ours in it: only a part of it changes."""
    if change.setting.kind is not SettingKind.NEIGHBOUR:
        return False
    facet, _, member = change.setting.neighbour
    return bool(member) or PLACES[facet].how is How.ENTRY


def read_call_of(change: Change) -> Call:
    """The GET of the one resource that the change is about."""
    facet, resource, _ = change.setting.neighbour
    place = PLACES[facet]
    return _get(place, holder_of(resource) if place.how is How.ENTRY else resource)


def _get(place: Neighbour, path: str) -> Call:
    return Call("GET", path, place.api_version, place.read_permission, path, query=place.query)


def neighbour_call(group: Sequence[Change], found: Mapping[str, Any], correlation_id: str) -> Call:
    """The request that makes these changes of one resource; `found` is what it is now, where properties change."""
    facet, resource, member = group[0].setting.neighbour
    place = PLACES[facet]
    permission = neighbour_permission(group[0].setting, group[0].after is None)
    if place.how is How.ENTRY:
        return policy_call(resource, group[0].after, found, (place.api_version, permission, correlation_id))
    if member:
        changed = {change.setting.neighbour[2]: change.after for change in group}
        body = _with_members(found, changed, place)
        return Call(place.how.upper(), resource, place.api_version, permission, resource, body, correlation_id)
    value = group[0].after
    if not isinstance(value, Mapping):
        return Call("DELETE", resource, place.api_version, permission, resource, correlation_id=correlation_id)
    return Call("PUT", resource, place.api_version, permission, resource, _whole(value, place), correlation_id)


def _whole(texts: Mapping[str, str], place: Neighbour) -> dict[str, Any]:
    """The resource from its texts. A tag is text, whatever it looks like."""
    body: dict[str, Any] = {}
    inner: dict[str, str] = {}
    for name, text in texts.items():
        first, _, rest = name.partition(".")
        if first not in place.outer:
            inner[name] = text
        elif rest:
            body.setdefault(first, {})[rest] = text
        else:
            body[first] = text
    return {**body, "properties": unflattened(inner)}


def _with_members(found: Mapping[str, Any], changed: Mapping[str, Value], place: Neighbour) -> dict[str, Any]:
    """The properties as they are with these changes: all of them, or those objects that change."""
    shown = found.get("properties") or {}
    properties = copy.deepcopy({name: value for name, value in shown.items() if name not in place.drops})
    for name, value in changed.items():
        if isinstance(value, str):
            merge(properties, unflattened({name: value}))
        else:
            _leave_out(properties, name)
    if place.how is How.PUT:
        outer = {name: found[name] for name in ("location", "tags", "etag") if name in found}
        return {**outer, "properties": properties}
    touched = {name.split(".")[0] for name in changed}
    return {"properties": {name: value for name, value in properties.items() if name in touched}}


def _leave_out(body: dict[str, Any], name: str) -> None:
    first, _, rest = name.partition(".")
    if rest:
        _leave_out(body.get(first) or {}, rest)
    else:
        body.pop(first, None)
