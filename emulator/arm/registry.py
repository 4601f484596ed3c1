"""What a resource type is to the front, and the list of all of them. A new type is one file in `emulator/resources`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from emulator.arm.call import Answer, Call
from emulator.arm.operations import POSTGRES, Polls
from emulator.arm.store import Resource
from emulator.body import Body
from emulator.ids import Path
from emulator.world import World


@dataclass(frozen=True, slots=True)
class Request:
    """What a type's function gets: the world, the call and the path cut into its parts."""

    world: World
    call: Call
    path: Path

    @property
    def name(self) -> str:
        """Name of the item asked for."""
        return self.path.names[-1]

    @property
    def body(self) -> Body:
        """The request's body, an empty object when none was sent."""
        return self.call.body or {}


@dataclass(frozen=True, slots=True)
class Accepted:
    """A write that runs as a long operation: `apply` takes effect when it ends."""

    operation: str  # Azure's name of it, in the body of the 202
    apply: Callable[[], None]
    busy: str  # id of the server that refuses other writes meanwhile
    location: str  # region whose operations it joins
    polls: Polls = POSTGRES
    answer: Callable[[], Answer] | None = None  # made once it runs; None: 202 with the operation's name


@dataclass(frozen=True, slots=True)
class Done:
    """A write that is over when it is answered."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Nothing:
    """204: what was to be deleted is not there."""


type Outcome = Accepted | Done | Nothing
type Write = Callable[[Request], Outcome]
type Read = Callable[[Request], Answer]


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One resource type: how its items are read and shown, and what may be done to them."""

    name: str  # canonical: Microsoft.DBforPostgreSQL/flexibleServers/firewallRules
    api_versions: tuple[str, ...]
    get: Read | None = None
    list: Read | None = None
    writes: Mapping[str, Write] = field(default_factory=dict)  # by method: PUT, PATCH, DELETE
    action: Write | None = None  # POST on the path without a name; `name` ends with the action's word
    post: Read | None = None  # POST that only reads, such as a query
    graph: Callable[[World, Resource], Body] | None = None  # its row in Resource Graph
    locations: tuple[str, ...] = ()
    always_there: bool = False  # items exist without having been made, such as server parameters
    is_open: bool = False  # reads need no right: they show only what the caller may read


class Registry:
    """All resource types, found by namespace and type words without case."""

    def __init__(self, types: Iterable[ResourceType]) -> None:
        self._types = {one.name.lower(): one for one in types}

    def find(self, path: Path) -> ResourceType | None:
        """Return the type of a path."""
        return self._types.get(path.full_type)

    def in_graph(self) -> dict[str, Callable[[World, Resource], Body]]:
        """Return how each type that Resource Graph knows is shown there, by lower-case name."""
        return {key: one.graph for key, one in self._types.items() if one.graph is not None}
