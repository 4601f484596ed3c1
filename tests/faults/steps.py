"""The steps of a worker at which it can die, each with a name and a number.

A step lies before and after every request that leaves and every transaction, inside every transaction, and around
taking and giving back a message and telling somebody. A process that is killed has no say in it: so a step is where the
kill is, and nothing else about the program is changed.
"""

import os
import re
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from local_host.sqlite_source import SqliteSource
from shared.notify import event_grid, people
from shared.store import sqlite, sqlite_schema
from shared.store.sqlite_thread import SqliteThread

type Method = Callable[..., Awaitable[Any]]

# What is asked again and again while nothing happens is no step of any work.
_POLLING = re.compile(r"GET storage \S+/messages$|GET storage [a-z]+$")
_WORDS = 3


class Steps:
    """Counts the steps; sends this process `signal` at the one called `fatal`, and writes names down where asked."""

    def __init__(self, fatal: str, signal: int, seen: Path | None) -> None:
        self._fatal, self._signal, self._seen = fatal, signal, seen
        self._counts: Counter[str] = Counter()

    def reach(self, name: str) -> None:
        """A step is reached."""
        self._counts[name] += 1
        step = f"{name} {self._counts[name]}"
        if self._seen is not None:
            with self._seen.open("a", encoding="utf-8") as seen:
                seen.write(f"{step}\n")
        if step == self._fatal:
            os.kill(os.getpid(), self._signal)

    def watch(self) -> None:
        """Put the steps into the product's way to the outside."""
        self._around(aiohttp.ClientSession, "_request", _request)
        self._around(SqliteThread, "run", _job)
        self._around(SqliteSource, "delete", lambda *_: "giving a message back")
        self._around(people.People, "send", lambda *_: "telling people")
        self._around(event_grid.EventGridTopic, "send", lambda *_: "telling machines")
        self._inside_transactions()

    def _around(self, owner: type, method: str, name_of: Callable[..., str]) -> None:
        inner: Method = getattr(owner, method)

        async def stepwise(*given: Any, **named: Any) -> Any:
            name = name_of(*given)
            if not name:
                return await inner(*given, **named)
            self.reach(f"before {name}")
            answer = await inner(*given, **named)
            self.reach(f"after {name}")
            return answer

        setattr(owner, method, stepwise)

    def _inside_transactions(self) -> None:
        inner, reach = sqlite_schema.writing, self.reach

        @contextmanager
        def stepwise(connection: sqlite3.Connection) -> Iterator[None]:
            with inner(connection):
                yield
                reach("inside a transaction")

        # Where the store has it from its import.
        setattr(sqlite, inner.__name__, stepwise)


def _request(_session: object, method: str, url: object, *_: object) -> str:
    parts = urlsplit(str(url))
    words = parts.path.strip("/").split("/")
    if words[0] == "devstoreaccount1":
        # Partition and row keys stand in brackets, and ids below a queue: where it goes is enough.
        name = f"{method} storage {'/'.join(re.sub(r'\(.*', '', word) for word in words[1:_WORDS])}"
        return "" if _POLLING.match(name) else name
    return f"{method} {words[0] or 'elsewhere'}"


def _job(_thread: object, job: Callable[..., object], *_: object) -> str:
    return f"{job.__qualname__.split('.')[1] if '.' in job.__qualname__ else job.__qualname__} in the store"
