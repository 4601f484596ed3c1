"""A resource type that keeps what is written; what its body may hold is said by a form.

PUT and PATCH are over when they are answered, unless the type says that it runs as an operation.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from emulator.arm.call import Answer
from emulator.arm.operations import Polls
from emulator.arm.registry import Accepted, Done, Nothing, Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body, dig, merged
from emulator.clock import long_stamp
from emulator.errors import child_not_found, invalid_value, not_found
from emulator.ids import group_of
from emulator.resources.answers import item, page
from emulator.resources.around.forms import Form
from emulator.resources.around.scopes import item_id, require_parent
from emulator.resources.graph_row import graph_row
from emulator.resources.locations import LOCATIONS, short
from emulator.world import World


@dataclass(frozen=True, slots=True)
class Plain:
    """One type; `facts` are properties that only the service sets."""

    name: str  # Microsoft.Insights/metricAlerts
    versions: tuple[str, ...]
    form: Form
    facts: Callable[[World, Resource], Body] = lambda _, __: {}
    only: tuple[str, ...] = ()  # the names that there can be
    always: bool = False  # items of these names exist without having been made
    methods: tuple[str, ...] = ("PUT", "DELETE")
    statuses: tuple[int, int, int] = (201, 200, 200)  # of PUT when it is new, when it was there, and of DELETE
    check: Callable[[Request, Body | None, Body], None] = lambda _, __, ___: None  # old and new body; refuses
    stored: Callable[[World, Resource], None] = lambda _, __: None  # what else changes once it is there
    removed: Callable[[World, Resource], None] = lambda _, __: None  # what else changes once it is gone
    listed: Callable[[Request], Answer] | None = None  # for lists that are not by scope or parent
    has_list: bool = True
    polls: Polls | None = None  # PUT and DELETE run as operations of this provider
    dated: bool = False  # answers systemData
    gives_back: bool = False  # DELETE answers what is gone

    def type(self) -> ResourceType:
        """Return the type as the registry takes it."""
        writes = {"PUT": self._put, "PATCH": self._patch, "DELETE": self._delete}
        return ResourceType(
            self.name,
            self.versions,
            get=self._get,
            list=self.listed or (self._list if self.has_list else None),
            writes={method: writes[method] for method in self.methods},
            graph=self.row if self.form.tracked else None,
            locations=LOCATIONS,
            always_there=self.always,
        )

    def shown(self, world: World, one: Resource) -> Body:
        """Return an item as it is answered."""
        body = item(one)
        if not self.dated:
            body.pop("systemData", None)
        return body | {"properties": merged(body.get("properties", {}), self.facts(world, one))}

    def row(self, world: World, one: Resource) -> Body:
        """Return the item's row in Resource Graph."""
        return graph_row(world, one, self.shown(world, one))

    def find(self, world: World, parent: str, name: str) -> Resource | None:
        """Return the item of a name; one that is always there is made up."""
        found = world.store.get(item_id(parent, self.name, name))
        proper = next((one for one in self.only if one.lower() == name.lower()), None)
        if found is None and self.always and proper is not None:
            return Resource(item_id(parent, self.name, proper), self.name, self.form.fresh())
        return found

    def plant(self, world: World, parent: str, name: str, body: Body) -> Resource:
        """Put an item there as if it had been written; nobody is asked and told."""
        one = Resource(item_id(parent, self.name, name), self.name, self.form.put(body))
        world.store.put(one)
        self.stored(world, one)
        return one

    def item(self, request: Request) -> Resource:
        """Return the item that the path names, or refuse with a 404."""
        found = self.find(request.world, require_parent(request, self.name), request.name)
        if found is not None:
            return found
        if self.form.tracked and len(request.path.types) == 1:
            raise not_found(self.name, request.name, group_of(request.path.scope))
        raise child_not_found(self.name, request.name)

    def _get(self, request: Request) -> Answer:
        return Answer(200, self.shown(request.world, self.item(request)))

    def _list(self, request: Request) -> Answer:
        world, parent = request.world, require_parent(request, self.name)
        if self.always:
            found = [one for name in self.only if (one := self.find(world, parent, name)) is not None]
        elif self.form.tracked and len(request.path.types) == 1:
            found = list(world.store.of_type(self.name, parent))
        else:
            found = world.store.children(parent, self.name)
        return page([self.shown(world, one) for one in found])

    def _put(self, request: Request) -> Outcome:
        parent = require_parent(request, self.name)
        if self.only and request.name.lower() not in {one.lower() for one in self.only}:
            raise invalid_value(self.name.rpartition("/")[2])
        old = self.find(request.world, parent, request.name)
        body = self.form.put(request.body)
        self.check(request, old.body if old else None, body)
        one_id = old.id if old else item_id(parent, self.name, request.name)
        is_new = request.world.store.get(one_id) is None
        return self._settled(request, old, Resource(one_id, self.name, body), self.statuses[0 if is_new else 1])

    def _patch(self, request: Request) -> Outcome:
        old = self.item(request)
        body = self.form.patch(old.body, request.body)
        self.check(request, old.body, body)
        return self._settled(request, old, Resource(old.id, self.name, body), 200)

    def _settled(self, request: Request, old: Resource | None, one: Resource, status: int) -> Outcome:
        one.body["systemData"] = _dates(request, old)

        def apply() -> None:
            request.world.store.put(one)
            self.stored(request.world, one)

        def answer() -> Answer:
            return Answer(status, self.shown(request.world, one))

        if self.polls is not None:
            # recorded: a PUT gives no Location
            return Accepted("", apply, one.id, _region(one), replace(self.polls, result=""), answer)
        apply()
        return Done(answer())

    def _delete(self, request: Request) -> Outcome:
        one = request.world.store.get(item_id(require_parent(request, self.name), self.name, request.name))
        if one is None:
            return Nothing()

        def apply() -> None:
            request.world.store.remove(one.id)
            self.removed(request.world, one)

        if self.polls is not None:
            return Accepted("", apply, one.id, _region(one), self.polls, lambda: Answer(202))
        shown = self.shown(request.world, one) if self.gives_back else None
        apply()
        return Done(Answer(self.statuses[2], shown))


def last_written(world: World, one: Resource) -> str:
    """Return when an item was written last; one of the fleet has always been as it is now."""
    return str(dig(one.body, "systemData.lastModifiedAt") or long_stamp(world.clock.now()))


def _region(one: Resource) -> str:
    return short(one.body.get("location", LOCATIONS[0]))


def _dates(request: Request, old: Resource | None) -> Body:
    now = long_stamp(request.world.clock.now())
    by = {"User": "User", "ManagedIdentity": "ManagedIdentity"}.get(request.call.caller.principal.kind, "Application")
    made = dig(old.body, "systemData.createdAt") if old else None
    return {"createdAt": made or now, "createdByType": by, "lastModifiedAt": now, "lastModifiedByType": by}
