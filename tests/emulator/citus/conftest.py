"""An emulator with the other kinds of servers in it."""

import pytest

from emulator.app import Emulator
from emulator.settings import Settings
from tests.emulator.kinds import a_fleet


@pytest.fixture
def azure(settings: Settings) -> Emulator:
    return Emulator(a_fleet(), settings)
