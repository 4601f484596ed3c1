"""Findings put aside until all are there, and given back by control: on disk, so that a large fleet fits.

Servers about which exactly the same was found come together.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import Any

from cli.report.plain import plain_finding
from shared.audit import Finding, Report

_TABLE = "CREATE TABLE findings (control TEXT, rank INTEGER, digest TEXT, name TEXT, place TEXT, at TEXT, body TEXT)"
_QUERY = "SELECT digest, name, place, at, body FROM findings WHERE control = ? ORDER BY rank, digest, name"


@dataclass(frozen=True, slots=True)
class Alike:
    """One finding, and the servers (name, resource group, moment of reading) it is about."""

    finding: dict[str, Any]
    servers: tuple[tuple[str, str, str], ...]


class Spool:
    """A database of its own that is gone with it."""

    def __init__(self) -> None:
        # SQLite keeps a database without a name in a temporary file.
        self._rows = sqlite3.connect("")
        self._rows.execute(_TABLE)

    def add(self, report: Report) -> None:
        """Put the findings of one server aside."""
        self._rows.executemany("INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?, ?)", map(_row, report.findings))

    def index(self) -> None:
        """Make reading by control quick; nothing is added after this."""
        self._rows.execute("CREATE INDEX by_control ON findings (control, rank, digest, name)")

    def of(self, control: str) -> Iterator[Alike]:
        """What was found about a control, the worst first."""
        for _, rows in groupby(self._rows.execute(_QUERY, (control,)), key=lambda row: row[0]):
            first, *others = rows
            yield Alike(json.loads(first[4]), tuple(row[1:4] for row in (first, *others)))

    def close(self) -> None:
        """Throw it away."""
        self._rows.close()


def _row(finding: Finding) -> tuple[str | int, ...]:
    plain = plain_finding(finding)
    at = plain.pop("read_at") or ""
    # The same call of another server is the same call.
    plain["calls"] = [call.replace(finding.target.id, "{server}") for call in plain["calls"]]
    body = json.dumps(plain)
    digest = sha256(body.encode()).hexdigest()
    target = finding.target
    return finding.control.id, finding.status.rank, digest, target.name, target.resource_group, at, body
