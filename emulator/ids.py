"""Resource ids: read from any casing, compared without case, answered in their canonical case."""

import re
from dataclasses import dataclass

_PROVIDERS = re.compile(r"/providers/", re.IGNORECASE)
_SUBSCRIPTION = re.compile(r"^/subscriptions/([^/]+)", re.IGNORECASE)
_GROUP = re.compile(r"^/subscriptions/[^/]+/resourcegroups/([^/]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Path:
    """A request path cut at its last `/providers/`: what it hangs on, its type words and its names."""

    scope: str
    namespace: str
    types: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def is_item(self) -> bool:
        """Whether a name follows the last type word: an item, not a list or an action."""
        return len(self.types) == len(self.names)

    @property
    def full_type(self) -> str:
        """Namespace and type words, lower case: the key of a resource type."""
        return "/".join((self.namespace, *self.types)).lower()

    @property
    def parent(self) -> str:
        """Id of the resource that the last type word hangs on; the scope when there is none."""
        pairs = list(zip(self.types[:-1], self.names, strict=False))
        if not pairs:
            return self.scope
        tail = "".join(f"/{kind}/{name}" for kind, name in pairs)
        return f"{self.scope}/providers/{self.namespace}{tail}"


def parse_path(path: str) -> Path | None:
    """Read a path with a provider in it; None when there is none."""
    cuts = [match.span() for match in _PROVIDERS.finditer(path)]
    if not cuts:
        return None
    start, end = cuts[-1]
    namespace, *rest = [word for word in path[end:].split("/") if word]
    return Path(path[:start].rstrip("/"), namespace, tuple(rest[::2]), tuple(rest[1::2]))


def subscription_of(resource_id: str) -> str:
    """Return the subscription id in an id or path, lower case, or an empty string."""
    match = _SUBSCRIPTION.match(resource_id)
    return match[1].lower() if match else ""


def group_of(resource_id: str) -> str:
    """Return the resource group name as written, or an empty string."""
    match = _GROUP.match(resource_id)
    return match[1] if match else ""


def is_within(resource_id: str, scope: str) -> bool:
    """Whether a resource lies in a scope; "/" holds everything."""
    mine, wide = resource_id.lower(), scope.lower().rstrip("/")
    return mine == wide or mine.startswith(f"{wide}/")


def extended(resource_id: str) -> str:
    """Return what an extension resource such as a lock was made at: "/" for the tenant."""
    return resource_id.rpartition("/providers/")[0] or "/"
