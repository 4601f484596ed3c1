"""One tag of a server, set or taken away while all others stay: what others write meanwhile is not lost.

Source: Microsoft.Resources tags 2025-04-01, "Update At Scope" with the operations Merge and Delete.
"""

from shared.arm.client import Call
from shared.control import Change
from shared.target import Target

_VERSION = "2025-04-01"
PERMISSION = "Microsoft.Resources/tags/write"


def tag_call(target: Target, change: Change, correlation_id: str) -> Call:
    """The request that sets the tag, or deletes it with the value that it has."""
    deletes = change.after is None
    value = change.before if deletes else change.after
    body = {
        "operation": "Delete" if deletes else "Merge",
        "properties": {"tags": {change.setting.name: str(value)}},
    }
    path = f"{target.id}/providers/Microsoft.Resources/tags/default"
    return Call("PATCH", path, _VERSION, PERMISSION, target.id, body, correlation_id)
