"""Management locks hold for everything at and below them."""

import pytest

from tests.emulator.arm_client import OPEN, PRODUCTION, RULE, Bench
from tests.emulator.around.client import AroundClient
from tests.emulator.kinds import GROUP, SINGLE
from tests.emulator.webhook import Webhook

_LOCKS = "providers/Microsoft.Authorization/locks"
_PARTNERS = f"{PRODUCTION}/resourceGroups/rg-partners"
_HOME = f"{OPEN}/firewallRules/home"


async def _lock(around: AroundClient, scope: str, level: str, name: str = "keep") -> None:
    answer = await around.put(f"{scope}/{_LOCKS}/{name}", {"level": level})
    assert answer.status in (200, 201), answer


async def test_a_lock_is_made_changed_and_removed(around: AroundClient) -> None:
    lock = f"{OPEN}/{_LOCKS}/keep"
    made = await around.put(lock, {"level": "CanNotDelete", "notes": "ask first"})
    assert (made.status, made.properties) == (201, {"level": "CanNotDelete", "notes": "ask first"})
    assert (await around.put(lock, {"level": "ReadOnly"})).status == 200
    assert (await around.get(lock)).properties == {"level": "ReadOnly"}
    assert (await around.delete(lock)).status == 200
    assert (await around.delete(lock)).status == 204
    assert (await around.get(lock)).status == 404


@pytest.mark.parametrize("properties", [{}, {"level": "Perhaps"}])
async def test_a_lock_has_a_level(around: AroundClient, properties: dict[str, str]) -> None:
    assert (await around.put(f"{OPEN}/{_LOCKS}/keep", properties)).status == 400


@pytest.mark.parametrize("scope", [OPEN, _PARTNERS, PRODUCTION])
async def test_nothing_below_a_lock_can_be_deleted(around: AroundClient, scope: str) -> None:
    await _lock(around, scope, "CanNotDelete")
    assert (await around.send("PUT", _HOME, RULE)).status == 202
    for path in (OPEN, _HOME):
        answer = await around.delete(path)
        assert (answer.status, answer.code) == (409, "ScopeLocked")
        assert f"following scope(s) are locked: '{scope}'" in answer.body["error"]["message"]
    assert (await around.delete(SINGLE)).status == (409 if scope == PRODUCTION else 202)


async def test_nothing_below_a_read_only_lock_can_be_changed(around: AroundClient) -> None:
    await _lock(around, _PARTNERS, "ReadOnly")
    assert (await around.send("PUT", _HOME, RULE)).code == "ScopeLocked"
    assert (await around.send("POST", f"{OPEN}/restart")).code == "ScopeLocked"
    assert (await around.get(OPEN)).status == 200


async def test_a_lock_does_not_hold_itself(around: AroundClient) -> None:
    await _lock(around, _PARTNERS, "ReadOnly")
    await _lock(around, OPEN, "CanNotDelete")
    assert (await around.delete(f"{OPEN}/{_LOCKS}/keep")).status == 200


async def test_a_list_has_the_locks_above_and_below(around: AroundClient) -> None:
    for scope, name in ((PRODUCTION, "wide"), (_PARTNERS, "group"), (OPEN, "server"), (GROUP, "elsewhere")):
        await _lock(around, scope, "CanNotDelete", name)
    assert set(await around.names(f"{OPEN}/{_LOCKS}")) == {"wide", "group", "server"}
    assert set(await around.names(f"{_PARTNERS}/{_LOCKS}")) == {"wide", "group", "server"}
    at = await around.filtered(f"{_PARTNERS}/{_LOCKS}", "atScope()")
    assert {one["name"] for one in at.body["value"]} == {"wide", "group"}
    assert (await around.filtered(f"{_PARTNERS}/{_LOCKS}", "name eq 'x'")).status == 400


async def test_only_who_governs_access_may_lock(bench: Bench) -> None:
    dana = AroundClient(await bench.arm("dana"))
    assert (await dana.put(f"{OPEN}/{_LOCKS}/keep", {"level": "ReadOnly"})).code == "AuthorizationFailed"


async def test_locks_and_their_refusals_are_told(around: AroundClient, bench: Bench, hook: Webhook) -> None:
    await bench.control.send("POST", "/subscriptions", {"endpoint": hook.url})
    await _lock(around, OPEN, "CanNotDelete")
    await around.delete(OPEN)
    told = {one["eventType"].rpartition(".")[2]: one["data"] for one in await hook.arrived(2)}
    assert told["ResourceWriteSuccess"]["operationName"] == "Microsoft.Authorization/locks/write"
    assert "httpRequest" not in told["ResourceWriteSuccess"]
    assert told["ResourceDeleteFailure"]["operationName"] == "Microsoft.DBforPostgreSQL/flexibleServers/delete"


async def test_a_lock_goes_with_what_it_locks(around: AroundClient) -> None:
    await _lock(around, OPEN, "NotSpecified")
    assert (await around.delete(OPEN)).status == 202
    assert (await around.get(f"{OPEN}/{_LOCKS}/keep")).status == 404
    assert (await around.put(f"{OPEN}/{_LOCKS}/keep", {"level": "ReadOnly"})).code == "ResourceNotFound"
