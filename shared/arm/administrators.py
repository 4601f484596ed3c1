"""Entra administrators as each kind of server keeps them: their JSON, and the body that makes one.

A flexible server names the resource by the principal's object id. A single server has one administrator at most, under
a fixed name, and does not tell what kind of principal it is. A Citus cluster has roles, of which those of an Entra
identity with the type `admin` are its administrators; the resource has the role's name.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.arm.answers import text
from shared.control import Change
from shared.state import ONLY_ADMINISTRATOR, Administrator
from shared.target import Kind

_UNKNOWN = "Unknown"


def administrator_from(kind: Kind, body: Mapping[str, Any]) -> Administrator | None:
    """The administrator, or None for a role that is none."""
    properties = body["properties"]
    match kind:
        case Kind.FLEXIBLE:
            return Administrator(
                object_id=str(properties.get("objectId") or body["name"]).lower(),
                name=str(properties.get("principalName") or ""),
                principal_type=str(properties.get("principalType") or ""),
                tenant_id=str(properties.get("tenantId") or ""),
            )
        case Kind.SINGLE:
            return Administrator(
                object_id=str(properties["sid"]).lower(),
                name=str(properties.get("login") or ""),
                principal_type=_UNKNOWN,
                tenant_id=str(properties.get("tenantId") or ""),
            )
        case Kind.CITUS:
            return _admin_role(text(body["name"], "name of a role"), properties)


def administrator_body(kind: Kind, object_id: str, value: Mapping[str, str]) -> dict[str, Any]:
    """The properties that make this principal an administrator."""
    tenant = {"tenantId": value["tenantId"]} if value.get("tenantId") else {}
    match kind:
        case Kind.FLEXIBLE:
            return dict(value)
        case Kind.SINGLE:
            return {"administratorType": "ActiveDirectory", "login": value["principalName"], "sid": object_id, **tenant}
        case Kind.CITUS:
            type_ = value["principalType"]
            identity = {"objectId": object_id, "principalType": f"{type_[:1].lower()}{type_[1:]}", **tenant}
            return {"roleType": "admin", "externalIdentity": identity}


def resource_name(kind: Kind, change: Change) -> str:
    """How ARM names the administrator's resource."""
    match kind:
        case Kind.FLEXIBLE:
            return change.setting.name
        case Kind.SINGLE:
            return ONLY_ADMINISTRATOR
        case Kind.CITUS:
            value = change.before if change.after is None else change.after
            return value["principalName"] if isinstance(value, Mapping) else ""


def decisive(group: Sequence[Change]) -> Change:
    """The one change that a group of changes of a single server's only administrator comes to.

    Whoever comes takes the place of whoever was there, so that nobody has to be removed before or after.
    """
    return next((change for change in group if change.after is not None), group[0])


def _admin_role(name: str, properties: Mapping[str, Any]) -> Administrator | None:
    identity = properties.get("externalIdentity")
    if not identity or str(properties.get("roleType")).lower() != "admin":
        return None
    type_ = str(identity["principalType"])
    return Administrator(
        object_id=str(identity["objectId"]).lower(),
        name=name,
        principal_type=f"{type_[:1].upper()}{type_[1:]}",
        tenant_id=str(identity.get("tenantId") or ""),
    )
