"""RBAC: who may do what where, in ARM's words."""

import pytest

from emulator.app import Emulator
from emulator.fleet import Fleet, default_fleet
from tests.emulator.arm_client import OPEN, PRODUCTION, RULE, STAGING, Bench, bench_at


async def test_a_reader_reads_and_does_not_write(bench: Bench) -> None:
    auditor = await bench.arm("auditor")
    assert (await auditor.get(OPEN)).status == 200
    answer = await auditor.put(f"{OPEN}/firewallRules/home", RULE)
    assert (answer.status, answer.code) == (403, "AuthorizationFailed")
    text = answer.body["error"]["message"]
    assert "'ines.auditor@contoso.example' with object id" in text
    assert "action 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/write'" in text
    assert f"over scope '{OPEN}/firewallRules/home'" in text


async def test_the_app_cannot_delete_or_restart_servers(bench: Bench) -> None:
    app = await bench.arm("holdfast")
    assert (await app.delete(OPEN)).status == 403
    assert (await app.send("POST", f"{OPEN}/restart")).status == 403
    assert (await app.patch(OPEN, {"tags": {}})).status == 202


def _scoped(*assignments: dict[str, str], **roles: list[str]) -> Fleet:
    given = default_fleet().model_dump()
    given["roles"] = [*given["roles"], {"name": "Probe", **roles}]
    given["principals"]["holdfast"]["assignments"] = list(assignments)
    return Fleet.model_validate(given)


async def test_a_role_holds_at_its_scope_only() -> None:
    fleet = _scoped({"role": "Reader", "scope": STAGING})
    async with Emulator(fleet).running() as address, bench_at(address) as bench:
        app = await bench.arm("holdfast")
        assert (await app.get(OPEN)).status == 403
        assert (await app.get(f"{STAGING}/resourceGroups")).status == 200
        names = [one["displayName"] for one in (await app.get("/subscriptions")).body["value"]]
        assert names == ["Contoso Bank Staging"]


async def test_not_actions_take_away() -> None:
    fleet = _scoped(
        {"role": "Probe", "scope": PRODUCTION},
        actions=["Microsoft.DBforPostgreSQL/*"],
        not_actions=["*/firewallRules/write"],
    )
    async with Emulator(fleet).running() as address, bench_at(address) as bench:
        app = await bench.arm("holdfast")
        assert (await app.get(f"{OPEN}/firewallRules")).status == 200
        assert (await app.put(f"{OPEN}/firewallRules/home", RULE)).status == 403


def test_a_role_that_nobody_defined_is_an_error() -> None:
    with pytest.raises(ValueError, match="'Nobody' is neither built in nor in the fleet's roles"):
        Emulator(_scoped({"role": "Nobody"}))
