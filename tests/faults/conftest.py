"""The two places where state may be, and the exchange logs; these tests start processes, as the end-to-end tests do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.azurite import start_azurite
from tests.e2e.conftest import exchanges

__all__ = ["exchanges"]
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs as long as the session needs the session's event loop."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.e2e)
            if pytest_asyncio.is_async_test(item):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(params=["sqlite", pytest.param("azurite", marks=pytest.mark.azurite)])
def storage(request: pytest.FixtureRequest) -> Iterator[str]:
    """The connection string of a storage account, empty for an embedded file."""
    if request.param == "sqlite":
        yield ""
        return
    with start_azurite() as azurite:
        yield azurite.connection_string
