"""Children of a server that are written one by one, each write running as an operation of the server."""

from collections.abc import Callable
from dataclasses import dataclass

from emulator.arm.call import Answer
from emulator.arm.operations import POSTGRES, Polls
from emulator.arm.registry import Nothing, Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body
from emulator.errors import invalid_value
from emulator.resources.answers import item, page
from emulator.resources.family import Family, accepted
from emulator.resources.locations import LOCATIONS


def _anything(_: Request, __: Resource) -> None:
    """Let every write through."""


def _plain(_: Request, one: Resource) -> Body:
    return item(one)


@dataclass(frozen=True, slots=True)
class Operations:
    """What the service calls the operations that make, change and remove a child."""

    made: str
    changed: str
    removed: str
    polls: Polls = POSTGRES


@dataclass(frozen=True, slots=True)
class Child:
    """One kind of child; `read` gives what a PUT stores, from the request and the server, or refuses."""

    family: Family
    kind: str  # firewallRules
    versions: tuple[str, ...]
    operations: Operations
    read: Callable[[Request, Resource], Body]
    guard: Callable[[Request, Resource], None] = _anything  # refuses a PUT or DELETE that may not be now
    show: Callable[[Request, Resource], Body] = _plain
    only: str = ""  # the one name that there can be
    methods: tuple[str, ...] = ("PUT", "DELETE")
    stored: Callable[[Request, Resource], None] = _anything  # what else changes once the child is there
    removed: Callable[[Request, Resource], None] = _anything  # what else changes once it is gone
    answers_items: bool = False  # PUT answers 201 with the item and DELETE an empty object, as Citus does

    @property
    def name(self) -> str:
        """The resource type."""
        return f"{self.family.name}/{self.kind}"

    def type(self) -> ResourceType:
        """Return the type as the registry takes it."""
        writes = {"PUT": self._put, "PATCH": self._patch, "DELETE": self._delete}
        allowed = {method: writes[method] for method in self.methods}
        return ResourceType(
            self.name, self.versions, get=self._get, list=self._list, writes=allowed, locations=LOCATIONS
        )

    def _get(self, request: Request) -> Answer:
        return Answer(200, self.show(request, self.family.child(request, self.kind)))

    def _list(self, request: Request) -> Answer:
        return page([self.show(request, one) for one in self.family.children(request, self.kind)])

    def _put(self, request: Request) -> Outcome:
        server = self.family.idle(request)
        if self.only and request.name.lower() != self.only.lower():
            raise invalid_value(self.kind)
        self.guard(request, server)
        old = self.family.find_child(request, self.kind)
        resource_id = old.id if old else f"{server.id}/{self.kind}/{self.only or request.name}"
        one = Resource(resource_id, self.name, self.read(request, server))
        name = self.operations.changed if old else self.operations.made

        def apply() -> None:
            request.world.store.put(one)
            self.stored(request, one)

        answer = (lambda: Answer(201, self.show(request, one))) if self.answers_items else None
        return accepted(server, name, apply, self.operations.polls, answer)

    def _patch(self, request: Request) -> Outcome:
        self.family.child(request, self.kind)
        return self._put(request)

    def _delete(self, request: Request) -> Outcome:
        server = self.family.idle(request)
        self.guard(request, server)
        one = self.family.find_child(request, self.kind)
        if one is None:
            return Nothing()

        def apply() -> None:
            request.world.store.remove(one.id)
            self.removed(request, one)

        answer = (lambda: Answer(202, {})) if self.answers_items else None
        return accepted(server, self.operations.removed, apply, self.operations.polls, answer)
