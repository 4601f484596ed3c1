"""A file of an earlier schema is brought up to date in place, keeps everything, and is never left in between.

`version-1.sql` was written by the Holdfast that knew no later schema, in the middle of a fix.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.errors import StoreUnavailable
from shared.journal import Stage
from shared.ports import DELIVER_QUEUE, RECONCILE_QUEUE, Commit, Document
from shared.store.sqlite import SqliteStore
from shared.store.sqlite_schema import SCHEMA_VERSION
from tests.store.kits import SqliteKit
from tests.store.things import NOON, a_memory, a_target

TARGET = a_target()
RECORD = "019ca945-0a00-7a63-bac1-90fb5f60949e"
SCRIPT = Path(__file__).with_name("version-1.sql").read_text()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "holdfast.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCRIPT)
    return path


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(path, lambda: NOON)
    yield opened
    await opened.close()


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return int(version)


def schema_of(path: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return set(connection.execute("SELECT name, sql FROM sqlite_schema"))


def lines_of(path: Path) -> list[str]:
    """The file in SQL, without what the newest version added."""
    with closing(sqlite3.connect(path)) as connection:
        return [line for line in connection.iterdump() if "documents" not in line]


async def test_an_upgrade_changes_nothing_that_was_there(path: Path, store: SqliteStore) -> None:
    before = lines_of(path)
    await store.ping()
    await store.close()
    assert (version_of(path), lines_of(path)) == (SCHEMA_VERSION, before)


async def test_an_upgraded_file_is_like_a_new_one(path: Path, store: SqliteStore, tmp_path: Path) -> None:
    new = SqliteStore(tmp_path / "new.db")
    await asyncio.gather(store.ping(), new.ping())
    await asyncio.gather(store.close(), new.close())
    assert schema_of(path) == schema_of(tmp_path / "new.db")


async def test_the_work_of_an_upgraded_file_goes_on(path: Path, store: SqliteStore) -> None:
    dossier = await store.load(TARGET)
    assert dossier.memory.open is not None
    assert dossier.memory.open.operations == ("https://management.example/operation",)
    assert dossier.memory.values == {"firewallRules/app": None}
    assert [trigger.id for trigger in dossier.triggers] == ["event-2"]
    assert [(notice.id, notice.delivered) for notice in dossier.outbox] == [("notice-1", frozenset({"teams"}))]
    await store.commit(TARGET, dossier.version, Commit(a_memory(), handled=("event-2",)))
    assert (await store.load(TARGET)).memory == a_memory()


async def test_the_past_of_an_upgraded_file_can_be_read(store: SqliteStore) -> None:
    history = await store.history()
    assert [(entry.record, entry.stage) for entry in history] == [(RECORD, Stage.DETECTED), (RECORD, Stage.INTENDED)]
    assert await store.record(RECORD) == await store.history(TARGET) == history
    assert [letter.id for letter in await store.dead_letters()] == ["letter-1"]


async def test_leases_and_messages_outlive_an_upgrade(path: Path, store: SqliteStore) -> None:
    assert await store.acquire("sweep", 15) is None
    kit = SqliteKit(path)
    kit.clock.ahead = NOON - kit.clock()
    assert (await kit.woken(RECONCILE_QUEUE), await kit.woken(DELIVER_QUEUE)) == ([TARGET.id] * 2, [TARGET.id])


async def test_an_upgraded_file_takes_documents(path: Path, store: SqliteStore) -> None:
    version = await store.write_document("orders", b"{}")
    await store.close()
    reopened = SqliteStore(path)
    assert await reopened.document("orders") == Document("orders", b"{}", version)
    await reopened.close()


async def test_of_many_who_open_an_old_file_at_once_all_can_use_it(path: Path) -> None:
    stores = [SqliteStore(path) for _ in range(8)]
    histories = await asyncio.gather(*(store.history() for store in stores))
    assert [len(history) for history in histories] == [2] * 8
    await asyncio.gather(*(store.close() for store in stores))
    assert version_of(path) == SCHEMA_VERSION


async def test_an_upgrade_that_fails_leaves_the_file_as_it_was(path: Path, store: SqliteStore) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE documents (somebody TEXT)")
    before = lines_of(path)
    with pytest.raises(StoreUnavailable, match="table documents already exists"):
        await store.load(TARGET)
    assert (version_of(path), lines_of(path)) == (1, before)
