"""The data plane of key vaults: whose token, which rights, and what may be done to keys."""

import socket
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from emulator.settings import Settings
from tests.emulator.arm_client import Answered, Bench
from tests.emulator.around.client import AroundClient
from tests.emulator.kinds import KEY_VERSION, SINGLE, VAULT
from tests.emulator.single.client import SingleClient

_ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
_READER = "21090545-7ca7-4776-b22c-e363652d74d2"
_ASSIGNMENT = f"{VAULT}/providers/Microsoft.Authorization/roleAssignments/88888888-0000-4000-8000-000000000001"
_KEY = f"pg-key/{KEY_VERSION}"


class _Vault:
    """A client of the vault's data plane as one principal."""

    def __init__(self, bench: Bench, token: str) -> None:
        self._bench = bench
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def send(self, method: str, path: str, body: Any = None, version: str = "7.4") -> Answered:
        url = f"{self._bench.address.arm}/vaults/kv-kinds/keys{path}?api-version={version}"
        async with self._bench.session.request(method, url, json=body, headers=self._headers) as response:
            return Answered(response.status, await response.json(), dict(response.headers))


async def _allowed(bench: Bench, around: AroundClient, role: str = _ADMINISTRATOR) -> _Vault:
    definition = f"/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/{role}"
    principal = bench.address.principals["ada"]["object_id"]
    made = await around.put(_ASSIGNMENT, {"roleDefinitionId": definition, "principalId": principal})
    assert made.status == 201, made
    return _Vault(bench, await bench.token("ada", "https://vault.azure.net"))


async def test_it_asks_for_a_token_of_its_own(bench: Bench) -> None:
    for token in ("", await bench.token("ada")):
        answer = await _Vault(bench, token).send("GET", "")
        assert (answer.status, answer.code) == (401, "Unauthorized")
        assert 'resource="https://vault.azure.net"' in answer.headers["WWW-Authenticate"]


async def test_an_owner_of_the_vault_is_no_reader_of_its_keys(bench: Bench) -> None:
    vault = _Vault(bench, await bench.token("ada", "https://vault.azure.net"))
    answer = await vault.send("GET", "/pg-key")
    assert (answer.status, answer.code) == (403, "Forbidden")
    assert "Microsoft.KeyVault/vaults/keys/read" in answer.body["error"]["message"]


async def test_keys_are_read(bench: Bench, around: AroundClient) -> None:
    vault = await _allowed(bench, around, _READER)
    found = (await vault.send("GET", "/pg-key/")).body
    assert found["key"]["kid"] == f"https://kv-kinds.vault.azure.net/keys/{_KEY}"
    assert (found["key"]["kty"], found["attributes"]["recoverableDays"]) == ("RSA-HSM", 90)
    assert (await vault.send("GET", f"/{_KEY}")).body == found
    assert len((await vault.send("GET", "")).body["value"]) == 1
    assert len((await vault.send("GET", "/pg-key/versions")).body["value"]) == 1
    assert (await vault.send("GET", "/lost")).code == "KeyNotFound"
    assert (await vault.send("GET", "/pg-key/0")).code == "KeyNotFound"
    assert (await vault.send("GET", "", version="1.0")).status == 400
    assert (await vault.send("PATCH", f"/{_KEY}", {})).status == 403
    assert (await vault.send("DELETE", "/pg-key")).status == 405


async def test_a_disabled_key_makes_its_server_inaccessible(bench: Bench, around: AroundClient) -> None:
    vault, single = await _allowed(bench, around), SingleClient(around.arm)
    await single.patch(SINGLE, identity={"type": "SystemAssigned"})
    key = {"serverKeyType": "AzureKeyVault", "uri": f"https://kv-kinds.vault.azure.net/keys/{_KEY}"}
    await single.put(f"{SINGLE}/keys/kv-kinds_pg-key_{KEY_VERSION}", key)
    assert (await single.get(SINGLE)).properties["userVisibleState"] == "Ready"
    changed = await vault.send("PATCH", f"/{_KEY}", {"attributes": {"enabled": False}})
    assert changed.body["attributes"]["enabled"] is False
    assert (await single.get(SINGLE)).properties["userVisibleState"] == "Inaccessible"
    assert (await around.get(f"{VAULT}/keys/pg-key")).properties["attributes"]["enabled"] is False


