"""Tags of a server, set or taken away while all others stay: what others write meanwhile is not lost.

Source: Microsoft.Resources tags 2025-04-01, "Update At Scope" with the operations Merge and Delete.
"""

from collections.abc import Sequence

from shared.arm.client import Call
from shared.control import Change
from shared.target import Target

_VERSION = "2025-04-01"
PERMISSION = "Microsoft.Resources/tags/write"


def tags_call(target: Target, group: Sequence[Change], correlation_id: str) -> Call:
    """The request that sets these tags, or deletes them with the values that they have."""
    deletes = group[0].after is None
    tags = {change.setting.name: str(change.before if deletes else change.after) for change in group}
    body = {"operation": "Delete" if deletes else "Merge", "properties": {"tags": tags}}
    path = f"{target.id}/providers/Microsoft.Resources/tags/default"
    return Call("PATCH", path, _VERSION, PERMISSION, target.id, body, correlation_id)
