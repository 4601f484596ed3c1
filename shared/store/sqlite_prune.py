"""Dropping what is old and over, in SQL. Called in the store's thread, inside a transaction."""

import sqlite3
from datetime import datetime, timedelta

from shared.journal import Entry, Notice, first_id
from shared.memory import Memory
from shared.ports import Pruned
from shared.store.documents import over_before, read

# Ids that tell no time sort anywhere: those that look newer than tomorrow are looked at as well.
_CANDIDATES = (
    "SELECT DISTINCT record FROM entries WHERE record > ?1 AND record < ?2"
    " UNION SELECT DISTINCT record FROM entries WHERE record > max(?1, ?3) ORDER BY record LIMIT ?4"
)
_ENTRIES = "SELECT target, body FROM entries WHERE record = ?"
_MEMORY = "SELECT body FROM memories WHERE target = ?"
_OUTBOX = "SELECT body FROM outbox WHERE target = ?"
_REMOVE = "DELETE FROM entries WHERE record = ?"
_REMOVE_LETTERS = "DELETE FROM dead_letters WHERE id IN (SELECT id FROM dead_letters WHERE at < ? ORDER BY at LIMIT ?)"


def records(connection: sqlite3.Connection, before: datetime, now: datetime, limit: int, after: str) -> Pruned:
    """Remove old records that are not open."""
    bounds = (after, first_id(before), first_id(now + timedelta(days=1)), limit)
    candidates = [record for (record,) in connection.execute(_CANDIDATES, bounds).fetchall()]
    opened: dict[str, frozenset[str]] = {}
    removed = 0
    for record in candidates:
        rows = connection.execute(_ENTRIES, (record,)).fetchall()
        for target, _ in rows:
            if target not in opened:
                opened[target] = _open_records(connection, target)
        if over_before([read(Entry, body) for _, body in rows], before) and not any(
            record in opened[target] for target, _ in rows
        ):
            connection.execute(_REMOVE, (record,))
            removed += 1
    return Pruned(removed, candidates[-1] if len(candidates) == limit else "")


def letters(connection: sqlite3.Connection, before: datetime, limit: int) -> int:
    """Remove the oldest letters; how many."""
    return connection.execute(_REMOVE_LETTERS, (before.timestamp(), limit)).rowcount


def _open_records(connection: sqlite3.Connection, target: str) -> frozenset[str]:
    memory = connection.execute(_MEMORY, (target,)).fetchone()
    waiting = connection.execute(_OUTBOX, (target,)).fetchall()
    told_of = {read(Notice, body).report.record for (body,) in waiting}
    return (read(Memory, memory[0]).open_records if memory else frozenset()) | told_of
