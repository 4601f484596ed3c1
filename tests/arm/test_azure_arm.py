"""The ARM adapter against the emulator, over TLS, with azure-identity's own managed identity code."""

import aiohttp
import pytest

from emulator.address import Address
from shared.arm.azure import AzureArm
from shared.arm.client import ArmClient, Call
from shared.control import Change, Source
from shared.errors import Busy, Forbidden, Frozen, Gone, Hidden, Rejected, Throttled, Unreachable
from shared.ports import Progress
from shared.state import ADMINISTRATORS, FIREWALL_RULES, SERVER, Setting, SettingKind, Value, parameter, rule_value
from shared.target import Target, parse_target
from tests.arm.conftest import ARCHIVE, LEDGER, PARTNERS, PAYMENTS, server

TLS = Setting(SettingKind.PARAMETER, "require_secure_transport")
PUBLIC_ACCESS = Setting(SettingKind.PUBLIC_ACCESS)
GATEWAY = Setting(SettingKind.FIREWALL_RULE, "partner-gateway")
CORRELATION = "0193a5f0-0000-7000-8000-000000000001"


def to(setting: Setting, after: Value) -> Change:
    return Change(setting, None, after, Source.POLICY)


async def fault(azure: Address, **rule: object) -> None:
    headers = {"X-Control-Secret": azure.control_secret}
    async with aiohttp.ClientSession() as session:
        answer = await session.post(f"{azure.control}/faults", json={"calls": [rule]}, headers=headers)
        assert answer.status == 204, await answer.text()


async def calls(azure: Address) -> list[dict[str, str]]:
    """Every call Azure answered, in order."""
    headers = {"X-Control-Secret": azure.control_secret}
    async with aiohttp.ClientSession() as session, session.get(f"{azure.control}/calls", headers=headers) as answer:
        found: list[dict[str, str]] = (await answer.json())["last"]
        return found


async def test_it_reads_every_facet_at_once(arm: AzureArm) -> None:
    facets = {SERVER, FIREWALL_RULES, ADMINISTRATORS, parameter("require_secure_transport")}
    state = await arm.observe(PARTNERS, facets)
    assert state.facets() == facets
    assert state.server is not None
    assert state.server.public_access is True
    assert [rule.name for rule in state.firewall_rules or ()] == ["office-zurich", "partner-gateway"]
    assert [admin.name for admin in state.administrators or ()] == ["sg-dba-production"]
    assert state.value(TLS) == "on"


async def test_it_sees_private_endpoints_and_virtual_networks(arm: AzureArm) -> None:
    payments, ledger = await arm.observe(PAYMENTS, {SERVER}), await arm.observe(LEDGER, {SERVER})
    assert payments.server is not None
    assert payments.server.approved_endpoints == 1
    assert ledger.server is not None
    assert ledger.server.virtual_network


async def test_a_parameter_the_server_lacks_is_not_a_missing_server(arm: AzureArm) -> None:
    state = await arm.observe(ARCHIVE, {parameter("azure.accepted_password_auth_method")})
    assert state.parameters == {"azure.accepted_password_auth_method": None}


@pytest.mark.parametrize("facet", [SERVER, FIREWALL_RULES, parameter("require_secure_transport")], ids=str)
async def test_a_server_that_is_not_there_is_gone_whatever_is_read(arm: AzureArm, facet: object) -> None:
    with pytest.raises(Gone):
        await arm.observe(server("pg-nowhere"), {facet})  # type: ignore[arg-type]


async def test_a_subscription_that_is_not_shown_to_us_does_not_make_its_servers_gone(arm: AzureArm) -> None:
    elsewhere = PAYMENTS.id.replace(PAYMENTS.subscription, "00000000-0000-0000-0000-00000000dead")
    with pytest.raises(Hidden, match="SubscriptionNotFound"):
        await arm.observe(parse_target(elsewhere), {SERVER})


@pytest.mark.parametrize(
    ("target", "setting", "value"),
    [
        (PARTNERS, PUBLIC_ACCESS, "Disabled"),
        (PARTNERS, GATEWAY, rule_value("198.51.100.41", "198.51.100.41")),
        (PARTNERS, GATEWAY, None),
        (PARTNERS, Setting(SettingKind.FIREWALL_RULE, "new"), rule_value("192.0.2.20", "192.0.2.20")),
        (PAYMENTS, TLS, "off"),
        (PAYMENTS, Setting(SettingKind.ADMINISTRATOR, "3f0c8f5a-7b1e-4a52-9d15-52f1f7a2c901"), None),
        (
            PAYMENTS,
            Setting(SettingKind.ADMINISTRATOR, "3f0c8f5a-7b1e-4a52-9d15-52f1f7a2c902"),
            {
                "principalName": "sg-dba-2",
                "principalType": "Group",
                "tenantId": "6b1f3c0e-52d4-4f6a-9b3e-6f0d9a7c2e51",
            },
        ),
    ],
    ids=str,
)
async def test_what_it_writes_is_what_it_reads_afterwards(
    arm: AzureArm, target: Target, setting: Setting, value: Value
) -> None:
    accepted = await arm.write(target, (to(setting, value),), CORRELATION)
    assert await arm.progress(accepted.operation) == Progress(done=True)
    assert (await arm.observe(target, {setting.facet})).value(setting) == value


