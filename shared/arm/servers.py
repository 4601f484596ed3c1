"""All kinds of server: ARM's JSON to state, changes to requests. Where things are is in `shared.arm.layout`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

from shared.arm.administrators import administrator_body, decisive, resource_name
from shared.arm.answers import word
from shared.arm.client import Call
from shared.arm.diagnostics import tidied
from shared.arm.flatten import flattened, merge, unflattened
from shared.arm.layout import CITUS_PREVIEW, LAYOUTS, Collection
from shared.arm.neighbours import needed, neighbour_call, neighbour_permission
from shared.arm.parameters import own_name, parameter_body
from shared.arm.places import PLACES
from shared.arm.promotion import promotion_call
from shared.arm.tags import PERMISSION, tags_call
from shared.control import Change
from shared.copies import expanded
from shared.sql_rights import WRITES
from shared.state import (
    CITUS_PARAMETERS,
    COLLECTIONS,
    DATABASE_FACETS,
    EVERY_PARAMETER,
    INSIDE,
    NEIGHBOURS,
    SERVER,
    STOPPED,
    WORKERS,
    Facet,
    FacetKind,
    FirewallRule,
    Server,
    Setting,
    SettingKind,
    Value,
    role_and_name,
)
from shared.target import PROVIDER, Kind, Target

# One list of all parameters costs one call, whatever is wanted of it; a few are quicker one by one.
_LIST_PARAMETERS_FROM = 4
# What Azure tells of a server beside its properties, and what changes without anybody's doing.
_OUTER = ("location", "sku", "identity")
# A replica may lie in another resource group, even in another subscription: its name alone does not find it.
_OF_REPLICAS = ("location", "id")
_IDENTITY, _USERS = "identity", "userAssignedIdentities"
_RESTLESS = ("privateEndpointConnections", "systemData")
_WRITABLE_OUTER = ("location", "tags", "identity")
_NODES = Setting(SettingKind.PUBLIC_ACCESS, WORKERS)


def read_call(target: Target, facet: Facet) -> Call:
    """The GET that shows the facet."""
    layout, type_ = LAYOUTS[target.kind], _type(target.kind)
    if facet == SERVER or (target.kind is Kind.CITUS and facet.kind is FacetKind.REPLICAS):
        return Call("GET", target.id, layout.reads_at or layout.api_version, f"{type_}/read", target.id)
    if facet == EVERY_PARAMETER:
        return parameters_call(target)
    if facet.kind is FacetKind.PARAMETER:
        path = f"{target.id}/{FacetKind.PARAMETER}/{own_name(facet.name)}"
        return Call("GET", path, layout.api_version, f"{type_}/{facet.kind}/read", target.id)
    collection = _collection(target.kind, facet.kind)
    path = f"{target.id}/{collection.path}"
    permission = f"{collection.permission}/read"
    return Call("GET", path, collection.api_version, permission, target.id, query=collection.query)


def read_permissions(target: Target, facets: Iterable[Facet]) -> frozenset[str]:
    """The ARM actions that seeing these facets needs, with those of what has to be seen before."""
    found = {facet for facet in expanded(target.kind, facets) if facet.kind not in DATABASE_FACETS}
    outside = needed(target.kind, (facet.kind for facet in found if facet.kind in NEIGHBOURS))
    found |= {Facet(kind) for kind in outside}
    there = (facet for facet in found if facet.kind not in NEIGHBOURS)
    around = (PLACES[facet.kind].read_permission for facet in found if facet.kind in NEIGHBOURS)
    return frozenset({*(read_call(target, facet).permission for facet in there), *around})


def parameters_call(target: Target) -> Call:
    """The GET that lists all parameters."""
    version = LAYOUTS[target.kind].api_version
    kind = FacetKind.PARAMETER
    return Call("GET", f"{target.id}/{kind}", version, f"{_type(target.kind)}/{kind}/read", target.id)


def lists_parameters(names: Iterable[str]) -> bool:
    """Whether these parameters are read in one list."""
    return len(set(map(own_name, names))) >= _LIST_PARAMETERS_FROM


def write_call(target: Target, group: Sequence[Change], correlation_id: str) -> Call:
    """The request that makes these changes; they belong to one resource (see `grouped`).

    A PUT of the server itself holds only what changes: `completed` adds the rest. So does the request for properties of
    what stands outside: `neighbour_call` adds it.
    """
    if group[0].setting.kind is SettingKind.NEIGHBOUR:
        return neighbour_call(group, {}, correlation_id)
    if group[0].setting.kind is SettingKind.POWER:
        return _power_call(target, group[0], correlation_id)
    if group[0].setting.kind is SettingKind.REPLICATION:
        return promotion_call(target, group[0], correlation_id)
    if group[0].setting.kind is SettingKind.TAG:
        return tags_call(target, group, correlation_id)
    if group[0].setting.on_server:
        return _server_call(target, group, correlation_id)
    change = decisive(group)
    collection = _written(target.kind, change.setting)
    deletes = change.after is None
    return Call(
        "DELETE" if deletes else "PUT",
        f"{target.id}/{collection.path}/{_resource_name(target.kind, change)}",
        collection.api_version,
        f"{collection.permission}/{'delete' if deletes else 'write'}",
        target.id,
        None if deletes or collection.bodiless else {"properties": _child_properties(target.kind, change, collection)},
        correlation_id,
    )


def completed(call: Call, found: Mapping[str, Any]) -> Call:
    """A PUT of a server with everything that stays as it was found."""
    kept = {name: found[name] for name in _WRITABLE_OUTER if found.get(name)}
    if _IDENTITY in kept:
        kept[_IDENTITY] = _sent_back(kept[_IDENTITY])
    shown = LAYOUTS[Kind.CITUS].shown
    properties = {name: value for name, value in found["properties"].items() if name not in shown and value is not None}
    merge(properties, (call.body or {})["properties"])
    return replace(call, body={**kept, "properties": properties})


def operation_call(operation: str) -> Call:
    """The GET of an operation's state; its address is kept out of every text."""
    word = operation.split("?", 1)[0].split("/")[-2:-1] or ["azureAsyncOperation"]
    return Call("GET", "", "", f"{PROVIDER}/locations/{word[0]}/read", _scope_of(operation))


