"""Rows that somebody has spoiled: read, or refused in our own words."""

import asyncio
import secrets
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.data.tables import TableServiceClient
from hypothesis import strategies as st

from shared.store.azure_rows import MEMORY, notice_key, partition_of, trigger_key
from shared.store.sqlite import SqliteStore
from tests.azurite import Azurite, start_azurite
from tests.fuzz.amount import law
from tests.fuzz.log import nobody_forges_a_line
from tests.fuzz.stored import RECORD, SPOILED, TARGET, WRITTEN, read_everything
from tests.store.kits import AzureKit

_INSERTED = {
    "memory": ("INSERT OR REPLACE INTO memories (version, target, body) VALUES (1, ?, ?)", (TARGET.id,)),
    "trigger": ("INSERT OR REPLACE INTO triggers (target, id, body) VALUES (?, 'one', ?)", (TARGET.id,)),
    "notice": ("INSERT OR REPLACE INTO outbox (target, id, body) VALUES (?, 'one', ?)", (TARGET.id,)),
    "entry": ("INSERT INTO entries (number, target, record, body) VALUES (7, ?, ?, ?)", (TARGET.id, RECORD)),
    "letter": ("INSERT OR REPLACE INTO dead_letters (id, at, body) VALUES ('one', 0, ?)", ()),
}
ROWS = {"memory": MEMORY, "trigger": trigger_key("one"), "notice": notice_key("one")}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stored") / "holdfast.db"

    async def run() -> None:
        store = SqliteStore(path)
        await store.ping()
        await store.close()

    asyncio.run(run())
    return path


@law("SQLite rows", 3, SPOILED)
def test_a_spoiled_row_is_read_or_refused_in_our_own_words(file: Path, case: tuple[str, bytes]) -> None:
    name, body = case
    with sqlite3.connect(file) as connection:
        for table in ("memories", "triggers", "outbox", "entries", "dead_letters"):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand above
        for one, (statement, keys) in _INSERTED.items():
            connection.execute(statement, (*keys, WRITTEN[one]))
        statement, keys = _INSERTED[name]
        connection.execute(statement, (*keys, body))
    connection.close()

    async def run() -> None:
        store = SqliteStore(file)
        await read_everything(store)
        await store.close()

    with nobody_forges_a_line():
        asyncio.run(run())


@pytest.fixture(scope="module")
def azurite() -> Iterator[Azurite]:
    with start_azurite() as running:
        yield running


@pytest.mark.azurite
@law("rows in Azure Storage", 0.5, st.sampled_from(list(ROWS)), SPOILED, st.booleans())
def test_a_spoiled_row_in_azure_is_read_or_refused_in_our_own_words(
    azurite: Azurite, row: str, case: tuple[str, bytes], packed: bool
) -> None:
    part = zlib.compress(case[1]) if packed else case[1]
    asyncio.run(_read_in_azure(azurite, row, part))


async def _read_in_azure(azurite: Azurite, row: str, part: bytes) -> None:
    kit = _kit(azurite)
    store = kit.open()
    await store.ping()
    with TableServiceClient.from_connection_string(azurite.connection_string) as service:
        (table,) = [one.name for one in service.list_tables() if one.name.startswith(kit.prefix)][:1]
        key = {"PartitionKey": partition_of(TARGET.id), "RowKey": ROWS[row], "target": TARGET.id}
        service.get_table_client(table).upsert_entity({**key, "part00": part})
    await read_everything(store)
    await store.close()


_KITS: dict[str, AzureKit] = {}


def _kit(azurite: Azurite) -> AzureKit:
    return _KITS.setdefault(azurite.connection_string, AzureKit(azurite.connection_string, f"f{secrets.token_hex(6)}"))
