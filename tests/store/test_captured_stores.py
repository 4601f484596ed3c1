"""What Holdfast left in both stores before they said their version, captured in the middle of a fix.

It is brought up to date where it lies, everything in it counts, and the work goes on.
"""

import base64
import json
import secrets
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from azure.data.tables.aio import TableServiceClient

from shared.journal import Stage
from shared.ports import Commit, Store, read_document
from shared.standing import orders_of
from shared.store.azure import AzureStore
from shared.store.azure_clients import AzureSettings
from shared.store.sqlite import SqliteStore
from shared.store.version import CURRENT, DOCUMENT, Version
from tests.azurite import Azurite
from tests.store.things import a_letter, a_memory, a_target

TARGET = a_target()
RECORD = "019ca945-0a00-7a63-bac1-90fb5f60949e"
HERE = Path(__file__).parent


async def filled_table(connection_string: str, prefix: str) -> None:
    rows = json.loads((HERE / "version-2.table.json").read_text())
    async with TableServiceClient.from_connection_string(connection_string) as service:
        table = await service.create_table(f"{prefix}holdfast")
        for row in rows:
            unpacked = {
                name: base64.b64decode(value["base64"]) if isinstance(value, dict) else value
                for name, value in row.items()
            }
            await table.create_entity(unpacked)


@pytest.fixture(params=["sqlite", pytest.param("azure", marks=pytest.mark.azurite)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "sqlite":
        with closing(sqlite3.connect(tmp_path / "holdfast.db")) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript((HERE / "version-2.sql").read_text())
        opened: Store = SqliteStore(tmp_path / "holdfast.db")
    else:
        azurite: Azurite = request.getfixturevalue("azurite")
        prefix = f"t{secrets.token_hex(6)}"
        await filled_table(azurite.connection_string, prefix)
        opened = AzureStore(AzureSettings(azurite.connection_string), prefix)
    yield opened
    await opened.close()


async def test_it_says_its_version_from_now_on(store: Store) -> None:
    await store.ping()
    found = await store.document(DOCUMENT)
    assert found is not None
    assert read_document(Version, found) == CURRENT


async def test_what_people_ordered_still_holds(store: Store) -> None:
    orders = await orders_of(store)
    assert [hold.reason for hold in orders.holds] == ["an investigation"]
    assert [exemption.controls for exemption in orders.exemptions] == [("pgaudit-loaded",)]


async def test_the_fix_under_way_goes_on(store: Store) -> None:
    dossier = await store.load(TARGET)
    assert dossier.memory.open is not None
    assert (dossier.memory.open.id, len(dossier.memory.open.operations)) == (RECORD, 1)
    assert [trigger.id for trigger in dossier.triggers] == ["event-2"]
    assert [notice.delivered for notice in dossier.outbox] == [frozenset({"teams"})]
    await store.commit(TARGET, dossier.version, Commit(a_memory(), handled=("event-2",)))
    assert (await store.load(TARGET)).memory == a_memory()


async def test_the_past_can_be_read(store: Store) -> None:
    assert [entry.stage for entry in await store.record(RECORD)] == [Stage.DETECTED, Stage.INTENDED]
    assert await store.history() == await store.record(RECORD)
    assert await store.dead_letters() == [a_letter()]
