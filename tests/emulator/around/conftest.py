"""An emulator with the other kinds of servers in it."""

import pytest

from emulator.app import Emulator
from emulator.settings import Settings
from tests.emulator.arm_client import Bench
from tests.emulator.around.client import AroundClient
from tests.emulator.kinds import a_fleet


@pytest.fixture
def azure(settings: Settings) -> Emulator:
    return Emulator(a_fleet(), settings)


@pytest.fixture
async def around(bench: Bench) -> AroundClient:
    return AroundClient(await bench.arm("ada"))
