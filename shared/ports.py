"""The outside world as the engine wishes it: Azure, a store. Adapters implement these; tests bring fakes."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pydantic import ValidationError

from shared.control import Change
from shared.errors import StoreUnavailable
from shared.journal import DeadLetter, Entry, Notice, Trigger, decode
from shared.memory import Memory
from shared.state import Facet, State
from shared.target import Subject, Target

RECONCILE_QUEUE = "holdfast-reconcile"
DELIVER_QUEUE = "holdfast-deliver"
# Apart from the first, so that no event ever stands behind a sweep.
SWEEP_QUEUE = "holdfast-sweep"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to be the only one who works on `name`, until `expires_at` (aware UTC) unless renewed."""

    name: str
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that the store holds about a target's present. `version` fences a commit against a second writer."""

    memory: Memory
    version: str
    triggers: tuple[Trigger, ...] = ()
    outbox: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Commit:
    """What one step of work adds: applied whole or not at all. A non-empty `notices` also wakes the delivery."""

    memory: Memory
    entries: tuple[Entry, ...] = ()
    notices: tuple[Notice, ...] = ()
    handled: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many records were removed, and after which it goes on; empty: there are no more."""

    removed: int
    after: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """Something kept for the fleet as a whole. `version` fences a write against a second writer."""

    name: str
    body: bytes
    version: str


def read_document[T](kind: type[T], document: Document) -> T:
    """What the document holds. Raises StoreUnavailable for one that this version cannot read: it must stop the work,
    not pass for none."""
    try:
        return decode(kind, document.body)
    except ValidationError as error:
        raise StoreUnavailable(f"the store holds a document {document.name} that this Holdfast cannot read") from error


class Store(Protocol):
    """Work, leases, memory, records, outbox and dead letters, partitioned by target; and documents of the fleet.

    Every method raises StoreUnavailable when the store does not answer.
    """

    async def remember(self, trigger: Trigger) -> None:
        """Keep the trigger (once per `trigger.id` and target) and wake its target, in that order."""

    async def keep(self, trigger: Trigger) -> None:
        """Keep the trigger like `remember`, and wake nobody: whoever keeps it looks."""

    async def wake_sweep(self, target: Subject, after_seconds: float = 0) -> None:
        """Have the target looked at by the sweep, now or later; the fleet's turn is for the sweep to go on."""

    async def wake(self, target: Target, after_seconds: float = 0) -> None:
        """Have the target looked at, now or later."""

    async def wake_delivery(self, target: Subject, after_seconds: float = 0) -> None:
        """Have the target's outbox emptied, now or later."""

    async def acquire(self, name: str, seconds: float) -> Lease | None:
        """Take the lease, or None while somebody else holds it. `seconds` is between 15 and 60."""

    async def renew(self, lease: Lease) -> Lease:
        """Prolong the lease by as long as it was taken for. Raises LeaseLost."""

    async def release(self, lease: Lease) -> None:
        """Give the lease back; a lease that is already lost is no error."""

    async def load(self, target: Subject) -> Dossier:
        """Read memory, waiting triggers (oldest first) and outbox (in order) of the target."""

    async def commit(self, target: Subject, version: str, commit: Commit) -> str:
        """Apply the commit if the dossier still has `version`, and return the new version. Raises LeaseLost."""

    async def update_notice(self, target: Subject, notice: Notice) -> None:
        """Replace a notice in the outbox by its id."""

    async def finish_notice(self, target: Subject, notice: Notice, entry: Entry) -> None:
        """Remove a notice from the outbox and append the entry that says who was told."""

    async def document(self, name: str) -> Document | None:
        """The document, or None. Names are lower case: letters, digits, `-` and `/`; the part before the first `/` is
        its collection."""

    async def documents(self, prefix: str, limit: int = 1000) -> list[Document]:
        """Documents whose name begins with the prefix, by name. The prefix holds a whole collection: `holds/`."""

    async def write_document(self, name: str, body: bytes, version: str = "") -> str:
        """Write it if it still has `version` (empty: if there is none), and return the new version. Raises Conflict."""

    async def remove_document(self, name: str) -> None:
        """Remove it; one that is not there is no error."""

    async def record(self, record: str) -> list[Entry]:
        """All entries of one record in order; none when there is no such record."""

    async def history(self, target: Subject | None = None, limit: int = 100) -> list[Entry]:
        """Record entries, newest record first, entries of a record in order; of one target, or of all."""

    async def prune_records(self, before: datetime, limit: int, after: str = "") -> Pruned:
        """Remove records whose last entry is older than `before`, but none that is open: that its target's memory
        (`Memory.open_records`) or a notice in the outbox still names. Looks at `limit` records behind `after`."""

    async def prune_letters(self, before: datetime, limit: int) -> int:
        """Remove dead letters older than `before`, `limit` at most, and return how many."""

    async def bury(self, letter: DeadLetter) -> None:
        """Keep a dead letter; the same id replaces itself."""

    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """The dead letters, newest first."""

    async def unbury(self, letter_id: str) -> None:
        """Remove the dead letter with this id; one that is not there is no error."""

    async def ping(self) -> None:
        """Return when the store can be read and written."""

    async def close(self) -> None:
        """Let go of connections."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Azure's answer to a write: done, or an operation to follow. `retry_after_seconds` is Azure's own wish."""

    operation: str = ""
    retry_after_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an operation stands; `error` is set when it failed."""

    done: bool
    error: str = ""
    retry_after_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Waiver:
    """An Azure Policy exemption: from these policy definitions (GUIDs, lower case), until `expires_at` if it ends."""

    name: str
    definitions: frozenset[str]
    expires_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a replica lags behind its primary, and when that was measured; None: not known, and `why` says why."""

    seconds: float | None = None
    at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Creation:
    """How a server was made, as the request that made it says: `source` is the ARM id of the server that it was made
    from, empty for one that was made from nothing. Not `known`: it was made, and Azure does not show the request."""

    source: str = ""
    known: bool = True


