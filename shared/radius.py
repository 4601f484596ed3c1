"""The blast radius: how many servers are being changed at the same time.

Each server that is about to be changed leaves a mark first and counts the marks after: whoever comes too many sees it,
however many workers there are. Marks sort newest first, so counting costs the same in any fleet.
"""

import hashlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from shared.errors import Conflict
from shared.policy import BlastRadius
from shared.ports import Store
from shared.target import Target

_MARKS = "changing/"
_LAST_SECOND = 10**11
# The same server may leave several marks in one window; this many each are read at the most.
_MARKS_EACH = 5


async def mark(store: Store, target: Target, at: datetime) -> None:
    """Note that the target is about to be changed."""
    with suppress(Conflict):
        await store.write_document(f"{_MARKS}{_inverted(at)}/{_digest(target)}", b"")


async def others_changing(store: Store, target: Target, rule: BlastRadius, at: datetime) -> int:
    """How many other servers were marked within the window."""
    since = at - timedelta(minutes=rule.minutes)
    marks = await store.documents(_MARKS, limit=(rule.servers + 1) * _MARKS_EACH)
    recent = [document.name.split("/") for document in marks if _moment(document.name) > since]
    return len({parts[2] for parts in recent} - {_digest(target)})


async def forget_marks(store: Store, rule: BlastRadius, at: datetime) -> None:
    """Remove the marks that no window reaches any more."""
    since = at - timedelta(minutes=rule.minutes)
    for document in await store.documents(_MARKS, limit=10_000):
        if _moment(document.name) <= since:
            await store.remove_document(document.name)


def _inverted(at: datetime) -> str:
    return f"{_LAST_SECOND - int(at.timestamp()):011d}"


def _moment(name: str) -> datetime:
    return datetime.fromtimestamp(_LAST_SECOND - int(name.split("/")[1]), UTC)


def _digest(target: Target) -> str:
    return hashlib.sha256(target.id.encode()).hexdigest()[:32]
