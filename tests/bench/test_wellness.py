"""A store is well when nothing waits in it and nobody holds anything."""

from pathlib import Path

from bench.names import server_id
from bench.wellness import settled, wellness
from local_host.sqlite_source import SqliteSource
from shared.store.sqlite import SqliteStore
from shared.target import parse_target


async def test_an_empty_store_is_idle(tmp_path: Path) -> None:
    await _made(tmp_path)

    assert wellness(tmp_path).is_idle


async def test_a_server_that_waits_to_be_looked_at_is_work(tmp_path: Path) -> None:
    store = await _made(tmp_path)
    await store.wake(parse_target(server_id(1)))

    assert wellness(tmp_path).messages == 1
    assert not (await settled(tmp_path, patience_seconds=0)).is_idle


async def test_a_lease_that_is_held_is_seen(tmp_path: Path) -> None:
    store = await _made(tmp_path)
    await store.acquire("one", 15)

    assert wellness(tmp_path).leases == 1


async def _made(folder: Path) -> SqliteStore:
    source = SqliteSource(folder / "holdfast.db")
    await source.open(base64_bodies=True)
    await source.close()
    store = SqliteStore(str(folder / "holdfast.db"))
    await store.ping()
    return store
