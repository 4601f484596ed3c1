"""Every test that asks for `store` or `kit` runs against both adapters and against the fake that other tests use."""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from shared.ports import Store
from tests.azurite import Azurite, start_azurite
from tests.store.kits import AzureKit, FakeKit, Kit, SqliteKit


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    with start_azurite() as running:
        yield running


@pytest.fixture(params=["fake", "sqlite", pytest.param("azure", marks=pytest.mark.azurite)])
def kit(request: pytest.FixtureRequest, tmp_path: Path) -> Kit:
    if request.param == "fake":
        return FakeKit()
    if request.param == "sqlite":
        return SqliteKit(tmp_path / "holdfast.db")
    azurite: Azurite = request.getfixturevalue("azurite")
    return AzureKit(azurite.connection_string, prefix=f"t{secrets.token_hex(6)}")


@pytest.fixture
async def store(kit: Kit) -> AsyncIterator[Store]:
    opened = kit.open()
    yield opened
    await opened.close()


@pytest.fixture
async def other(kit: Kit) -> AsyncIterator[Store]:
    """A second handle on the same store, as another process has it."""
    opened = kit.open()
    yield opened
    await opened.close()
