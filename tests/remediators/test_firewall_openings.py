"""firewall-no-azure-services, firewall-no-any-any: judged by addresses, never by name; exact at the border."""

import pytest

from shared.control import Drift, Finding, NotApplicable
from shared.plan import Judge
from shared.policy import Policy
from shared.state import FirewallRule, Setting, SettingKind, State, rule_value
from tests.builders import CATALOGUE, a_rule, a_server, a_state, a_target

AZURE, ANY = "firewall-no-azure-services", "firewall-no-any-any"
BOTH = pytest.mark.parametrize("control", [AZURE, ANY])
AZURE_ONLY = "AllowAllAzureServicesAndResourcesWithinAzureIps_2026-3-1"


def finding(control: str, state: State) -> Finding:
    remediator = CATALOGUE[control]
    return Judge(remediator, Policy().general_rule(remediator.control)).find(state)


def names(control: str, *rules: FirewallRule) -> list[str]:
    """The rules that the control objects to, on a public server."""
    found = finding(control, a_state(server=a_server(public_access=True), firewall_rules=rules))
    assert isinstance(found, tuple)
    return [drift.setting.name for drift in found]


@pytest.mark.parametrize(
    ("control", "end", "why"),
    [
        (AZURE, "0.0.0.0", "the rule admits every Azure customer, not only you"),
        (ANY, "255.255.255.255", "the rule admits the internet"),
    ],
)
def test_an_opening_is_a_drift_that_wants_the_rule_gone(control: str, end: str, why: str) -> None:
    state = a_state(server=a_server(public_access=True), firewall_rules=(a_rule("x", "0.0.0.0", end),))
    setting = Setting(SettingKind.FIREWALL_RULE, "x")
    assert finding(control, state) == (Drift(control, setting, rule_value("0.0.0.0", end), None, why),)


@pytest.mark.parametrize("name", [AZURE_ONLY, "office", "a"])
def test_azure_services_are_recognised_by_their_addresses(name: str) -> None:
    assert names(AZURE, a_rule(name, "0.0.0.0")) == [name]


@pytest.mark.parametrize(
    ("start", "end"), [("203.0.113.7", "203.0.113.7"), ("0.0.0.0", "0.0.0.1"), ("0.0.0.1", "0.0.0.1")]
)
def test_a_rule_with_the_name_of_azure_services_but_other_addresses_is_none(start: str, end: str) -> None:
    assert names(AZURE, a_rule(AZURE_ONLY, start, end)) == []


@pytest.mark.parametrize(
    ("start", "end", "open_"),
    [
        ("0.0.0.0", "255.255.255.255", True),
        ("0.0.0.1", "255.255.255.254", True),
        ("1.0.0.0", "2.0.0.0", True),
        ("1.0.0.0", "1.255.255.255", False),
        ("203.0.113.0", "203.0.113.255", False),
        ("0.0.0.0", "0.0.0.0", False),
        ("255.255.255.255", "0.0.0.0", False),
    ],
    ids=str,
)
def test_more_than_two_to_the_24_addresses_are_the_internet(start: str, end: str, open_: bool) -> None:
    assert names(ANY, a_rule("x", start, end)) == (["x"] if open_ else [])


def test_every_opening_is_found_and_its_neighbours_are_not() -> None:
    rules = (a_rule("a", "0.0.0.0", "255.255.255.255"), a_rule("b"), a_rule("c", "1.0.0.0", "9.0.0.0"))
    assert names(ANY, *rules) == ["a", "c"]


@BOTH
def test_no_rules_are_good(control: str) -> None:
    assert names(control) == []
    assert finding(control, State(a_target())) == ()


@BOTH
@pytest.mark.parametrize("public", [True, False, None])
def test_in_a_virtual_network_there_is_nothing_to_judge(control: str, public: bool | None) -> None:
    server = a_server(public_access=public, virtual_network=True)
    finding_ = finding(control, a_state(server=server, firewall_rules=(a_rule("x", "0.0.0.0"),)))
    assert finding_ == NotApplicable("the server is inside a virtual network and has no firewall rules")


@BOTH
def test_while_public_access_is_off_rules_are_frozen(control: str) -> None:
    state = a_state(server=a_server(public_access=False), firewall_rules=(a_rule("x", "0.0.0.0"),))
    assert finding(control, state) == NotApplicable(
        "public access is off: firewall rules are neither enforced nor changeable"
    )


@pytest.mark.parametrize("server", [None, a_server(public_access=None)])
def test_rules_count_where_the_server_was_not_read_or_does_not_say(server: object) -> None:
    found = finding(AZURE, a_state(server=server, firewall_rules=(a_rule("x", "0.0.0.0"),)))
    assert isinstance(found, tuple)
    assert len(found) == 1
