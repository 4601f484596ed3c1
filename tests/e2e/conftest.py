"""One running Holdfast per test process, with a fleet in which every test has its own server.

At the end every ARM exchange of the run is held against Microsoft's definitions; a contradiction is an error of the
last test, and the number of exchanges stands in the summary.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.contracts import VALIDATOR
from tests.e2e.careful import FLEET as CAREFUL_FLEET
from tests.e2e.careful import careful_policy
from tests.e2e.exchanges import Exchanges, Verdict
from tests.e2e.fleet import Fleet
from tests.e2e.stacks import holdfast_up
from tests.e2e.world import World
from tests.verdicts import SENT, VERDICTS

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests start processes."""
    in_one_loop(items, _HERE)


def in_one_loop(items: list[pytest.Item], folder: Path) -> None:
    """What runs as long as the session needs the session's event loop; so all tests of the folder get it."""
    for item in items:
        if item.path.is_relative_to(folder):
            item.add_marker(pytest.mark.e2e)
            if pytest_asyncio.is_async_test(item):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def exchanges(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchanges]:
    """The exchange logs; judged when all emulators have ended."""
    kept = Exchanges(tmp_path_factory.mktemp("exchanges"))
    yield kept
    verdict = kept.judged() if VALIDATOR.exists() else Verdict(len(kept.lines()))
    request.config.stash.setdefault(VERDICTS, []).append(verdict)
    if hasattr(request.config, "workeroutput"):
        request.config.workeroutput[SENT] = [verdict.count, verdict.polls, len(verdict.faults)]
    assert not verdict.faults, "\n".join(verdict.faults[:50])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with holdfast_up(tmp_path_factory.mktemp("up"), exchanges) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(running: World) -> AsyncIterator[World]:
    """The running Holdfast; no fault outlives its test."""
    yield running
    await running.azure.control("DELETE", "/faults")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def careful(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A running Holdfast whose policy uses what careful decisions have."""
    folder = tmp_path_factory.mktemp("careful")
    fleet = Fleet(folder / "fleet.json", CAREFUL_FLEET)
    async with holdfast_up(folder, exchanges, careful_policy(folder), fleet) as world:
        yield world
