"""The resources that exist, found by id without case."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from emulator.body import Body


@dataclass(slots=True)
class Resource:
    """A resource: its id in canonical case, its type, and its body without id, name and type."""

    id: str
    type: str
    body: Body
    lacks: frozenset[str] = frozenset()  # names of children that this one does not have although others do

    @property
    def name(self) -> str:
        """Last word of the id."""
        return self.id.rpartition("/")[2]

    @property
    def properties(self) -> Body:
        """The `properties` of the body."""
        found: Body = self.body.setdefault("properties", {})
        return found


class Store:
    """Resources by id and by type and parent; lists come in the order of creation."""

    def __init__(self) -> None:
        self._by_id: dict[str, Resource] = {}
        # by type, by parent, by id
        self._children: defaultdict[str, dict[str, dict[str, Resource]]] = defaultdict(dict)

    def get(self, resource_id: str) -> Resource | None:
        """Return the resource with this id."""
        return self._by_id.get(resource_id.lower())

    def put(self, resource: Resource) -> None:
        """Add the resource, or replace the one with its id."""
        key = resource.id.lower()
        self._by_id[key] = resource
        self._children[resource.type.lower()].setdefault(_parent(key), {})[key] = resource

    def remove(self, resource_id: str) -> None:
        """Remove a resource and everything under it."""
        key = resource_id.lower()
        for one in [key, *(other for other in self._by_id if other.startswith(f"{key}/"))]:
            gone = self._by_id.pop(one, None)
            if gone is not None:
                self._children[gone.type.lower()][_parent(one)].pop(one, None)

    def children(self, parent: str, resource_type: str) -> list[Resource]:
        """Return the resources of a type directly under a parent."""
        return list(self._children[resource_type.lower()].get(parent.lower().rstrip("/"), {}).values())

    def of_type(self, resource_type: str, scope: str = "/") -> Iterator[Resource]:
        """Give the resources of a type anywhere in a scope."""
        prefix = scope.lower().rstrip("/")
        for parent, found in list(self._children[resource_type.lower()].items()):
            if parent == prefix or parent.startswith(f"{prefix}/"):
                yield from list(found.values())

    def all(self) -> list[Resource]:
        """Return every resource."""
        return list(self._by_id.values())


def _parent(key: str) -> str:
    # .../type/name hangs on what stands before it; a top-level type also leaves "/providers/namespace" behind
    head = key.rsplit("/", 2)[0]
    before, cut, last = head.rpartition("/providers/")
    return before if cut and "/" not in last else head
