"""What the tests of the embedded queue start from."""

import sqlite3

from shared.store.sqlite_queue import create


class Clock:
    """A clock that is set by hand; UTC epoch seconds."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def a_connection(path: str = ":memory:") -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    create(connection)
    return connection
