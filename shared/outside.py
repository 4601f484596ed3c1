"""What stands outside servers, by its ARM id: checked, and cut down to what servers are known to use.

Servers use keys, identities, subnets and the like (`USED`). An event names one of these, something below it (a version
of a key), something attached to it (a role assignment), or what it lies in (a resource group): each leads to a scope,
and whoever uses anything in that scope may be concerned.
"""

import re
from dataclasses import dataclass

from shared.errors import MalformedEvent
from shared.target import is_name_in_id, is_subscription

VAULT, KEY = "microsoft.keyvault/vaults", "microsoft.keyvault/vaults/keys"
IDENTITY = "microsoft.managedidentity/userassignedidentities"
SUBNET = "microsoft.network/virtualnetworks/subnets"
SECURITY_GROUP = "microsoft.network/networksecuritygroups"
ENDPOINT = "microsoft.network/privateendpoints"
WORKSPACE = "microsoft.operationalinsights/workspaces"
BACKUP_VAULT = "microsoft.dataprotection/backupvaults"
# The types, lower case, of what servers are known to use.
USED = frozenset({KEY, IDENTITY, SUBNET, SECURITY_GROUP, ENDPOINT, WORKSPACE, BACKUP_VAULT})
LOCK, ROLE_ASSIGNMENT = "microsoft.authorization/locks", "microsoft.authorization/roleassignments"
# What is attached to a resource, or to what it lies in, where it counts for everything below.
ATTACHED = frozenset({LOCK, ROLE_ASSIGNMENT, "microsoft.insights/diagnosticsettings"})
_INHERITED = frozenset({LOCK, ROLE_ASSIGNMENT})
_LEADING = frozenset({"/".join(one.split("/")[:length]) for one in USED for length in (2, 3)})
_CONTAINER = re.compile(
    r"/subscriptions/([^/]+)(?:/resourcegroups/([^/]+))?|/providers/microsoft\.management/managementgroups/([^/]+)|"
)
_LONGEST = 2048


@dataclass(frozen=True, slots=True)
class Outside:
    """Where something happened: `scope` is the id, lower case, of what is used or of what lies above it.

    `type` is the type of the scope; empty for a management group, a subscription, a resource group, and for the tenant,
    whose scope is empty, too.
    """

    scope: str
    type: str = ""

    def bears_on(self, kind: str) -> bool:
        """Whether what is attached here can count for a resource of this type: here, above it, or on a part of it."""
        return not self.type or f"{self.type}/".startswith(f"{kind}/")


def parse_outside(resource_id: str) -> Outside | None:
    """Where the resource belongs; None for what no server is known to use.

    Raises MalformedEvent for an id that points at something servers use and cannot be a real one.
    """
    lowered = resource_id.lower().rstrip("/")
    head, *parts = lowered.split("/providers/")
    if not head and parts and parts[0].startswith("microsoft.management/managementgroups/"):
        head, parts = f"/providers/{parts[0]}", parts[1:]
    attached = bool(parts) and _type(parts[-1]) in ATTACHED
    kind = _type(parts[-1]) if attached else ""
    owners = parts[:-1] if attached else parts
    if len(owners) > 1 or (not owners and kind not in _INHERITED):
        return None
    used = _used(owners[0]) if owners else ""
    if owners and not used:
        return None
    _must_be_plausible(resource_id, head, parts)
    return Outside(f"{head}/providers/{used}", _type(used)) if used else Outside(head)


def _type(part: str) -> str:
    """`microsoft.keyvault/vaults/kv/keys/postgres` is of the type `microsoft.keyvault/vaults/keys`."""
    provider, *rest = part.split("/")
    return "/".join([provider, *rest[::2]])


def _used(part: str) -> str:
    """The longest beginning of the part that is of a used type, or leads to one; empty where there is none."""
    words = part.split("/")
    for length in range(len(words) - (len(words) + 1) % 2, 2, -2):
        candidate = "/".join(words[:length])
        if _type(candidate) in _LEADING:
            return candidate
    return ""


def _must_be_plausible(resource_id: str, head: str, parts: list[str]) -> None:
    match = _CONTAINER.fullmatch(head)
    names = [name for part in parts for name in part.split("/")]
    real = (
        len(resource_id) <= _LONGEST
        and match is not None
        and (match[1] is None or is_subscription(match[1]))
        and all(len(part.split("/")) % 2 for part in parts)
        and all(map(is_name_in_id, [*names, *(match[number] for number in (2, 3) if match[number])]))
    )
    if not real:
        raise MalformedEvent(f"not an ARM resource id: {resource_id[:200]!r}")
