"""A fresh emulator for each test; it starts in a few milliseconds."""

from collections.abc import AsyncIterator

import pytest

from emulator.app import Emulator
from emulator.settings import Settings
from tests.emulator.arm_client import ArmClient, Bench, bench_at
from tests.emulator.webhook import Webhook, webhook


@pytest.fixture
def settings() -> Settings:
    return Settings(time_scale=0.001)


@pytest.fixture
def azure(settings: Settings) -> Emulator:
    return Emulator(settings=settings)


@pytest.fixture
async def bench(azure: Emulator) -> AsyncIterator[Bench]:
    async with azure.running() as address, bench_at(address) as found:
        yield found


@pytest.fixture
async def dana(bench: Bench) -> ArmClient:
    return await bench.arm("dana")


@pytest.fixture
async def hook() -> AsyncIterator[Webhook]:
    async with webhook() as found:
        yield found
