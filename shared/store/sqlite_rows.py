"""What is kept of targets, in SQL: triggers, memory, records, outbox, dead letters. Called in the store's thread."""

import json
import sqlite3
from collections.abc import Iterable

from shared.errors import LeaseLost
from shared.journal import DeadLetter, Entry, Notice, Trigger, encode
from shared.memory import Memory
from shared.ports import Commit, Dossier
from shared.store.documents import in_outbox_order, oldest_first, read

# One statement sees one moment, and costs one pass through the interpreter lock.
_LOAD = (
    "SELECT 'memory', version, body FROM memories WHERE target = ?1"
    " UNION ALL SELECT 'trigger', 0, body FROM triggers WHERE target = ?1"
    " UNION ALL SELECT 'notice', 0, body FROM outbox WHERE target = ?1"
)
_REMEMBER = "INSERT INTO triggers (target, id, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_FORGET = "DELETE FROM triggers WHERE target = ? AND id IN (SELECT value FROM json_each(?))"
_FIRST_MEMORY = "INSERT INTO memories (target, version, body) VALUES (?, 1, ?) ON CONFLICT DO NOTHING"
_NEXT_MEMORY = "UPDATE memories SET version = version + 1, body = ? WHERE target = ? AND version = ?"
_ADD_ENTRY = "INSERT INTO entries (target, record, number, body) VALUES (?, ?, ?, ?)"
_ADD_NOTICE = "INSERT OR REPLACE INTO outbox (target, id, body) VALUES (?, ?, ?)"
_UPDATE_NOTICE = "UPDATE outbox SET body = ? WHERE target = ? AND id = ?"
_REMOVE_NOTICE = "DELETE FROM outbox WHERE target = ? AND id = ?"
_HISTORY = "SELECT body FROM entries ORDER BY record DESC, number LIMIT ?"
_HISTORY_OF_TARGET = "SELECT body FROM entries WHERE target = ? ORDER BY record DESC, number LIMIT ?"
_RECORD = "SELECT body FROM entries WHERE record = ? ORDER BY number"
_BURY = "INSERT OR REPLACE INTO dead_letters (id, at, body) VALUES (?, ?, ?)"
_UNBURY = "DELETE FROM dead_letters WHERE id = ?"
_DEAD_LETTERS = "SELECT body FROM dead_letters ORDER BY at DESC, id LIMIT ?"


def remember(connection: sqlite3.Connection, trigger: Trigger) -> None:
    """Keep a trigger, once."""
    connection.execute(_REMEMBER, (trigger.target, trigger.id, encode(trigger)))


def load(connection: sqlite3.Connection, target: str) -> Dossier:
    """All about a target but its records."""
    memory, version = Memory(), ""
    triggers: list[Trigger] = []
    outbox: list[Notice] = []
    for kind, number, body in connection.execute(_LOAD, (target,)).fetchall():
        if kind == "trigger":
            triggers.append(read(Trigger, body))
        elif kind == "notice":
            outbox.append(read(Notice, body))
        else:
            memory, version = read(Memory, body), str(number)
    return Dossier(memory, version, oldest_first(triggers), in_outbox_order(outbox))


def apply(connection: sqlite3.Connection, target: str, version: str, commit: Commit) -> str:
    """Write all parts of a commit, inside the caller's transaction; the new version."""
    new_version = _replace_memory(connection, target, version, encode(commit.memory))
    add_entries(connection, target, commit.entries)
    rows = [(target, notice.id, encode(notice)) for notice in commit.notices]
    connection.executemany(_ADD_NOTICE, rows)
    if commit.handled:
        connection.execute(_FORGET, (target, json.dumps(commit.handled)))
    return new_version


def _replace_memory(connection: sqlite3.Connection, target: str, version: str, body: bytes) -> str:
    if not version:
        written = connection.execute(_FIRST_MEMORY, (target, body)).rowcount
        number = 1
    else:
        written = connection.execute(_NEXT_MEMORY, (body, target, version)).rowcount
        number = int(version) + 1 if written else 0
    if not written:
        raise LeaseLost(f"{target}: another worker has written since version {version or 'none'} was read")
    return str(number)


def add_entries(connection: sqlite3.Connection, target: str, entries: Iterable[Entry]) -> None:
    """Append to the records."""
    rows = [(target, entry.record, entry.number, encode(entry)) for entry in entries]
    connection.executemany(_ADD_ENTRY, rows)


def update_notice(connection: sqlite3.Connection, target: str, notice: Notice) -> None:
    """Replace a notice that still waits."""
    connection.execute(_UPDATE_NOTICE, (encode(notice), target, notice.id))


def remove_notice(connection: sqlite3.Connection, target: str, notice: Notice) -> bool:
    """Take a notice out of the outbox; whether it was there."""
    return connection.execute(_REMOVE_NOTICE, (target, notice.id)).rowcount > 0


def history(connection: sqlite3.Connection, target: str | None, limit: int) -> list[Entry]:
    """Entries, newest record first."""
    if target is None:
        rows = connection.execute(_HISTORY, (limit,))
    else:
        rows = connection.execute(_HISTORY_OF_TARGET, (target, limit))
    return [read(Entry, body) for (body,) in rows.fetchall()]


def record(connection: sqlite3.Connection, record_id: str) -> list[Entry]:
    """The entries of one record, in order."""
    return [read(Entry, body) for (body,) in connection.execute(_RECORD, (record_id,)).fetchall()]


def bury(connection: sqlite3.Connection, letter: DeadLetter) -> None:
    """Keep a dead letter."""
    connection.execute(_BURY, (letter.id, letter.at.timestamp(), encode(letter)))


def unbury(connection: sqlite3.Connection, letter_id: str) -> None:
    """Remove a dead letter."""
    connection.execute(_UNBURY, (letter_id,))


def dead_letters(connection: sqlite3.Connection, limit: int) -> list[DeadLetter]:
    """Dead letters, newest first."""
    return [read(DeadLetter, body) for (body,) in connection.execute(_DEAD_LETTERS, (limit,)).fetchall()]
