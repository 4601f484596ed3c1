"""Flexible servers (elastic clusters included): ARM's JSON to state, changes to requests. Api-version 2025-08-01.

Property names and permissions: Microsoft.DBforPostgreSQL resource provider, REST definition 2025-08-01.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.arm.client import Call
from shared.control import Change
from shared.state import (
    Administrator,
    Facet,
    FacetKind,
    FirewallRule,
    Parameter,
    Server,
    Setting,
    SettingKind,
)
from shared.target import PROVIDER, Target

API_VERSION = "2025-08-01"
_TYPE = f"{PROVIDER}/flexibleServers"


def read_call(target: Target, facet: Facet) -> Call:
    """The GET that shows the facet."""
    path, permission = target.id, f"{_TYPE}/read"
    if facet.kind is not FacetKind.SERVER:
        path = f"{path}/{facet}"
        permission = f"{_TYPE}/{facet.kind}/read"
    return Call("GET", path, API_VERSION, permission, target.id)


def write_call(target: Target, group: Sequence[Change], correlation_id: str) -> Call:
    """The request that makes these changes; they belong to one resource (see `grouped`)."""
    first = group[0]
    match first.setting.kind:
        case SettingKind.PUBLIC_ACCESS | SettingKind.AUTHENTICATION:
            method, path, permission = "PATCH", target.id, f"{_TYPE}/write"
            body: dict[str, Any] | None = {"properties": _server_properties(group)}
        case SettingKind.FIREWALL_RULE | SettingKind.ADMINISTRATOR | SettingKind.PARAMETER:
            path = f"{target.id}/{first.setting}"
            method = "DELETE" if first.after is None else "PUT"
            permission = f"{_TYPE}/{first.setting.kind}/{'delete' if first.after is None else 'write'}"
            body = None if first.after is None else {"properties": _child_properties(first)}
    return Call(method, path, API_VERSION, permission, target.id, body, correlation_id)


def operation_call(operation: str) -> Call:
    """The GET of an operation's state; its address is kept out of every text."""
    return Call("GET", "", API_VERSION, f"{PROVIDER}/locations/azureAsyncOperation/read", _scope_of(operation))


def grouped(changes: Sequence[Change]) -> list[tuple[Change, ...]]:
    """Changes of the server resource in one PATCH, every child in a request of its own, order kept."""
    groups: list[tuple[Change, ...]] = []
    for change in changes:
        if groups and _on_server(change) and _on_server(groups[-1][0]):
            groups[-1] = (*groups[-1], change)
        else:
            groups.append((change,))
    return groups


def needed_permission(setting: Setting, deletes: bool) -> str:
    """The ARM action, below the server's type, that writing the setting needs."""
    if setting.kind in (SettingKind.PUBLIC_ACCESS, SettingKind.AUTHENTICATION):
        return "write"
    return f"{setting.kind}/{'delete' if deletes else 'write'}"


def server_from(body: Mapping[str, Any]) -> Server:
    """The server resource, as far as controls judge it."""
    properties = body.get("properties") or {}
    network = properties.get("network") or {}
    auth = properties.get("authConfig") or {}
    return Server(
        public_access=_flag(network.get("publicNetworkAccess")),
        virtual_network=bool(network.get("delegatedSubnetResourceId")),
        approved_endpoints=sum(map(_approved, properties.get("privateEndpointConnections") or ())),
        entra_auth=_flag(auth.get("activeDirectoryAuth")) or False,
        password_auth=_flag(auth.get("passwordAuth")) or False,
        tenant_id=auth.get("tenantId") or "",
        state=properties.get("state") or "",
        version=properties.get("version") or "",
        tags=body.get("tags") or {},
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


def _server_properties(group: Sequence[Change]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for change in group:
        if change.setting.kind is SettingKind.PUBLIC_ACCESS:
            properties["network"] = {"publicNetworkAccess": change.after}
        elif isinstance(change.after, Mapping):
            properties["authConfig"] = dict(change.after)
    return properties


def _child_properties(change: Change) -> dict[str, Any]:
    if isinstance(change.after, Mapping):
        return dict(change.after)
    return {"value": change.after, "source": "user-override"}


def _on_server(change: Change) -> bool:
    return change.setting.kind in (SettingKind.PUBLIC_ACCESS, SettingKind.AUTHENTICATION)


def _flag(value: object) -> bool | None:
    return None if value is None else str(value).lower() == "enabled"


def _approved(connection: Mapping[str, Any]) -> bool:
    link = (connection.get("properties") or {}).get("privateLinkServiceConnectionState") or {}
    return str(link.get("status")).lower() == "approved"


def _scope_of(operation: str) -> str:
    return "/".join(operation.split("?", 1)[0].split("/")[3:5]).join(("/", ""))
