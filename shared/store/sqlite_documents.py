"""Documents of the fleet, in SQL. Called in the store's thread.

A version is random: a document that was removed and made anew is never mistaken for the one that was read.
"""

import secrets
import sqlite3

from shared.ports import Document
from shared.store.documents import conflict, range_of

_READ = "SELECT name, body, version FROM documents WHERE name = ?"
_LIST = "SELECT name, body, version FROM documents WHERE name >= ? AND name < ? ORDER BY name LIMIT ?"
_CREATE = "INSERT INTO documents (name, version, body) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"
_REPLACE = "UPDATE documents SET version = ?2, body = ?3 WHERE name = ?1 AND version = ?4"
_REMOVE = "DELETE FROM documents WHERE name = ?"


def one(connection: sqlite3.Connection, name: str) -> Document | None:
    """The document, or None."""
    row = connection.execute(_READ, (name,)).fetchone()
    return Document(*row) if row else None


def some(connection: sqlite3.Connection, prefix: str, limit: int) -> list[Document]:
    """The first documents with the prefix, by name."""
    rows = connection.execute(_LIST, (*range_of(prefix), max(0, limit)))
    return [Document(*row) for row in rows.fetchall()]


def write(connection: sqlite3.Connection, name: str, body: bytes, version: str) -> str:
    """Write it over the version, or make it; the new version. One statement, so nobody comes in between."""
    new_version = secrets.token_hex(8)
    if version:
        written = connection.execute(_REPLACE, (name, new_version, body, version)).rowcount
    else:
        written = connection.execute(_CREATE, (name, new_version, body)).rowcount
    if not written:
        raise conflict(name, version)
    return new_version


def remove(connection: sqlite3.Connection, name: str) -> None:
    """Remove it, if it is there."""
    connection.execute(_REMOVE, (name,))
