"""Whether a store is as it should be when the work is over: nothing waits, nothing is held, nothing was given up."""

import asyncio
import sqlite3
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from shared.journal import now

_COUNTS = {
    "triggers": "SELECT count(*) FROM triggers",
    "outbox": "SELECT count(*) FROM outbox",
    "leases": "SELECT count(*) FROM leases WHERE expires_at > :now",
    "letters": "SELECT count(*) FROM dead_letters",
    "messages": "SELECT count(*) FROM queue_messages WHERE visible_at <= :now",
    "hidden": "SELECT count(*) FROM queue_messages WHERE visible_at > :now",
    "entries": "SELECT count(*) FROM entries",
}


@dataclass(frozen=True, slots=True)
class Wellness:
    """Counts. `hidden` messages are due later, or in somebody's hands; `entries` are those of all records."""

    triggers: int
    outbox: int
    leases: int
    letters: int
    messages: int
    hidden: int
    entries: int

    @property
    def is_idle(self) -> bool:
        """Whether all work is done."""
        return not (self.triggers or self.outbox or self.leases or self.messages)

    def as_json(self) -> dict[str, int]:
        """For the parent process."""
        return asdict(self)


def wellness(folder: Path) -> Wellness:
    """Read the embedded store in the folder."""
    with closing(sqlite3.connect(f"file:{folder / 'holdfast.db'}?mode=ro", uri=True, timeout=5)) as connection:
        at = {"now": now().timestamp()}
        return Wellness(**{name: connection.execute(query, at).fetchone()[0] for name, query in _COUNTS.items()})


async def settled(folder: Path, patience_seconds: float = 30) -> Wellness:
    """How it is when all work is done, or when it still is not after so long."""
    deadline = time.monotonic() + patience_seconds
    found = wellness(folder)
    while not found.is_idle and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
        found = wellness(folder)
    return found
