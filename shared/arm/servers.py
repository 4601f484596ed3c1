"""All kinds of server: ARM's JSON to state, changes to requests. Where things are is in `shared.arm.layout`."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from shared.arm.client import Call
from shared.arm.diagnostics import tidied
from shared.arm.flatten import flattened, unflattened
from shared.arm.layout import LAYOUTS, Collection
from shared.arm.neighbours import neighbour_permission
from shared.control import Change
from shared.state import (
    COLLECTIONS,
    Administrator,
    Facet,
    FacetKind,
    FirewallRule,
    Parameter,
    Server,
    Setting,
    SettingKind,
    Value,
)
from shared.target import PROVIDER, Kind, Target

# One list of all parameters costs one call, whatever is wanted of it; a few are quicker one by one.
LIST_PARAMETERS_FROM = 4
# What Azure tells of a server beside its properties, and what changes without anybody's doing.
_OUTER = ("location", "sku", "identity")
_IDENTITY, _USERS = "identity", "userAssignedIdentities"
_RESTLESS = ("privateEndpointConnections", "systemData")


def read_call(target: Target, facet: Facet) -> Call:
    """The GET that shows the facet."""
    layout, type_ = LAYOUTS[target.kind], _type(target.kind)
    if facet.kind is FacetKind.SERVER:
        return Call("GET", target.id, layout.api_version, f"{type_}/read", target.id)
    collection = layout.collections.get(facet.kind)
    if collection is None:
        path = f"{target.id}/{facet}"
        return Call("GET", path, layout.api_version, f"{type_}/{facet.kind}/read", target.id)
    path = f"{target.id}/{collection.path}"
    permission = f"{collection.permission}/read"
    return Call("GET", path, collection.api_version, permission, target.id, query=collection.query)


def parameters_call(target: Target) -> Call:
    """The GET that lists all parameters."""
    version = LAYOUTS[target.kind].api_version
    kind = FacetKind.PARAMETER
    return Call("GET", f"{target.id}/{kind}", version, f"{_type(target.kind)}/{kind}/read", target.id)


def write_call(target: Target, group: Sequence[Change], correlation_id: str) -> Call:
    """The request that makes these changes; they belong to one resource (see `grouped`)."""
    first = group[0]
    if first.setting.on_server:
        return _server_call(target, group, correlation_id)
    collection = _collection(target.kind, first.setting)
    deletes = first.after is None
    return Call(
        "DELETE" if deletes else "PUT",
        f"{target.id}/{collection.path}/{first.setting.name}",
        collection.api_version,
        f"{collection.permission}/{'delete' if deletes else 'write'}",
        target.id,
        None if deletes else {"properties": _child_properties(first, collection)},
        correlation_id,
    )


def operation_call(operation: str) -> Call:
    """The GET of an operation's state; its address is kept out of every text."""
    version = LAYOUTS[Kind.FLEXIBLE].api_version
    return Call("GET", "", version, f"{PROVIDER}/locations/azureAsyncOperation/read", _scope_of(operation))


def grouped(changes: Sequence[Change]) -> list[tuple[Change, ...]]:
    """Changes of the server resource in one PATCH, and so those of a neighbour; every child in a request of its own."""
    groups: list[tuple[Change, ...]] = []
    for change in changes:
        if groups and _together(change.setting, groups[-1][0].setting):
            groups[-1] = (*groups[-1], change)
        else:
            groups.append((change,))
    return groups


def _together(one: Setting, other: Setting) -> bool:
    if one.kind is other.kind is SettingKind.NEIGHBOUR:
        return one.neighbour[2] != "" and one.neighbour[:2] == other.neighbour[:2]
    return one.on_server and other.on_server


def needed_permission(kind: Kind, setting: Setting, deletes: bool) -> str:
    """The ARM action that writing the setting needs."""
    if setting.on_server:
        return f"{_type(kind)}/write"
    if setting.kind is SettingKind.NEIGHBOUR:
        return neighbour_permission(setting, deletes)
    return f"{_collection(kind, setting).permission}/{'delete' if deletes else 'write'}"


def server_from(kind: Kind, body: Mapping[str, Any]) -> Server:
    """The server resource, as far as controls judge it."""
    properties = body.get("properties") or {}
    network = properties.get("network") or properties
    auth = properties.get("authConfig") or {}
    return Server(
        public_access=_flag(network.get("publicNetworkAccess")),
        virtual_network=bool(network.get("delegatedSubnetResourceId")),
        approved_endpoints=sum(map(_approved, properties.get("privateEndpointConnections") or ())),
        entra_auth=_flag(auth.get("activeDirectoryAuth")) or False,
        password_auth=_flag(auth.get("passwordAuth")) or False,
        tenant_id=auth.get("tenantId") or "",
        state=properties.get("state") or properties.get("userVisibleState") or "",
        version=properties.get("version") or "",
        tags=body.get("tags") or {},
        facts=_facts(kind, body, properties),
    )


def rule_from(body: Mapping[str, Any]) -> FirewallRule:
    """One firewall rule."""
    properties = body["properties"]
    return FirewallRule(body["name"], properties["startIpAddress"], properties["endIpAddress"])


def parameter_from(name: str, body: Mapping[str, Any]) -> Parameter:
    """One server parameter."""
    properties = body["properties"]
    return Parameter(
        name=name,
        value=str(properties.get("value") or ""),
        default=str(properties.get("defaultValue") or ""),
        allowed=str(properties.get("allowedValues") or ""),
        dynamic=properties.get("isDynamicConfig") is not False,
        read_only=properties.get("isReadOnly") is True,
        pending_restart=properties.get("isConfigPendingRestart") is True,
    )


