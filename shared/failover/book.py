"""The book of failovers: one document for each primary, which says what is under way, who asked, and how far it came.

It can only be created where none is under way: that is what makes a second failover at the same time impossible. The
servers that take part remember it in their own memory, so that no pass over them costs a read while there is none.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.control import Change
from shared.errors import Conflict, Refused
from shared.failover.model import Check, Option, Way
from shared.journal import Actor, encode
from shared.ports import Document, Store, read_document
from shared.target import Target, parse_target

_BOOK = "failovers/"
_ATTEMPTS = 20


class Stage(StrEnum):
    """How far a failover came."""

    ASKED = "asked"
    AGREED = "agreed"
    PROMOTING = "promoting"
    PROMOTED = "promoted"
    DONE = "done"
    FAILED = "failed"


_OVER = frozenset({Stage.DONE, Stage.FAILED})


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened, for people to read."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Failover:
    """One failover. `primary` and `replica` are ids, `others` those of the replicas that are not promoted.

    `checks` are the warnings it was begun with, `afterwards` what was found at its end. `record` is the record of the
    promotion on the replica; `approval` names the approval it waits for.
    """

    id: str
    primary: str
    replica: str
    others: tuple[str, ...]
    option: Option
    way: Way
    change: Change
    by: Actor
    reason: str
    begun_at: datetime
    stage: Stage = Stage.ASKED
    steps: tuple[Step, ...] = ()
    checks: tuple[Check, ...] = ()
    afterwards: tuple[Check, ...] = ()
    error: str = ""
    record: str = ""
    approval: str = ""
    ended_at: datetime | None = None
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.stage in _OVER

    @property
    def members(self) -> tuple[Target, ...]:
        """Every server that takes part."""
        return tuple(parse_target(one) for one in dict.fromkeys((self.primary, self.replica, *self.others)))

    @property
    def old(self) -> Target:
        """The server whose place is taken."""
        return parse_target(self.primary)

    @property
    def new(self) -> Target:
        """The server that takes it."""
        return parse_target(self.replica)

    @property
    def named(self) -> str:
        """It, in a few words."""
        return f"{self.way} of {self.old.name} to {self.new.name}, {self.option}"

    def went(self, at: datetime, text: str, **changes: object) -> "Failover":
        """The same with a further step."""
        return replace(self, steps=(*self.steps, Step(at, text)), **changes)  # type: ignore[arg-type]  # checked by replace


async def failover_of(store: Store, primary: Target) -> Failover | None:
    """The latest failover of this primary, over or not."""
    return _read(await store.document(name_of(primary)))


async def open_failover(store: Store, failover: Failover) -> None:
    """Write it down, if none of this primary is under way. Raises Refused."""
    name = name_of(failover.old)
    document = await store.document(name)
    before = _read(document)
    if before is not None and not before.over:
        raise Refused(_under_way(before))
    try:
        await store.write_document(name, encode(failover), document.version if document else "")
    except Conflict as error:
        raise Refused(f"another failover of {failover.old.name} was asked for in the same moment") from error


async def write_on(store: Store, failover: Failover, change: Callable[[Failover], Failover]) -> Failover:
    """Change the failover as it is at this moment, and return it. One that is over, or another, stays as it is."""
    name = name_of(failover.old)
    for _ in range(_ATTEMPTS):
        document = await store.document(name)
        found = _read(document)
        if document is None or found is None or found.id != failover.id or found.over:
            return found or failover
        after = change(found)
        if after == found:
            return found
        try:
            await store.write_document(name, encode(after), document.version)
        except Conflict:
            continue
        return after
    raise Conflict("the failover is being written by too many at once; try again")


def name_of(primary: Target) -> str:
    """The document's name: ids hold characters that names do not."""
    return f"{_BOOK}{hashlib.sha256(primary.id.lower().encode()).hexdigest()[:40]}"


def _under_way(failover: Failover) -> str:
    return (
        f"a failover is under way since {failover.begun_at:%Y-%m-%d %H:%M} UTC: {failover.named}, asked for by"
        f" {failover.by.name}"
    )


def _read(document: Document | None) -> Failover | None:
    return read_document(Failover, document) if document else None
