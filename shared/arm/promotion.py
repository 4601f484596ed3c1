"""The request that promotes a replica, for each kind of server.

learn.microsoft.com, "Servers - Update" of flexible servers 2025-08-01 (`replica.promoteMode`, `promoteOption`; the az
command line sends `role`, too), of single servers 2017-12-01 (`replicationRole`), and "Clusters - Promote Read Replica"
2022-11-08. The call goes to the replica, whose primary learns of it from Azure.
"""

from collections.abc import Mapping
from typing import Any

from shared.arm.client import Call
from shared.arm.layout import LAYOUTS
from shared.control import Change
from shared.target import PROVIDER, Kind, Target

# What a flexible server calls the members of the change.
_MEMBERS = {"role": "replicationRole", "promoteMode": "promoteMode", "promoteOption": "promoteOption"}


def promotion_call(target: Target, change: Change, correlation_id: str) -> Call:
    """The request; `change.after` has the members that a flexible server takes."""
    version, type_ = LAYOUTS[target.kind].api_version, f"{PROVIDER}/{target.kind.type_name}"
    if target.kind is Kind.CITUS:
        permission = f"{type_}/promote/action"
        return Call("POST", f"{target.id}/promote", version, permission, target.id, correlation_id=correlation_id)
    body = {"properties": _properties(target.kind, change)}
    return Call("PATCH", target.id, version, f"{type_}/write", target.id, body, correlation_id)


def _properties(kind: Kind, change: Change) -> dict[str, Any]:
    if kind is Kind.SINGLE:
        return {"replicationRole": "None"}
    given = change.after if isinstance(change.after, Mapping) else {}
    return {"replica": {theirs: given[ours] for theirs, ours in _MEMBERS.items() if ours in given}}
