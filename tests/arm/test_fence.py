"""Frozen on its way to Azure, a worker whose lease ended lets go of the request; it never reaches the wire."""

import pytest
from azure.core.credentials import AccessTokenInfo, TokenRequestOptions
from azure.identity.aio import ManagedIdentityCredential

from emulator.address import Address
from shared.arm.azure import AzureArm
from shared.arm.client import ArmClient
from shared.control import Change, Source
from shared.errors import LeaseLost
from shared.guard import hold
from shared.state import EVERY_PARAMETER, Setting, SettingKind
from tests.arm.azure_side import AzureSide
from tests.arm.conftest import PARTNERS
from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore

_WRITE = "Microsoft.DBforPostgreSQL/flexibleServers/configurations/write"
_CHANGE = Change(Setting(SettingKind.PARAMETER, "log_checkpoints"), "on", "off", Source.POLICY)


class Sleepy(ManagedIdentityCredential):
    """A credential during whose answer the worker may be frozen."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock
        self.frozen_seconds = 0.0

    async def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        token: AccessTokenInfo = await super().get_token_info(*scopes, options=options)
        self._clock.advance(self.frozen_seconds)
        return token


@pytest.fixture
def credential(azure: Address, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Sleepy:
    for name, value in azure.environment().items():
        monkeypatch.setenv(name, value)
    return Sleepy(clock)


@pytest.mark.parametrize(("frozen_seconds", "arrives"), [(0, True), (9, True), (11, False), (3600, False)])
async def test_a_write_leaves_only_while_the_lease_has_time_to_spare(
    azure: Address, side: AzureSide, credential: Sleepy, clock: FakeClock, frozen_seconds: float, arrives: bool
) -> None:
    arm = AzureArm(ArmClient(azure.arm, "https://management.azure.com", credential, azure.tls()), clock=clock)
    store = MemoryStore(clock)
    async with hold(store, PARTNERS.id, clock) as guard:
        assert guard is not None
        await guard.confirm()
        credential.frozen_seconds = frozen_seconds
        if arrives:
            await arm.write(PARTNERS, [_CHANGE], "")
        else:
            with pytest.raises(LeaseLost):
                await arm.write(PARTNERS, [_CHANGE], "")
    assert (_WRITE in await side.calls()) is arrives
    await arm.close()


async def test_a_read_needs_no_lease(azure: Address, side: AzureSide, credential: Sleepy, clock: FakeClock) -> None:
    arm = AzureArm(ArmClient(azure.arm, "https://management.azure.com", credential, azure.tls()), clock=clock)
    async with hold(MemoryStore(clock), PARTNERS.id, clock):
        credential.frozen_seconds = 3600
        state = await arm.observe(PARTNERS, [EVERY_PARAMETER])
    assert state.parameters
    assert await side.calls()
    await arm.close()
