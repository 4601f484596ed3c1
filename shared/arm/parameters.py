"""Server parameters as each kind of server keeps them.

A Citus cluster shows a parameter once, with a value for its coordinator and one for its workers; each of the two is
written on its own. It does not tell whether a value waits for a restart.
"""

from collections.abc import Mapping
from typing import Any

from shared.state import COORDINATOR, WORKERS, Parameter, Value, role_and_name
from shared.target import Kind

_ROLES = {"Coordinator": COORDINATOR, "Worker": WORKERS}


def own_name(name: str) -> str:
    """The parameter's name without the word for where it counts."""
    return role_and_name(name)[1]


def parameter_from(kind: Kind, name: str, body: Mapping[str, Any]) -> Parameter | None:
    """One server parameter; None when a Citus cluster has no value of it there."""
    properties = body["properties"]
    if kind is not Kind.CITUS:
        return _parameter(name, properties, properties)
    for held in properties.get("serverRoleGroupConfigurations") or ():
        if _ROLES.get(held.get("role")) == role_and_name(name)[0]:
            return _parameter(name, properties, held)
    return None


def parameter_body(kind: Kind, value: Value) -> dict[str, Any]:
    """The properties that set the parameter."""
    return {"value": value} if kind is Kind.CITUS else {"value": value, "source": "user-override"}


def _parameter(name: str, properties: Mapping[str, Any], held: Mapping[str, Any]) -> Parameter:
    is_static = _says(properties, "isDynamicConfig", "false") or _says(properties, "requiresRestart", "true")
    return Parameter(
        name=name,
        value=str(held.get("value") or ""),
        default=str(held.get("defaultValue") or ""),
        allowed=str(properties.get("allowedValues") or ""),
        dynamic=not is_static,
        read_only=_says(properties, "isReadOnly", "true"),
        pending_restart=_says(properties, "isConfigPendingRestart", "true"),
        chosen=_says(held, "source", "user-override"),
    )


def _says(properties: Mapping[str, Any], name: str, word: str) -> bool:
    """Whether the flag says so; single servers write flags as text."""
    return str(properties.get(name)).lower() == word
