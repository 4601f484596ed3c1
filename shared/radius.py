"""The blast radius: how many servers are being changed at the same time.

Each server that is about to be changed leaves a mark first and counts the marks after: whoever comes too many sees it,
however many workers there are. Marks sort newest first, so counting costs the same in any fleet. However often a
server is tried, it leaves one mark in each quarter of a window, and a quarter counts as long as a part of it does.
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
_AT_ONCE = 10_000
_PARTS = 4
# A window reaches into at most this many of its quarters.
_MARKS_EACH = _PARTS + 2


async def mark(store: Store, target: Target, rule: BlastRadius, at: datetime) -> None:
    """Note that the target is about to be changed."""
    part = _part(rule).total_seconds()
    begun = datetime.fromtimestamp(at.timestamp() // part * part, UTC)
    with suppress(Conflict):
        await store.write_document(f"{_MARKS}{_inverted(begun)}/{_digest(target)}", b"")


async def others_changing(store: Store, target: Target, rule: BlastRadius, at: datetime) -> int:
    """How many other servers were marked within the window."""
    marks = await store.documents(_MARKS, limit=(rule.servers + 1) * _MARKS_EACH)
    recent = [document.name.split("/") for document in marks if _counts(document.name, rule, at)]
    return len({parts[2] for parts in recent} - {_digest(target)})


async def forget_marks(store: Store, rule: BlastRadius, at: datetime) -> None:
    """Remove the marks that no window reaches any more."""
    for document in await store.documents(_MARKS, limit=_AT_ONCE):
        if not _counts(document.name, rule, at):
            await store.remove_document(document.name)


async def count_anew(store: Store) -> None:
    """Remove all marks: somebody has seen what was going on, and lets it go on."""
    while marks := await store.documents(_MARKS, limit=_AT_ONCE):
        for document in marks:
            await store.remove_document(document.name)


def _part(rule: BlastRadius) -> timedelta:
    return timedelta(minutes=rule.minutes) / _PARTS


def _counts(name: str, rule: BlastRadius, at: datetime) -> bool:
    return _moment(name) > at - timedelta(minutes=rule.minutes) - _part(rule)


def _inverted(at: datetime) -> str:
    return f"{_LAST_SECOND - int(at.timestamp()):011d}"


def _moment(name: str) -> datetime:
    return datetime.fromtimestamp(_LAST_SECOND - int(name.split("/")[1]), UTC)


def _digest(target: Target) -> str:
    return hashlib.sha256(target.id.encode()).hexdigest()[:32]
