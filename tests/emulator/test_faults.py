"""Faults on demand."""

import asyncio
from typing import Any

import aiohttp
import pytest

from emulator.app import Emulator
from emulator.settings import Settings
from tests.emulator.arm_client import OPEN, RULE, ArmClient, Bench, bench_at

_HOME = f"{OPEN}/firewallRules/home"


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "InvalidAuthenticationToken"), (409, "ServerIsBusy"), (500, "InternalServerError"), (503, "ServerTimeout")],
)
async def test_a_status_comes_as_often_as_asked(bench: Bench, dana: ArmClient, status: int, code: str) -> None:
    await bench.control.fault(method="PUT", path="firewallRules", status=status, times=1)
    answer = await dana.put(_HOME, RULE)
    assert (answer.status, answer.code) == (status, code)
    assert (await dana.put(_HOME, RULE)).status == 202


async def test_throttling_says_when_to_come_back(bench: Bench, dana: ArmClient) -> None:
    await bench.control.fault(status=429, retry_after_seconds=7, times=1)
    answer = await dana.get(OPEN)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "7")


async def test_a_fault_can_be_for_one_principal(bench: Bench, dana: ArmClient) -> None:
    await bench.control.fault(principal="holdfast", status=500)
    assert (await dana.get(OPEN)).status == 200
    assert (await (await bench.arm("holdfast")).get(OPEN)).status == 500


async def test_latency(bench: Bench, dana: ArmClient) -> None:
    await bench.control.fault(path="pg-partners$", latency_ms=80, times=1)
    start = asyncio.get_running_loop().time()
    await dana.get(OPEN)
    assert asyncio.get_running_loop().time() - start >= 0.08


@pytest.mark.parametrize(("drop", "access"), [("before", "Enabled"), ("after", "Disabled")])
async def test_a_connection_drops_before_or_after_the_write(
    bench: Bench, dana: ArmClient, drop: str, access: str
) -> None:
    # PATCH, because aiohttp's client sends an idempotent request once more on its own
    await bench.control.fault(method="PATCH", drop=drop, times=1)
    with pytest.raises(aiohttp.ClientError):
        await dana.patch(OPEN, {"properties": {"network": {"publicNetworkAccess": "Disabled"}}})
    assert await dana.public_access(OPEN) == access


async def test_an_operation_fails_and_changes_nothing(bench: Bench, dana: ArmClient) -> None:
    await bench.control.fault(method="PUT", operation_failed={"code": "Nope", "message": "not today"}, times=1)
    accepted = await dana.put(_HOME, RULE)
    poll = (await dana.get(accepted.headers["Azure-AsyncOperation"])).body
    assert (poll["status"], poll["error"]) == ("Failed", {"code": "Nope", "message": "not today"})
    assert (await dana.get(_HOME)).status == 404


async def test_one_operation_can_take_longer(bench: Bench, dana: ArmClient) -> None:
    await bench.control.fault(method="PUT", operation_seconds=30, times=1)
    await dana.put(_HOME, RULE)
    assert (await dana.get(_HOME)).status == 404
    await bench.control.send("POST", "/clock", {"advance_seconds": 31})
    assert (await dana.get(_HOME)).status == 200


async def test_faults_are_told_and_lifted(bench: Bench, dana: ArmClient) -> None:
    await bench.control.fault(status=500)
    assert (await bench.control.send("GET", "/faults")).body["calls"] == [{"status": 500, "left": None}]
    await bench.control.send("DELETE", "/faults")
    assert (await dana.get(OPEN)).status == 200


@pytest.mark.parametrize("rule", [{"status": 200}, {"stauts": 500}, {"times": 0}])
async def test_a_fault_that_makes_no_sense_is_refused(bench: Bench, rule: dict[str, Any]) -> None:
    assert (await bench.control.send("POST", "/faults", {"calls": [rule]})).status == 400


async def test_enforced_limits_throttle_and_recover() -> None:
    settings = Settings(enforce_rate_limits=True)
    async with Emulator(settings=settings).running() as address, bench_at(address) as bench:
        arm = await bench.arm("dana")
        statuses: list[int] = []
        # The bucket fills while it is emptied: a slow machine needs a few more.
        while 429 not in statuses and len(statuses) < 1000:
            statuses.append((await arm.patch(OPEN, {"tags": {}})).status)
        assert statuses[0] == 202
        assert 429 in statuses
        await bench.control.send("POST", "/clock", {"advance_seconds": 10})
        assert (await arm.patch(OPEN, {"tags": {}})).status == 202
