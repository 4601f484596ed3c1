"""Long-running operations: signed addresses, one at a time per server, effect at the end."""

import pytest

from emulator.settings import Settings
from tests.emulator.arm_client import CLOSED, OPEN, RULE, ArmClient, Bench

_CLOSE = {"properties": {"network": {"publicNetworkAccess": "Disabled"}}}


@pytest.fixture
def settings() -> Settings:
    return Settings(operation_seconds=60, retry_after_seconds=60)


async def _pass(bench: Bench, seconds: float) -> None:
    assert (await bench.control.send("POST", "/clock", {"advance_seconds": seconds})).status == 200


async def test_a_write_takes_effect_when_its_operation_ends(bench: Bench, dana: ArmClient) -> None:
    accepted = await dana.patch(OPEN, _CLOSE)
    assert (accepted.status, accepted.headers["Retry-After"]) == (202, "60")
    assert sorted(accepted.body) == ["operation", "startTime"]
    running = await dana.get(accepted.headers["Azure-AsyncOperation"])
    assert running.body["status"] == "InProgress"
    assert (await dana.get(accepted.headers["Location"])).status == 202
    assert (await dana.get(OPEN)).properties["state"] == "Updating"
    assert await dana.public_access(OPEN) == "Enabled"
    await _pass(bench, 61)
    assert sorted((await dana.get(accepted.headers["Azure-AsyncOperation"])).body) == ["name", "startTime", "status"]
    assert (await dana.get(accepted.headers["Location"])).status == 200
    assert await dana.public_access(OPEN) == "Disabled"


async def test_other_writes_find_the_server_busy(bench: Bench, dana: ArmClient) -> None:
    await dana.patch(OPEN, _CLOSE)
    busy = await dana.put(f"{OPEN}/firewallRules/home", RULE)
    assert (busy.status, busy.code) == (409, "ServerIsBusy")
    assert "Server 'pg-partners' is busy with other operations" in busy.body["error"]["message"]
    assert (await dana.patch(CLOSED, {"tags": {}})).status == 202
    await _pass(bench, 61)
    assert (await dana.patch(OPEN, {"tags": {}})).status == 202


@pytest.mark.parametrize("cut", ["&t=", "&c=", "&s=", "&h="])
async def test_an_address_must_come_back_whole(dana: ArmClient, cut: str) -> None:
    accepted = await dana.patch(OPEN, _CLOSE)
    for name in ("Azure-AsyncOperation", "Location"):
        address = accepted.headers[name]
        head, _, tail = address.partition(cut)
        without = f"{head}&{tail.partition('&')[2]}"
        assert (await dana.get(without)).status == 403
        assert (await dana.get(address)).status in (200, 202)


async def test_an_operation_that_never_was_is_404(dana: ArmClient) -> None:
    address = (await dana.patch(OPEN, _CLOSE)).headers["Location"]
    path, _, query = address.partition("?")
    other = f"{path.rpartition('/')[0]}/11111111-2222-4333-8444-555555555555?{query}"
    assert (await dana.get(other)).code == "OperationIdNotFound"


async def test_a_restart_shows_as_restarting(dana: ArmClient) -> None:
    await dana.send("POST", f"{OPEN}/restart")
    assert (await dana.get(OPEN)).properties["state"] == "Restarting"