class Arm(Protocol):
    """Azure Resource Manager, as far as Holdfast needs it. Errors: Busy, Throttled, Unreachable, Forbidden, Gone,
    Frozen, Rejected."""

    def for_many(self) -> "Arm":
        """The same for reading many servers in a row: what stands around several of them is not read for each."""

    async def observe(self, target: Target, facets: Iterable[Facet]) -> State:
        """Read these facets, at the same time."""

    def requests(self, target: Target, changes: Sequence[Change]) -> list[tuple[Change, ...]]:
        """Group the changes into the fewest writes, in order: each group is one request."""

    async def write(self, target: Target, group: Sequence[Change], correlation_id: str) -> Accepted:
        """Send one group of changes."""

    async def progress(self, operation: str) -> Progress:
        """Look at an operation."""

    async def management_groups(self, subscription: str) -> tuple[str, ...]:
        """The names of the management groups above the subscription, nearest first, lower case."""

    async def writers(self, target: Target, child: str, since: datetime) -> tuple[frozenset[str], ...]:
        """Everybody who wrote this very resource since then, as the activity log says: the server itself, the child at
        this path below it, or what stands outside it under this whole id. Object and application id of each caller,
        lower case; empty when the log shows nothing (yet)."""

    async def creation(self, target: Target) -> Creation | None:
        """How the server was made, as the activity log says; None when the log does not show that it was."""

    async def waivers(self, target: Target) -> tuple[Waiver, ...]:
        """The Azure Policy exemptions in force for the server, with the definitions they are about."""

    async def lag(self, replica: Target) -> Lag:
        """How far the replica lags behind its primary. What cannot be seen is told in the answer; nothing is raised."""

    async def own_identity(self) -> frozenset[str]:
        """Our own object id and application id, lower case, as the token says."""

    def servers(self) -> AsyncIterator[Target]:
        """Every server the identity can see."""

    async def close(self) -> None:
        """Let go of connections."""
