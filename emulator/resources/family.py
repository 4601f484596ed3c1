"""A kind of PostgreSQL server and its children: finding them, or the refusal that ARM gives instead."""

from collections.abc import Callable
from dataclasses import dataclass

from emulator.arm.call import Answer
from emulator.arm.operations import POSTGRES, Polls
from emulator.arm.registry import Accepted, Request
from emulator.arm.store import Resource
from emulator.errors import child_not_found, not_found, parent_not_found
from emulator.ids import group_of
from emulator.resources.answers import require_group
from emulator.resources.locations import short

_VERBS = {"GET": "read", "DELETE": "delete", "POST": "action"}


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of server, by its resource type."""

    name: str  # Microsoft.DBforPostgreSQL/servers

    def find(self, request: Request) -> Resource | None:
        """Return the server that the path names."""
        return request.world.store.get(self._id(request))

    def server(self, request: Request) -> Resource:
        """Return the server that the path names, or refuse with the 404 that ARM gives here."""
        require_group(request.world, request.path.scope)
        found = self.find(request)
        if found is not None:
            return found
        if len(request.path.types) == 1:
            raise not_found(self.name, request.path.names[0], group_of(request.path.scope))
        kind = "/".join((self.name, *request.path.types[1:]))
        raise parent_not_found(_VERBS.get(request.call.method, "write"), kind, self._id(request))

    def idle(self, request: Request) -> Resource:
        """Return the server for a write: it must be there and no operation may run on it."""
        found = self.server(request)
        request.world.operations.require_idle(found.id)
        return found

    def find_child(self, request: Request, kind: str) -> Resource | None:
        """Return the child that the path names."""
        return request.world.store.get(f"{self.server(request).id}/{kind}/{request.name}")

    def child(self, request: Request, kind: str) -> Resource:
        """Return the child that the path names, or refuse with the provider's 404."""
        found = self.find_child(request, kind)
        if found is None:
            raise child_not_found(f"{self.name}/{kind}", request.name)
        return found

    def children(self, request: Request, kind: str) -> list[Resource]:
        """Return the server's children of a kind."""
        return request.world.store.children(self.server(request).id, f"{self.name}/{kind}")

    def _id(self, request: Request) -> str:
        return f"{request.path.scope}/providers/{self.name}/{request.path.names[0]}"


def accepted(
    server: Resource,
    operation: str,
    apply: Callable[[], None],
    polls: Polls = POSTGRES,
    answer: Callable[[], Answer] | None = None,
) -> Accepted:
    """Return a write that runs as an operation of this server."""
    location = short(server.body["location"])
    return Accepted(operation, apply, busy=server.id, location=location, polls=polls, answer=answer)
