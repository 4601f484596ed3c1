"""The control API: its secret, state, calls, clock, pace, reset."""

from emulator.app import Emulator
from tests.emulator.arm_client import OPEN, RULE, ArmClient, Bench

_HOME = f"{OPEN}/firewallRules/home"


async def test_it_needs_its_secret(bench: Bench) -> None:
    async with bench.session.get(f"{bench.address.control}/state") as response:
        assert response.status == 401


async def test_it_tells_the_state(bench: Bench) -> None:
    found = (await bench.control.send("GET", "/state")).body["resources"]
    assert OPEN in {one["id"] for one in found}


async def test_it_counts_calls(bench: Bench, dana: ArmClient) -> None:
    await dana.get(OPEN)
    await dana.put(_HOME, RULE)
    calls = (await bench.control.send("GET", "/calls")).body
    assert calls["total"] == 2
    assert calls["principals"]["dana"]["Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/write"] == 1
    assert [one["status"] for one in calls["last"]] == [200, 202]
    await bench.control.send("DELETE", "/calls")
    assert (await bench.control.send("GET", "/calls")).body["total"] == 0


async def test_reset_brings_the_fleet_back(bench: Bench, dana: ArmClient) -> None:
    before = (await dana.get(OPEN)).properties
    await bench.control.send("POST", "/settings", {"operation_seconds": 60, "retry_after_seconds": 1, "time_scale": 1})
    await dana.delete(OPEN)
    await bench.control.fault(status=500)
    assert (await bench.control.send("POST", "/reset")).status == 204
    assert (await dana.get(OPEN)).properties == before
    assert (await dana.put(_HOME, RULE)).status == 202
    assert (await dana.get(_HOME)).status == 200


async def test_the_clock_moves_forward_only(bench: Bench) -> None:
    assert (await bench.control.send("POST", "/clock", {"advance_seconds": -1})).status == 400
    before = (await bench.control.send("GET", "/clock")).body["now"]
    await bench.control.send("POST", "/clock", {"advance_seconds": 86_400})
    assert (await bench.control.send("GET", "/clock")).body["now"] > before


async def test_metadata_needs_no_token(bench: Bench) -> None:
    async with bench.session.get(f"{bench.address.arm}/metadata/endpoints?api-version=2022-09-01") as response:
        body = await response.json()
    assert body["resourceManager"] == bench.address.arm
    assert body["authentication"]["audiences"]


async def test_arms_own_lists(dana: ArmClient) -> None:
    assert (await dana.get("/tenants", version="2022-12-01")).body["value"][0]["defaultDomain"] == "contoso.example"
    first = (await dana.get("/subscriptions", version="2022-12-01")).body["value"][0]
    assert (await dana.get(first["id"], version="2022-12-01")).body["displayName"] == "Contoso Bank Production"
    assert (await dana.get(f"{first['id']}/locations", version="2022-12-01")).body["value"]


async def test_two_emulators_do_not_meet(azure: Emulator, bench: Bench) -> None:
    async with Emulator().running() as other:
        assert other.arm != bench.address.arm
        assert other.control_secret != bench.address.control_secret
