"""The real parts of a command: they look at which policy the app has in force, and never decide it."""

from datetime import UTC, datetime
from pathlib import Path

from cli.connection import Connection
from cli.parts import RealParts
from shared.journal import encode
from shared.policy import Mode
from shared.policy_keeper import Adopted
from shared.settings import read_settings
from shared.store.sqlite import SqliteStore


async def _parts(folder: Path, adopted: str = "") -> RealParts:
    """The app has adopted one policy; on this laptop lies another, which enforces."""
    mine = folder / "mine.yaml"
    mine.write_text("version: 1\nmode: enforce\n")
    store = SqliteStore(folder / "holdfast.db")
    if adopted:
        version = Adopted("digest", datetime.now(UTC), {"policy.yaml": adopted})
        await store.write_document("policy/last-good", encode(version))
    await store.ping()
    await store.close()
    settings = read_settings({"HOLDFAST_STORE": f"sqlite:{folder / 'holdfast.db'}", "HOLDFAST_POLICY": str(mine)})
    return RealParts(Connection(), settings)


async def test_the_policy_is_the_one_that_the_app_has_adopted(tmp_path: Path) -> None:
    parts = await _parts(tmp_path, "version: 1\nmode: notify\n")
    assert (await parts.policy()).mode is Mode.NOTIFY
    await parts.close()


async def test_before_the_app_ever_ran_it_is_what_the_settings_name_and_that_is_not_adopted(tmp_path: Path) -> None:
    parts = await _parts(tmp_path)
    assert (await parts.policy()).mode is Mode.ENFORCE
    assert await parts.store.documents("policy/") == []
    await parts.close()
