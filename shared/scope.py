"""Where something holds: the whole fleet, or the part of it below one ARM id.

A scope is text: empty for everything, else the id of a management group, subscription, resource group or server,
lower case, without a slash at its end.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.errors import MalformedEvent
from shared.target import PROVIDER, Target, parse_target

MANAGEMENT_GROUP = "/providers/microsoft.management/managementgroups/"
# learn.microsoft.com, "Management groups": an id has up to 90 of these characters.
_GROUP_NAME = re.compile(r"[a-z0-9_.()-]{1,90}")
_SOME_SERVER = ("", "subscriptions", "", "resourceGroups", "any", "providers", PROVIDER, "flexibleServers", "any")
WANTED = (
    "a management group, subscription, resource group or server: /providers/Microsoft.Management/managementGroups/NAME,"
    " or /subscriptions/GUID[/resourceGroups/NAME[/providers/Microsoft.DBforPostgreSQL/flexibleServers/NAME]]"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A server and what the policy may ask about it.

    `tags` are the server's own, as Azure spells them. `management_groups` are the names of the groups above its
    subscription, nearest first, lower case. Both are empty where nothing asks for them.
    """

    target: Target
    tags: Mapping[str, str] = field(default_factory=dict)
    management_groups: tuple[str, ...] = ()

    def tag(self, name: str) -> str | None:
        """The tag's value; Azure compares names of tags without regard to case."""
        return next((value for key, value in self.tags.items() if key.lower() == name.lower()), None)


def parse_scope(text: str) -> str:
    """The scope in its one form. Raises MalformedEvent for what Azure would not take as one; empty is everything."""
    scope = text.strip().rstrip("/").lower()
    if not scope:
        return ""
    if scope.startswith(MANAGEMENT_GROUP):
        if not _GROUP_NAME.fullmatch(scope.removeprefix(MANAGEMENT_GROUP)):
            raise MalformedEvent(f"found {text[:200]!r}, wanted {WANTED}")
        return scope
    parts = scope.split("/")
    if len(parts) not in (3, 5, 9):
        raise MalformedEvent(f"found {text[:200]!r}, wanted {WANTED}")
    # Checked by completing it to a server's id.
    parse_target("/".join([*parts, *_SOME_SERVER[len(parts) :]]))
    return scope


def covers(scope: str, place: Place) -> bool:
    """Whether the place lies inside the scope."""
    if not scope:
        return True
    if scope.startswith(MANAGEMENT_GROUP):
        return scope.removeprefix(MANAGEMENT_GROUP) in place.management_groups
    return f"{place.target.id.lower()}/".startswith(f"{scope}/")
