"""Azurite once per session; a queue service of either kind for each test that asks for `store`."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.azurite import Azurite, start_azurite
from tests.local_host.stores import AzuriteStore, Store, sqlite_store


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    with start_azurite() as azurite:
        yield azurite


@pytest.fixture(params=["sqlite", pytest.param("azurite", marks=pytest.mark.azurite)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        with sqlite_store(tmp_path / "queues.db") as store:
            yield store
    else:
        azurite: Azurite = request.getfixturevalue("azurite")
        yield AzuriteStore(azurite.connection_string)


@pytest.fixture
def work() -> str:
    """Name a work queue that no other test uses."""
    return f"work-{uuid.uuid4().hex[:8]}"
