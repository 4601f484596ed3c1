"""The SQLite file: how it is opened, and its tables.

`PRAGMA user_version` carries the store's version (shared.store.version). An older file is brought up to date in place
when it is opened. A file of a newer Holdfast is used where it says that this one may, and refused otherwise.
"""

import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager

from shared.journal import encode
from shared.store import sqlite_queue, version

# NORMAL may lose the last transactions when the machine loses power, never when the process dies, and never corrupts
# the file (sqlite.org/wal.html, "Performance Considerations"); a lost event is what the sweep is for.
_PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL")

_VERSION_1 = (
    "CREATE TABLE memories (target TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL)",
    "CREATE TABLE triggers (target TEXT, id TEXT, body BLOB NOT NULL, PRIMARY KEY (target, id))",
    "CREATE TABLE outbox (target TEXT, id TEXT, body BLOB NOT NULL, PRIMARY KEY (target, id))",
    "CREATE TABLE entries (target TEXT, record TEXT, number INTEGER, body BLOB NOT NULL)",
    "CREATE INDEX entries_of_target ON entries (target, record DESC, number)",
    "CREATE INDEX entries_of_all ON entries (record DESC, number)",
    "CREATE TABLE leases (name TEXT PRIMARY KEY, token TEXT NOT NULL, seconds REAL NOT NULL, expires_at REAL NOT NULL)",
    "CREATE TABLE dead_letters (id TEXT PRIMARY KEY, at REAL NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX dead_letters_by_time ON dead_letters (at DESC, id)",
)
_VERSION_2 = ("CREATE TABLE documents (name TEXT PRIMARY KEY, version TEXT NOT NULL, body BLOB NOT NULL)",)
# The version is said in a document, which `_prepare` writes.
_VERSION_3 = ()
# What each version adds to the one before it; what is released is never changed.
_VERSIONS: tuple[tuple[str, ...], ...] = (_VERSION_1, _VERSION_2, _VERSION_3)
SCHEMA_VERSION = len(_VERSIONS)
_SAY = "INSERT OR REPLACE INTO documents (name, version, body) VALUES (?, ?, ?)"
_HAS_DOCUMENTS = "SELECT 1 FROM sqlite_schema WHERE name = 'documents'"
_SAID = "SELECT body FROM documents WHERE name = ?"


def open_file(path: str, busy_seconds: float) -> sqlite3.Connection:
    """Open the file, make or check its tables. Raises sqlite3.Error, or StoreUnavailable where it needs a newer
    Holdfast."""
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
    try:
        # Before anything is written: a newer file stays as it is.
        _version(connection, path)
        for pragma in _PRAGMAS:
            _patiently(connection, pragma, busy_seconds)
        _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def writing(connection: sqlite3.Connection) -> Generator[None]:
    """One write transaction: all of it or nothing. The write lock is taken at once, so readers never turn writer."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _patiently(connection: sqlite3.Connection, statement: str, busy_seconds: float) -> None:
    # Two processes that turn a new file to WAL at the same moment: SQLite answers "locked" without waiting.
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            # The low byte is the primary code (sqlite.org/rescode.html).
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _prepare(connection: sqlite3.Connection, path: str) -> None:
    if _version(connection, path) >= SCHEMA_VERSION:
        return
    sqlite_queue.create(connection)
    with writing(connection):
        # Read again: another process may have been faster.
        for statements in _VERSIONS[_version(connection, path) :]:
            for statement in statements:
                connection.execute(statement)
        # Another process may have been newer, too.
        if _version(connection, path) < SCHEMA_VERSION:
            connection.execute(_SAY, (version.DOCUMENT, str(SCHEMA_VERSION), version.current()))
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def check_version(connection: sqlite3.Connection, path: str) -> None:
    """Raise StoreUnavailable where the file needs a newer Holdfast by now."""
    version.must_be_told(_said(connection), path)


def _version(connection: sqlite3.Connection, path: str) -> int:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found >= SCHEMA_VERSION:
        version.must_be_told(_said(connection) or encode(version.Version(found, found)), path)
    return int(found)


def _said(connection: sqlite3.Connection) -> bytes | None:
    if connection.execute(_HAS_DOCUMENTS).fetchone() is None:
        return None
    found = connection.execute(_SAID, (version.DOCUMENT,)).fetchone()
    return found[0] if found else None