def grouped(target: Target, changes: Sequence[Change]) -> list[tuple[Change, ...]]:
    """Changes of one resource in one request, order kept: those of the server itself, those of a neighbour, those of
    the one administrator that a single server can have, and tags that come or go together. Every other child has a
    request of its own."""
    groups: list[tuple[Change, ...]] = []
    for change in changes:
        if groups and _is_one_request(target.kind, groups[-1][0], change):
            groups[-1] = (*groups[-1], change)
        else:
            groups.append((change,))
    return groups


def needed_permission(kind: Kind, setting: Setting, deletes: bool) -> str:
    """The ARM action that writing the setting needs."""
    if setting.kind in INSIDE:
        return WRITES[setting.kind]
    if setting.kind is SettingKind.POWER:
        return f"{_type(kind)}/start/action"
    if setting.kind is SettingKind.REPLICATION and kind is Kind.CITUS:
        return f"{_type(kind)}/promote/action"
    if setting.kind is SettingKind.TAG:
        return PERMISSION
    if setting.on_server:
        return f"{_type(kind)}/write"
    if setting.kind is SettingKind.NEIGHBOUR:
        return neighbour_permission(setting, deletes)
    return f"{_written(kind, setting).permission}/{'delete' if deletes else 'write'}"


def server_from(kind: Kind, body: Mapping[str, Any]) -> Server:
    """The server resource, as far as controls judge it."""
    properties = body.get("properties") or {}
    facts = _facts(kind, body, properties)
    network = properties.get("network") or properties
    auth = properties.get("authConfig") or {}
    is_citus = kind is Kind.CITUS
    public = properties.get("coordinatorEnablePublicIpAccess") if is_citus else network.get("publicNetworkAccess")
    return Server(
        public_access=_flag(public),
        virtual_network=bool(network.get("delegatedSubnetResourceId")),
        approved_endpoints=sum(map(_approved, properties.get("privateEndpointConnections") or ())),
        entra_auth=_flag(auth.get("activeDirectoryAuth")) or False,
        password_auth=_flag(auth.get("passwordAuth")) or False,
        tenant_id=word(auth.get("tenantId")),
        state=word(properties.get("state")) or word(properties.get("userVisibleState")),
        version=facts.get("version", ""),
        tags={word(name): word(value) for name, value in (body.get("tags") or {}).items()},
        facts=facts,
        worker_access=_flag(properties.get("nodeEnablePublicIpAccess")) if is_citus else None,
    )