def administrator_from(body: Mapping[str, Any]) -> Administrator:
    """One Entra administrator; ARM names the resource by the principal's object id."""
    properties = body["properties"]
    return Administrator(
        object_id=str(properties.get("objectId") or body["name"]).lower(),
        name=str(properties.get("principalName") or ""),
        principal_type=str(properties.get("principalType") or ""),
        tenant_id=str(properties.get("tenantId") or ""),
    )


def children_from(target: Target, facet: FacetKind, rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """The resources of a collection as texts, by name; what is inherited goes by its whole id."""
    collection, found = LAYOUTS[target.kind].collections[facet], dict[str, dict[str, str]]()
    for body in rows:
        properties = body.get("properties") or {}
        texts = flattened(tidied(properties) if facet is FacetKind.DIAGNOSTIC_SETTINGS else properties)
        if all(texts.get(name) == wanted for name, wanted in collection.only.items()):
            kept = {name: text for name, text in texts.items() if name not in collection.drops}
            found[_name(target, collection, body)] = kept
    return dict(sorted(found.items()))


def _name(target: Target, collection: Collection, body: Mapping[str, Any]) -> str:
    """The resource's name, if it hangs on this very server. Azure answers ids in several casings."""
    name, resource_id = str(body["name"]), str(body.get("id") or "")
    here = f"{target.id}/{collection.path}/{name}".lower()
    attached = collection.path.startswith("providers/")
    return name if not attached or resource_id.lower() in ("", here) else resource_id


def _type(kind: Kind) -> str:
    return f"{PROVIDER}/{kind.type_name}"


def _collection(kind: Kind, setting: Setting) -> Collection:
    """Where a child is written: firewall rules, parameters and administrators are collections like any other."""
    facet = COLLECTIONS.get(setting.kind)
    if facet is not None:
        return LAYOUTS[kind].collections[facet]
    return Collection(setting.kind.value, LAYOUTS[kind].api_version, f"{_type(kind)}/{setting.kind}")


def _server_call(target: Target, group: Sequence[Change], correlation_id: str) -> Call:
    layout, properties, outer = LAYOUTS[target.kind], dict[str, Any](), dict[str, Any]()
    for change in group:
        match change.setting.kind:
            case SettingKind.PUBLIC_ACCESS if target.kind is Kind.FLEXIBLE:
                properties["network"] = {"publicNetworkAccess": change.after}
            case SettingKind.PUBLIC_ACCESS:
                properties["publicNetworkAccess"] = change.after
            case SettingKind.AUTHENTICATION if isinstance(change.after, Mapping):
                properties["authConfig"] = dict(change.after)
            case _ if change.setting.name == _IDENTITY:
                outer[_IDENTITY] = _identity(change)
            case _ if isinstance(change.after, Mapping):
                properties[change.setting.name] = unflattened(change.after)
            case _:
                name = layout.properties.get(change.setting.name, change.setting.name)
                _put(properties, unflattened({name: str(change.after)}))
    body = {**outer, **({"properties": properties} if properties else {})}
    permission = f"{_type(target.kind)}/write"
    return Call("PATCH", target.id, layout.api_version, permission, target.id, body, correlation_id)


def _identity(change: Change) -> dict[str, Any]:
    """The identity with every user-assigned one that stays or comes; one that goes is sent as null."""
    before, after = _identities(change.before), _identities(change.after)
    there = {one.lower() for one in after}
    goes = {one: None for one in before if one.lower() not in there}
    kind = change.after.get("type", "") if isinstance(change.after, Mapping) else ""
    members: dict[str, Any] = {one: {} for one in after} | goes
    return {"type": kind or "None"} | ({_USERS: members} if members else {})


def _identities(value: Value) -> list[str]:
    return list(json.loads(value.get(_USERS, "[]"))) if isinstance(value, Mapping) else []


def _put(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Merge nested members: two settings of one object are one object."""
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _put(into[name], value)
        else:
            into[name] = value


def _child_properties(change: Change, collection: Collection) -> dict[str, Any]:
    if not isinstance(change.after, Mapping):
        return {"value": change.after, "source": "user-override"}
    if change.setting.kind in COLLECTIONS:
        return unflattened({name: text for name, text in change.after.items() if name not in collection.drops})
    return dict(change.after)


def _facts(kind: Kind, body: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, str]:
    names = {theirs: ours for ours, theirs in LAYOUTS[kind].properties.items()}
    outer = {name: body[name] for name in _OUTER if body.get(name)}
    inner = {name: value for name, value in properties.items() if name not in _RESTLESS}
    texts = flattened({**outer, **inner})
    users = (body.get(_IDENTITY) or {}).get(_USERS)
    if users:
        # Beside what Azure says of each, the ids themselves: they hold dots, and are what is written.
        texts[f"{_IDENTITY}.{_USERS}"] = json.dumps(sorted(users))
    return {names.get(name, name): text for name, text in texts.items()}


def _flag(value: object) -> bool | None:
    return None if value is None else str(value).lower() == "enabled"


def _approved(connection: Mapping[str, Any]) -> bool:
    link = (connection.get("properties") or {}).get("privateLinkServiceConnectionState") or {}
    return str(link.get("status")).lower() == "approved"


def _scope_of(operation: str) -> str:
    return "/".join(operation.split("?", 1)[0].split("/")[3:5]).join(("/", ""))
