"""One emulator for the tests that speak real HTTP to it, and our adapter with azure-identity's real credential."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from azure.identity.aio import ManagedIdentityCredential

from emulator.address import Address
from emulator.app import Emulator
from emulator.fleet import DEFAULT_FLEET, Fleet
from emulator.settings import Settings
from shared.arm.azure import AzureArm
from shared.arm.client import ArmClient
from shared.journal import now
from shared.target import Kind, Target
from tests.arm.azure_side import AzureSide, azure_side
from tests.contracts import VALIDATOR
from tests.fakes.clock import FakeClock

PRODUCTION = "9c1d7e42-0b5f-4d38-8a66-1f2e3d4c5b6a"
STAGING = "2e7a9b10-6c3d-4e5f-b1a2-7d8c9e0f1a2b"


def server(name: str, group: str = "rg-partners", subscription: str = PRODUCTION, kind: Kind = Kind.FLEXIBLE) -> Target:
    return Target(kind, subscription, group, name)


PARTNERS = server("pg-partners")
LEDGER = server("pg-ledger", "rg-payments")
PAYMENTS = server("pg-payments", "rg-payments")
ARCHIVE = server("pg-archive", "rg-staging", STAGING)
REPORTING = server("pg-reporting", "rg-legacy", kind=Kind.SINGLE)
RISK = server("pg-risk", "rg-citus", kind=Kind.CITUS)


@pytest.fixture
async def azure() -> AsyncIterator[Address]:
    async with Emulator(Fleet.load(DEFAULT_FLEET), Settings()).running() as address:
        yield address


@pytest.fixture
async def client(azure: Address, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ArmClient]:
    for name, value in azure.environment().items():
        monkeypatch.setenv(name, value)
    made = ArmClient(azure.arm, "https://management.azure.com", ManagedIdentityCredential(), azure.tls())
    yield made
    await made.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(now())


@pytest.fixture
def arm(client: ArmClient, clock: FakeClock) -> AzureArm:
    return AzureArm(client, clock=clock)


@pytest.fixture
async def side(azure: Address) -> AsyncIterator[AzureSide]:
    async with azure_side(azure) as found:
        yield found


@pytest.fixture
async def logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[AzureArm, Path]]:
    """Our adapter in front of an emulator, and the file with everything that they say to each other."""
    if not VALIDATOR.exists():
        pytest.skip(f"the contract validator is not here: {VALIDATOR}")
    log = tmp_path / "exchanges.jsonl"
    async with Emulator(settings=Settings(exchange_log=log)).running() as azure:
        for name, value in azure.environment().items():
            monkeypatch.setenv(name, value)
        client = ArmClient(azure.arm, "https://management.azure.com", ManagedIdentityCredential(), azure.tls())
        arm = AzureArm(client)
        yield arm, log
        await arm.close()
