"""The outside world as the engine wishes it: Azure, a store. Adapters implement these; tests bring fakes."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shared.control import Change
from shared.journal import DeadLetter, Entry, Memory, Notice, Trigger
from shared.state import Facet, State
from shared.target import Target

RECONCILE_QUEUE = "holdfast-reconcile"
DELIVER_QUEUE = "holdfast-deliver"


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


class Store(Protocol):
    """Work, leases, memory, records, outbox and dead letters, partitioned by target.

    Every method raises StoreUnavailable when the store does not answer.
    """

    async def remember(self, trigger: Trigger) -> None:
        """Keep the trigger (once per `trigger.id` and target) and wake its target, in that order."""

    async def wake(self, target: Target, after_seconds: float = 0) -> None:
        """Have the target looked at, now or later."""

    async def wake_delivery(self, target: Target, after_seconds: float = 0) -> None:
        """Have the target's outbox emptied, now or later."""

    async def acquire(self, name: str, seconds: float) -> Lease | None:
        """Take the lease, or None while somebody else holds it. `seconds` is between 15 and 60."""

    async def renew(self, lease: Lease) -> Lease:
        """Prolong the lease by as long as it was taken for. Raises LeaseLost."""

    async def release(self, lease: Lease) -> None:
        """Give the lease back; a lease that is already lost is no error."""

    async def load(self, target: Target) -> Dossier:
        """Read memory, waiting triggers (oldest first) and outbox (in order) of the target."""

    async def commit(self, target: Target, version: str, commit: Commit) -> str:
        """Apply the commit if the dossier still has `version`, and return the new version. Raises LeaseLost."""

    async def update_notice(self, target: Target, notice: Notice) -> None:
        """Replace a notice in the outbox by its id."""

    async def finish_notice(self, target: Target, notice: Notice, entry: Entry) -> None:
        """Remove a notice from the outbox and append the entry that says who was told."""

    async def history(self, target: Target | None = None, limit: int = 100) -> list[Entry]:
        """Record entries, newest record first, entries of a record in order; of one target, or of all."""

    async def bury(self, letter: DeadLetter) -> None:
        """Keep a dead letter; the same id replaces itself."""

    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """The dead letters, newest first."""

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


class Arm(Protocol):
    """Azure Resource Manager, as far as Holdfast needs it. Errors: Busy, Throttled, Unreachable, Forbidden, Gone,
    Frozen, Rejected."""

    async def observe(self, target: Target, facets: Iterable[Facet]) -> State:
        """Read these facets, at the same time."""

    def requests(self, changes: Sequence[Change]) -> list[tuple[Change, ...]]:
        """Group the changes into the fewest writes, in order: each group is one request."""

    async def write(self, target: Target, group: Sequence[Change], correlation_id: str) -> Accepted:
        """Send one group of changes."""

    async def progress(self, operation: str) -> Progress:
        """Look at an operation."""

    async def own_identity(self) -> frozenset[str]:
        """Our own object id and application id, lower case, as the token says."""

    def servers(self) -> AsyncIterator[Target]:
        """Every server the identity can see."""

    async def close(self) -> None:
        """Let go of connections."""
