"""Firewall rules, and that they are frozen while public access is off."""

import pytest

from tests.emulator.arm_client import CLOSED, INJECTED, OPEN, RULE, ArmClient


async def test_a_rule_is_made_changed_and_removed(dana: ArmClient) -> None:
    path = f"{OPEN}/firewallRules/home"
    assert (await dana.put(path, RULE)).body["operation"] == "UpsertServerFirewallRulesManagementOperation"
    assert (await dana.get(path)).properties == RULE["properties"]
    wide = {"properties": {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}}
    await dana.put(f"{OPEN}/FIREWALLRULES/HOME", wide)
    assert (await dana.get(path)).body["name"] == "home"
    assert (await dana.delete(path)).status == 202
    assert (await dana.delete(path)).status == 204


@pytest.mark.parametrize(
    ("server", "code"),
    [(CLOSED, "PublicNetworkAccessDisabled"), (INJECTED, "FirewallRulesNotSupportedOnPrivateAccess")],
)
async def test_rules_cannot_be_changed_without_public_access(dana: ArmClient, server: str, code: str) -> None:
    for answer in (
        await dana.put(f"{server}/firewallRules/home", RULE),
        await dana.delete(f"{server}/firewallRules/x"),
    ):
        assert (answer.status, answer.code) == (400, code)


async def test_rules_survive_closing_and_opening(dana: ArmClient) -> None:
    before = (await dana.get(f"{OPEN}/firewallRules")).body
    for access in ("Disabled", "Enabled"):
        await dana.patch(OPEN, {"properties": {"network": {"publicNetworkAccess": access}}})
        assert (await dana.get(f"{OPEN}/firewallRules")).body == before


@pytest.mark.parametrize(
    ("start", "end"), [("192.0.2.9", "192.0.2.1"), ("192.0.2", "192.0.2.1"), ("2001:db8::1", "2001:db8::2")]
)
async def test_addresses_must_make_sense(dana: ArmClient, start: str, end: str) -> None:
    body = {"properties": {"startIpAddress": start, "endIpAddress": end}}
    assert (await dana.put(f"{OPEN}/firewallRules/home", body)).code == "InvalidParameterValue"
