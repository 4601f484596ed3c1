"""What only the SQLite store promises: many processes on one file, crash safety, plain words when it cannot work."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.errors import StoreUnavailable
from shared.ports import DELIVER_QUEUE, Commit
from shared.store.sqlite import SqliteStore
from shared.store.sqlite_schema import SCHEMA_VERSION
from tests.store.kits import SqliteKit
from tests.store.things import a_memory, a_target, a_trigger

TARGET = a_target()
# Adds one to a number that the memory holds, with one entry and one notice each, and one to a number in a document,
# until it has done so `times`.
WORKER = """
import asyncio, sys
from shared.errors import Conflict, LeaseLost
from shared.memory import Memory
from shared.ports import Commit
from shared.store.sqlite import SqliteStore
from tests.store.things import a_notice, a_record, a_target, an_entry

async def main(path, name, times):
    store, target, record = SqliteStore(path, busy_seconds=30), a_target(), a_record()
    done = 0
    while done < times:
        dossier = await store.load(target)
        number = int(dossier.memory.values.get("number", "0")) + 1
        commit = Commit(Memory(values={"number": str(number)}), (an_entry(target, record, number),),
                        (a_notice(target, f"{name}-{done}"),))
        try:
            await store.commit(target, dossier.version, commit)
            done += 1
        except LeaseLost:
            continue
        while not await add_one(store):
            pass
    await store.close()

async def add_one(store):
    found = await store.document("count")
    body, version = (found.body, found.version) if found else (b"0", "")
    try:
        return await store.write_document("count", b"%d" % (int(body) + 1), version)
    except Conflict:
        return None

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "holdfast.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(path, busy_seconds=0.2)
    yield opened
    await opened.close()


def a_worker(path: Path, name: str, times: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WORKER, str(path), name, str(times)], cwd=Path.cwd())


async def counted(store: SqliteStore) -> tuple[int, int, int]:
    """The number in the memory, the entries, the notices: three ways to count the commits."""
    dossier = await store.load(TARGET)
    entries = await store.history(TARGET, limit=100_000)
    return int(dossier.memory.values.get("number") or 0), len(entries), len(dossier.outbox)  # type: ignore[arg-type]


async def test_processes_that_share_a_new_file_lose_nothing(path: Path, store: SqliteStore) -> None:
    workers = [a_worker(path, name, 60) for name in ("a", "b", "c")]
    assert [await asyncio.to_thread(worker.wait) for worker in workers] == [0, 0, 0]
    assert await counted(store) == (180, 180, 180)
    found = await store.document("count")
    assert found is not None
    assert found.body == b"180"


async def test_a_killed_process_leaves_whole_commits_only(path: Path, store: SqliteStore) -> None:
    worker = a_worker(path, "a", 1_000_000)
    deadline = time.monotonic() + 20
    while (await counted(store))[0] < 20:
        assert time.monotonic() < deadline
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    commits, entries, notices = await counted(store)
    assert commits == entries == notices >= 20
    assert await SqliteKit(path).depth(DELIVER_QUEUE) == commits


async def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "missing" / "holdfast.db")
    with pytest.raises(StoreUnavailable, match=r"missing/holdfast\.db cannot be used: unable to open"):
        await store.ping()
    await store.close()


async def test_a_store_that_could_not_be_opened_is_tried_again(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "later" / "holdfast.db")
    with pytest.raises(StoreUnavailable):
        await store.remember(a_trigger(TARGET))
    (tmp_path / "later").mkdir()
    await store.remember(a_trigger(TARGET))
    assert (await store.load(TARGET)).triggers == (a_trigger(TARGET),)
    await store.close()


async def test_a_file_that_is_no_database_is_refused() -> None:
    store = SqliteStore(__file__)
    with pytest.raises(StoreUnavailable, match="not a database"):
        await store.ping()
    await store.close()


async def test_a_file_of_a_newer_holdfast_is_refused_and_left_alone(path: Path, store: SqliteStore) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(StoreUnavailable, match=f"store version {SCHEMA_VERSION + 1}, .* this Holdfast knows up to"):
        await store.load(TARGET)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)


async def test_a_document_that_cannot_be_read_stops_the_work(path: Path, store: SqliteStore) -> None:
    await store.commit(TARGET, "", Commit(a_memory()))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE memories SET body = ?", (b'{"values": 1}',))
    with pytest.raises(StoreUnavailable, match=r"a Memory that this Holdfast cannot read: \('values',\)"):
        await store.load(TARGET)


async def test_a_file_that_somebody_holds_locked_is_unavailable_soon(path: Path, store: SqliteStore) -> None:
    await store.ping()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        with pytest.raises(StoreUnavailable, match="locked"):
            await store.commit(TARGET, "", Commit(a_memory()))
        assert time.monotonic() - started < 5
    assert await store.commit(TARGET, "", Commit(a_memory()))


async def test_the_event_loop_goes_on_while_the_file_is_locked(path: Path) -> None:
    store = SqliteStore(path, busy_seconds=5)
    await store.ping()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(store.wake(TARGET))
        await asyncio.sleep(0.1)
        assert not waiting.done()
    await waiting
    await store.close()


async def test_a_caller_that_gives_up_disturbs_nobody(path: Path) -> None:
    store = SqliteStore(path, busy_seconds=5)
    await store.ping()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(store.wake(TARGET), 0.05)
    await store.remember(a_trigger(TARGET))
    assert (await store.load(TARGET)).triggers == (a_trigger(TARGET),)
    await store.close()


async def test_a_closed_store_says_so(store: SqliteStore) -> None:
    await store.ping()
    await store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.ping()


async def test_calls_already_made_are_finished_before_closing(path: Path) -> None:
    store = SqliteStore(path)
    calls = [asyncio.create_task(store.remember(a_trigger(TARGET, str(n)))) for n in range(50)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*calls)
    reopened = SqliteStore(path)
    assert len((await reopened.load(TARGET)).triggers) == 50
    await reopened.close()
