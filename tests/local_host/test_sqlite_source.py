"""The embedded queue as the host uses it: a lock held elsewhere is waited for without blocking."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from local_host.errors import QueueUnavailable
from local_host.sqlite_source import SqliteSource
from shared.store.sqlite_queue import MAX_BODY_BYTES


@pytest.fixture
async def source(tmp_path: Path) -> AsyncIterator[SqliteSource]:
    source = SqliteSource(tmp_path / "q.db")
    await source.open(base64_bodies=True)
    yield source
    await source.close()


async def test_a_lock_held_elsewhere_does_not_block_the_loop(source: SqliteSource, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "q.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    sending = asyncio.create_task(source.send("q", "a"))
    async with asyncio.timeout(1):
        await asyncio.sleep(0.02)
    assert not sending.done()
    other.execute("COMMIT")
    other.close()
    await sending
    assert [message.body for message in await source.receive("q", 1, 30)] == ["a"]


async def test_a_body_that_is_too_large_is_refused(source: SqliteSource) -> None:
    with pytest.raises(QueueUnavailable, match="bytes"):
        await source.send("q", "x" * (MAX_BODY_BYTES + 1))


async def test_a_file_that_is_no_database_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "q.db").write_text("no database, but long enough to be read as the header of one" * 20)
    source = SqliteSource(tmp_path / "q.db")
    with pytest.raises(QueueUnavailable, match="not a database"):
        await source.open(base64_bodies=True)
    await source.close()
