"""The token endpoint and the tokens: azure-identity's own code, and what ARM says to bad tokens."""

import asyncio

import jwt
import pytest
from azure.identity import ManagedIdentityCredential

from emulator.app import Emulator
from emulator.settings import Settings
from tests.emulator.arm_client import OPEN, ArmClient, Bench


async def test_azure_identity_gets_a_token_for_the_app(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in bench.address.environment().items():
        monkeypatch.setenv(name, value)
    with ManagedIdentityCredential() as credential:
        token = await asyncio.to_thread(credential.get_token, "https://management.azure.com/.default")
    claims = jwt.decode(token.token, options={"verify_signature": False})
    assert claims["oid"] == bench.address.principals["holdfast"]["object_id"]
    assert claims["xms_mirid"].endswith("/providers/Microsoft.Web/sites/func-holdfast")
    assert "upn" not in claims


async def test_each_header_is_somebody_else(bench: Bench) -> None:
    claims = jwt.decode(await bench.token("dana"), options={"verify_signature": False})
    assert claims["upn"] == "dana.fields@contoso.example"
    assert claims["scp"] == "user_impersonation"


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({}, {"api-version": "2019-08-01", "resource": "https://management.azure.com/"}, 401),
        ({"X-IDENTITY-HEADER": "wrong"}, {"api-version": "2019-08-01", "resource": "x"}, 401),
        (None, {"api-version": "2017-09-01", "resource": "x"}, 400),
        (None, {"api-version": "2019-08-01"}, 400),
        (None, {"api-version": "2019-08-01", "resource": "x", "client_id": "somebody-else"}, 400),
    ],
)
async def test_bad_token_requests_are_refused(
    bench: Bench, headers: dict[str, str] | None, query: dict[str, str], status: int
) -> None:
    good = {"X-IDENTITY-HEADER": bench.address.identity_header}
    sent = good if headers is None else headers
    async with bench.session.get(bench.address.identity_endpoint, params=query, headers=sent) as response:
        assert response.status == status


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "AuthenticationFailed"),
        ("Basic abc", "AuthenticationFailedInvalidHeader"),
        ("Bearer abc", "InvalidAuthenticationToken"),
    ],
)
async def test_arm_wants_a_token_of_its_own(bench: Bench, authorization: str | None, code: str) -> None:
    arm = ArmClient(bench.session, bench.address, "")
    arm.headers = {} if authorization is None else {"Authorization": authorization}
    answer = await arm.get(OPEN)
    assert (answer.status, answer.code) == (401, code)
    assert "WWW-Authenticate" in answer.headers


async def test_a_token_for_something_else_is_refused(bench: Bench) -> None:
    arm = ArmClient(bench.session, bench.address, await bench.token("dana", "https://vault.azure.net"))
    assert (await arm.get(OPEN)).code == "InvalidAuthenticationTokenAudience"


async def test_a_token_of_another_run_is_refused(bench: Bench) -> None:
    other = Emulator(settings=Settings())
    token, _ = other.tokens.issue(other.world.access.callers["dana"], "https://management.azure.com/", "")
    assert (await ArmClient(bench.session, bench.address, token).get(OPEN)).code == "InvalidAuthenticationToken"


async def test_tokens_expire(bench: Bench, dana: ArmClient) -> None:
    await bench.control.send("POST", "/clock", {"advance_seconds": 90_000})
    assert (await dana.get(OPEN)).code == "ExpiredAuthenticationToken"