def rule_from(body: Mapping[str, Any]) -> FirewallRule:
    """One firewall rule."""
    properties = body["properties"]
    return FirewallRule(
        word(body["name"]), _address(properties["startIpAddress"]), _address(properties["endIpAddress"])
    )


def _address(value: object) -> str:
    """An address as it is. Raises ValueError for what is none: no control could judge it."""
    return str(IPv4Address(word(value)))


def children_from(target: Target, facet: FacetKind, rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """The resources of a collection as texts, by name; what is inherited goes by its whole id."""
    collection, found = _collection(target.kind, facet), dict[str, dict[str, str]]()
    for body in rows:
        properties = body.get("properties") or {}
        outer = {name: body[name] for name in _OF_REPLICAS if facet is FacetKind.REPLICAS and body.get(name)}
        inner = tidied(properties) if facet is FacetKind.DIAGNOSTIC_SETTINGS else properties
        texts = flattened({**outer, **inner})
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


def citus_replicas(body: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The read replicas that a Citus cluster names; it lists them only in itself."""
    ids = body["properties"].get("readReplicas") or ()
    return {str(id_).rpartition("/")[2]: {"id": str(id_)} for id_ in sorted(ids)}


def _type(kind: Kind) -> str:
    return f"{PROVIDER}/{kind.type_name}"


def _collection(kind: Kind, facet: FacetKind) -> Collection:
    """Where a facet's resources are read."""
    layout = LAYOUTS[kind]
    return layout.collections.get(facet) or Collection(facet.value, layout.api_version, f"{_type(kind)}/{facet}")


def _written(kind: Kind, setting: Setting) -> Collection:
    """Where a child is written; a Citus cluster shows its parameters elsewhere."""
    if kind is Kind.CITUS and setting.kind is SettingKind.PARAMETER:
        name = CITUS_PARAMETERS[role_and_name(setting.name)[0]]
        return Collection(name, LAYOUTS[kind].api_version, f"{_type(kind)}/{name}")
    return _collection(kind, setting.facet.kind)


def _resource_name(kind: Kind, change: Change) -> str:
    if change.setting.kind is SettingKind.ADMINISTRATOR:
        return resource_name(kind, change)
    if change.setting.kind is SettingKind.SERVER_KEY and isinstance(change.after, Mapping):
        # Azure wants the key's name to say where it is: vault_key_version.
        vault, *_, key, version = change.after["uri"].removeprefix("https://").split("/")
        return f"{vault.partition('.')[0]}_{key}_{version}"
    return own_name(change.setting.name) if change.setting.kind is SettingKind.PARAMETER else change.setting.name


def _is_one_request(kind: Kind, one: Change, other: Change) -> bool:
    if one.setting.kind is other.setting.kind is SettingKind.TAG:
        return (one.after is None) is (other.after is None)
    return _is_one_resource(kind, one.setting, other.setting)


def _is_one_resource(kind: Kind, one: Setting, other: Setting) -> bool:
    if one.kind is other.kind is SettingKind.NEIGHBOUR:
        return one.neighbour[2] != "" and one.neighbour[:2] == other.neighbour[:2]
    if one.on_server and other.on_server:
        return not {one.kind, other.kind} & {SettingKind.POWER, SettingKind.REPLICATION, SettingKind.TAG}
    both_administer = one.kind is other.kind is SettingKind.ADMINISTRATOR
    return kind is Kind.SINGLE and both_administer


def _power_call(target: Target, change: Change, correlation_id: str) -> Call:
    word = "stop" if change.after == STOPPED else "start"
    version, permission = LAYOUTS[target.kind].api_version, f"{_type(target.kind)}/{word}/action"
    return Call("POST", f"{target.id}/{word}", version, permission, target.id, correlation_id=correlation_id)


def _server_call(target: Target, group: Sequence[Change], correlation_id: str) -> Call:
    properties, outer = dict[str, Any](), dict[str, Any]()
    for change in group:
        if change.setting.name == _IDENTITY:
            outer[_IDENTITY] = _identity(change)
        else:
            merge(properties, _server_properties(target.kind, change))
    body = {**outer, **({"properties": properties} if properties else {})}
    # The definition of PATCH for Citus clusters lacks sign-in methods, and takes the access to workers for read-only.
    whole = target.kind is Kind.CITUS and any(
        change.setting.kind is SettingKind.AUTHENTICATION or change.setting == _NODES for change in group
    )
    method, version = ("PUT", CITUS_PREVIEW) if whole else ("PATCH", LAYOUTS[target.kind].api_version)
    permission = f"{_type(target.kind)}/write"
    return Call(method, target.id, version, permission, target.id, body, correlation_id)


def _server_properties(kind: Kind, change: Change) -> dict[str, Any]:
    setting, value = change.setting, change.after
    match setting.kind:
        case SettingKind.PUBLIC_ACCESS:
            return _access(kind, setting, value)
        case SettingKind.AUTHENTICATION if isinstance(value, Mapping):
            return {"authConfig": _authentication(kind, value)}
        case _ if isinstance(value, Mapping):
            return {setting.name: unflattened(value)}
        case _:
            return unflattened({LAYOUTS[kind].properties.get(setting.name, setting.name): str(value)})


def _access(kind: Kind, setting: Setting, value: Value) -> dict[str, Any]:
    match kind:
        case Kind.FLEXIBLE:
            return {"network": {"publicNetworkAccess": value}}
        case Kind.SINGLE:
            return {"publicNetworkAccess": value}
        case Kind.CITUS:
            nodes = "node" if setting == _NODES else "coordinator"
            return {f"{nodes}EnablePublicIpAccess": value == "Enabled"}


def _authentication(kind: Kind, value: Mapping[str, str]) -> dict[str, str]:
    if kind is not Kind.CITUS:
        return dict(value)
    return {name: word.lower() for name, word in value.items() if name != "tenantId"}


def _identity(change: Change) -> dict[str, Any]:
    """The identity with every user-assigned one that stays or comes; one that goes is sent as null."""
    before, after = _identities(change.before), _identities(change.after)
    there = {one.lower() for one in after}
    goes = {one: None for one in before if one.lower() not in there}
    kind = change.after.get("type", "") if isinstance(change.after, Mapping) else ""
    members: dict[str, Any] = {one: {} for one in after} | goes
    return {"type": kind or "None"} | ({_USERS: members} if members else {})


def _sent_back(identity: Mapping[str, Any]) -> dict[str, Any]:
    """An identity without what only Azure says of it."""
    users: dict[str, Any] = {one: {} for one in identity.get(_USERS) or ()}
    return {"type": identity["type"]} | ({_USERS: users} if users else {})


def _identities(value: Value) -> list[str]:
    return list(json.loads(value.get(_USERS, "[]"))) if isinstance(value, Mapping) else []


def _child_properties(kind: Kind, change: Change, collection: Collection) -> dict[str, Any]:
    setting, value = change.setting, change.after
    if not isinstance(value, Mapping):
        return parameter_body(kind, value)
    if setting.kind is SettingKind.ADMINISTRATOR:
        return administrator_body(kind, setting.name, value)
    if setting.kind in COLLECTIONS:
        untold = collection.drops | collection.unsent
        return unflattened({name: text for name, text in value.items() if name not in untold})
    return dict(value)


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
    return None if value is None else str(value).lower() in ("enabled", "true")


def _approved(connection: Mapping[str, Any]) -> bool:
    link = (connection.get("properties") or {}).get("privateLinkServiceConnectionState") or {}
    return str(link.get("status")).lower() == "approved"


def _scope_of(operation: str) -> str:
    return "/".join(operation.split("?", 1)[0].split("/")[3:5]).join(("/", ""))