async def test_two_changes_of_the_server_are_one_request(arm: AzureArm) -> None:
    change = to(PUBLIC_ACCESS, "Disabled")
    groups = arm.requests(
        PARTNERS, [change, to(Setting(SettingKind.AUTHENTICATION), {"passwordAuth": "Disabled"}), to(TLS, "on")]
    )
    assert [len(group) for group in groups] == [2, 1]


async def test_a_missing_permission_is_named_with_its_scope(arm: AzureArm, azure: Address) -> None:
    await fault(azure, method="PUT", path="firewallRules", status=403, code="AuthorizationFailed")
    with pytest.raises(Forbidden) as caught:
        await arm.write(PARTNERS, (to(GATEWAY, rule_value("192.0.2.1", "192.0.2.1")),), CORRELATION)
    assert caught.value.permission == "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/write"
    assert str(caught.value) == f"{caught.value.permission} is missing at {PARTNERS.id} (AuthorizationFailed)"


@pytest.mark.parametrize(
    ("rule", "error", "after_seconds"),
    [
        ({"status": 429, "retry_after_seconds": 17}, Throttled, 17),
        ({"status": 409, "code": "ServerIsBusy"}, Busy, 10),
        ({"status": 500}, Unreachable, 5),
        ({"status": 503}, Unreachable, 5),
        ({"drop": "before", "times": 2}, Unreachable, 2),
        ({"drop": "after", "times": 2}, Unreachable, 2),
    ],
    ids=str,
)
async def test_what_passes_says_when_to_come_back(
    arm: AzureArm, azure: Address, rule: dict[str, object], error: type[Busy], after_seconds: float
) -> None:
    await fault(azure, **{"method": "PUT", "times": 1, **rule})
    with pytest.raises(error) as caught:
        await arm.write(PAYMENTS, (to(TLS, "off"),), CORRELATION)
    assert caught.value.after_seconds == after_seconds


async def test_a_patch_whose_answer_was_lost_is_not_sent_again(arm: AzureArm, azure: Address) -> None:
    await fault(azure, method="PATCH", times=1, drop="after")
    with pytest.raises(Unreachable):
        await arm.write(PARTNERS, (to(PUBLIC_ACCESS, "Disabled"),), CORRELATION)
    assert (await arm.observe(PARTNERS, {SERVER})).value(PUBLIC_ACCESS) == "Disabled"
    assert [call["method"] for call in await calls(azure)].count("PATCH") == 1


async def test_a_put_on_a_connection_that_had_died_is_sent_again_by_the_transport(
    arm: AzureArm, azure: Address
) -> None:
    await arm.observe(PAYMENTS, {TLS.facet})
    await fault(azure, method="PUT", times=1, drop="before")
    await arm.write(PAYMENTS, (to(TLS, "off"),), CORRELATION)
    assert (await arm.observe(PAYMENTS, {TLS.facet})).value(TLS) == "off"


async def test_an_operation_that_fails_says_why(arm: AzureArm, azure: Address) -> None:
    await fault(azure, method="PUT", operation_failed={"code": "NoLuck", "message": "try something else"})
    accepted = await arm.write(PAYMENTS, (to(TLS, "off"),), CORRELATION)
    assert (await arm.progress(accepted.operation)).error == "NoLuck: try something else"


async def test_a_rule_of_a_closed_server_is_frozen(arm: AzureArm) -> None:
    with pytest.raises(Frozen, match="without public access"):
        await arm.write(PAYMENTS, (to(GATEWAY, rule_value("192.0.2.1", "192.0.2.1")),), CORRELATION)


async def test_a_value_azure_refuses_is_rejected_with_its_code(arm: AzureArm) -> None:
    with pytest.raises(Rejected) as caught:
        await arm.write(PAYMENTS, (to(TLS, "perhaps"),), CORRELATION)
    assert caught.value.code


async def test_our_token_goes_to_no_other_host(client: ArmClient) -> None:
    with pytest.raises(Rejected, match="not followed"):
        await client.follow("https://evil.example/steal", Call("GET", "", "", "", ""))


async def test_it_knows_itself_by_its_token(arm: AzureArm, azure: Address) -> None:
    assert azure.principals["holdfast"]["object_id"] in await arm.own_identity()


async def test_it_finds_every_server_of_the_fleet(arm: AzureArm) -> None:
    names = [target.name async for target in arm.servers()]
    assert sorted(names) == [
        "pg-analytics", "pg-archive", "pg-crm-staging", "pg-ledger",
        "pg-partners", "pg-payments", "pg-reporting", "pg-risk",
    ]  # fmt: skip


async def test_reads_and_writes_cost_one_call_each(arm: AzureArm, azure: Address) -> None:
    await arm.observe(PARTNERS, {SERVER, FIREWALL_RULES})
    await arm.write(PARTNERS, (to(GATEWAY, None),), CORRELATION)
    assert sorted(call["method"] for call in await calls(azure)) == ["DELETE", "GET", "GET"]


async def test_our_correlation_id_travels_with_the_write(arm: AzureArm, azure: Address) -> None:
    await arm.write(PAYMENTS, (to(TLS, "off"),), CORRELATION)
    assert [call["correlationId"] for call in await calls(azure) if call["method"] == "PUT"] == [CORRELATION]