async def test_keys_are_made_and_rotated(bench: Bench, around: AroundClient) -> None:
    vault = await _allowed(bench, around)
    made = (await vault.send("POST", "/new-key/create", {"kty": "RSA", "key_size": 4096, "tags": {"a": "b"}})).body
    assert (made["tags"], made["attributes"]["enabled"]) == ({"a": "b"}, True)
    rotated = (await vault.send("POST", "/pg-key/rotate")).body
    assert rotated["key"]["kid"] != f"https://kv-kinds.vault.azure.net/keys/{_KEY}"
    assert (await vault.send("GET", "/pg-key")).body == rotated
    assert len((await vault.send("GET", "/pg-key/versions")).body["value"]) == 2


async def test_a_rotation_policy_is_set(bench: Bench, around: AroundClient) -> None:
    vault = await _allowed(bench, around)
    before = (await vault.send("GET", "/pg-key/rotationpolicy")).body
    assert before["lifetimeActions"][0]["action"]["type"] == "Notify"
    policy = {
        "lifetimeActions": [{"trigger": {"timeAfterCreate": "P18M"}, "action": {"type": "rotate"}}],
        "attributes": {"expiryTime": "P2Y"},
    }
    assert (await vault.send("PUT", "/pg-key/rotationpolicy", policy)).status == 200
    after = (await vault.send("GET", "/pg-key/rotationpolicy")).body
    assert (after["lifetimeActions"], after["attributes"]["expiryTime"]) == (policy["lifetimeActions"], "P2Y")
    assert (await around.get(f"{VAULT}/keys/pg-key")).properties["rotationPolicy"]["lifetimeActions"]


async def test_access_policies_hold_where_there_is_no_rbac(bench: Bench, around: AroundClient) -> None:
    await around.patch(VAULT, enableRbacAuthorization=False)
    vault = _Vault(bench, await bench.token("ada", "https://vault.azure.net"))
    assert "does not have keys get permission" in (await vault.send("GET", "/pg-key")).body["error"]["message"]
    me = bench.address.principals["ada"]["object_id"]
    policy = {"tenantId": me, "objectId": me, "permissions": {"keys": ["Get"]}}
    await around.put(f"{VAULT}/accessPolicies/add", {"accessPolicies": [policy]})
    assert (await vault.send("GET", "/pg-key")).status == 200
    assert (await vault.send("GET", "")).status == 403


async def test_a_closed_vault_lets_nobody_in_from_outside(bench: Bench, around: AroundClient) -> None:
    vault = await _allowed(bench, around)
    await around.patch(VAULT, publicNetworkAccess="Disabled")
    assert "Public network access is disabled" in (await vault.send("GET", "")).body["error"]["message"]


async def test_calls_are_counted_and_can_fail(bench: Bench, around: AroundClient) -> None:
    vault = await _allowed(bench, around)
    await bench.control.fault(path="/keys", principal="ada", status=503, times=1)
    assert (await vault.send("GET", "/pg-key")).status == 503
    assert (await vault.send("GET", "/pg-key")).status == 200
    calls = (await bench.control.send("GET", "/calls")).body
    assert calls["principals"]["ada"]["Microsoft.KeyVault/vaults/keys/read"] == 1


class _Here(AbstractResolver):
    """Finds every host on this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is open."""


class TestOwnHost:
    """A vault answers under its own host name, too."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings()

    async def test_it_is_found_there(self, bench: Bench, around: AroundClient) -> None:
        await _allowed(bench, around)
        token = await bench.token("ada", "https://vault.azure.net")
        port = bench.address.arm.rpartition(":")[2]
        url = f"https://kv-kinds.vault.azure.net:{port}/keys/pg-key?api-version=7.4"
        connector = aiohttp.TCPConnector(ssl=bench.address.tls(), resolver=_Here())
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(connector=connector) as session, session.get(url, headers=headers) as found:
            assert found.status == 200
            assert (await found.json())["key"]["kty"] == "RSA-HSM"
