"""The two places where state may be, and the exchange logs; these tests start processes, as the end-to-end tests do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.azurite import start_azurite
from tests.e2e.conftest import exchanges, in_one_loop

__all__ = ["exchanges"]
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests start processes, as the end-to-end tests do."""
    in_one_loop(items, _HERE)


@pytest.fixture(params=["sqlite", pytest.param("azurite", marks=pytest.mark.azurite)])
def storage(request: pytest.FixtureRequest) -> Iterator[str]:
    """The connection string of a storage account, empty for an embedded file."""
    if request.param == "sqlite":
        yield ""
        return
    with start_azurite() as azurite:
        yield azurite.connection_string
