"""Leases as rows: whoever writes the row first, or after it expired, has the lease. Times are seconds since 1970."""

import secrets
import sqlite3
from datetime import UTC, datetime, timedelta

from shared.errors import LeaseLost
from shared.ports import Lease

_ACQUIRE = (
    "INSERT INTO leases (name, token, seconds, expires_at) VALUES (?1, ?2, ?3, ?4)"
    " ON CONFLICT (name) DO UPDATE SET token = ?2, seconds = ?3, expires_at = ?4 WHERE expires_at <= ?5"
)
_RENEW = (
    "UPDATE leases SET expires_at = ?3 + seconds WHERE name = ?1 AND token = ?2 AND expires_at > ?3"
    " RETURNING expires_at"
)
_RELEASE = "DELETE FROM leases WHERE name = ? AND token = ?"


def acquire(connection: sqlite3.Connection, name: str, seconds: float, at: datetime) -> Lease | None:
    """Take the lease, unless somebody holds it."""
    expires_at = at + timedelta(seconds=seconds)
    token = secrets.token_hex(16)
    taken = connection.execute(_ACQUIRE, (name, token, seconds, expires_at.timestamp(), at.timestamp())).rowcount
    return Lease(name, token, expires_at) if taken else None


def renew(connection: sqlite3.Connection, lease: Lease, at: datetime) -> Lease:
    """Prolong a lease that is still held."""
    held = connection.execute(_RENEW, (lease.name, lease.token, at.timestamp())).fetchall()
    if not held:
        raise LeaseLost(f"the lease {lease.name} ended before the work did")
    return Lease(lease.name, lease.token, datetime.fromtimestamp(held[0][0], UTC))


def release(connection: sqlite3.Connection, lease: Lease) -> None:
    """Give back what is ours, if it still is."""
    connection.execute(_RELEASE, (lease.name, lease.token))
