"""Which server is meant: ARM ids taken apart, checked, and put in one canonical form.

ARM compares ids without regard to case and answers them in several casings, so a target is kept in lower case.
Everything that becomes part of a URL passes through here first: a segment that Azure would not accept as a name
never reaches a request.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import MalformedEvent

PROVIDER = "Microsoft.DBforPostgreSQL"
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Naming rules: learn.microsoft.com, "Naming rules and restrictions for Azure resources".
_RESOURCE_GROUP = re.compile(r"[\w.()-]{0,89}[\w()-]")
_SERVER = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# The widest that a child or an attached resource is named: locks take parentheses, diagnostic settings 260 characters.
_CHILD = re.compile(r"[\w.@ ()-]{1,260}")
_MAX_ID = 2048


class Kind(StrEnum):
    """The deployment models of Azure Database for PostgreSQL; the value is the ARM resource type, lower case."""

    FLEXIBLE = "flexibleservers"
    SINGLE = "servers"
    CITUS = "servergroupsv2"

    @property
    def type_name(self) -> str:
        """The resource type below the provider, as Azure spells it."""
        return _TYPE_NAMES[self.value]


_TYPE_NAMES = {"flexibleservers": "flexibleServers", "servers": "servers", "servergroupsv2": "serverGroupsv2"}


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One server. All parts are lower case; `subscription` is a GUID."""

    kind: Kind
    subscription: str
    resource_group: str
    name: str

    @property
    def id(self) -> str:
        """The ARM id, canonical up to the lower-case names."""
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"
            f"/providers/{PROVIDER}/{self.kind.type_name}/{self.name}"
        )

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class Fleet:
    """All servers together: what is told about no single one has a place in the store under this id."""

    id: str = "/fleet"
    name: str = "the fleet"

    def __str__(self) -> str:
        return self.name


FLEET = Fleet()
type Subject = Target | Fleet
"""What can be told about, and has an outbox and records."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What an ARM id names: a target itself (`child` empty) or something below or attached to it.

    `child` is the path under the server, lower case: `firewallrules/app`, `configurations/log_connections`,
    `providers/microsoft.authorization/locks/keep`.
    """

    target: Target
    child: str = ""

    @property
    def collection(self) -> str:
        """The child's resource type: `firewallrules`, `microsoft.authorization/locks`, empty for the server."""
        parts = self.child.split("/") if self.child else []
        if parts[:1] == ["providers"]:
            return "/".join(parts[1:3])
        return "/".join(parts[0::2])


def parse_resource(resource_id: str) -> Resource | None:
    """Return what the id names, or None when it is not one of our servers.

    Raises MalformedEvent for an id that points at our provider but cannot be a real ARM id.
    """
    lowered = resource_id.lower()
    if f"/providers/{PROVIDER.lower()}/" not in lowered:
        return None
    if len(resource_id) > _MAX_ID:
        raise MalformedEvent(f"resource id of {len(resource_id)} characters, at most {_MAX_ID} expected")
    parts = lowered.split("/")
    if len(parts) < 9 or parts[0] or parts[1] != "subscriptions" or parts[3] != "resourcegroups":
        _must_be_plausible(resource_id)
        return None
    if parts[5] != "providers" or parts[6] != PROVIDER.lower() or parts[7] not in set(Kind):
        _must_be_plausible(resource_id)
        return None
    return _checked(resource_id, parts)


def parse_target(resource_id: str) -> Target:
    """Return the server that the id names, itself or through a child. Raises MalformedEvent when there is none."""
    resource = parse_resource(resource_id)
    if resource is None:
        raise MalformedEvent(f"not a PostgreSQL server: {resource_id[:200]!r}")
    return resource.target


def parse_subject(text: str) -> Subject:
    """The server that the id names, or the fleet. Raises MalformedEvent."""
    return FLEET if text == FLEET.id else parse_target(text)


def is_subscription(text: str) -> bool:
    """Whether it can be a subscription's id; lower case."""
    return bool(_GUID.fullmatch(text))


def is_name_in_id(text: str) -> bool:
    """Whether it can be one name, or one type, in an ARM id."""
    return bool(_CHILD.fullmatch(text)) and text not in {".", ".."}


def _must_be_plausible(resource_id: str) -> None:
    # Locations, capabilities, other kinds of server: real ids of the provider that name no target of ours.
    if not re.fullmatch(r"/[\w/.()@ -]+", resource_id) or ".." in resource_id:
        raise MalformedEvent(f"not an ARM resource id: {resource_id[:200]!r}")


def _checked(resource_id: str, parts: list[str]) -> Resource:
    subscription, group, name = parts[2], parts[4], parts[8]
    rules = ((_GUID, subscription), (_RESOURCE_GROUP, group), (_SERVER, name))
    children = parts[9:]
    if not all(rule.fullmatch(value) for rule, value in rules) or not all(map(is_name_in_id, children)):
        raise MalformedEvent(f"not an ARM resource id: {resource_id[:200]!r}")
    return Resource(Target(Kind(parts[7]), subscription, group, name), "/".join(children))
