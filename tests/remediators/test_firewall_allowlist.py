"""firewall-rule-allowlist: approved by name and addresses, or inside an allowed range; required ones are there."""

from typing import Any

import pytest
from pydantic import ValidationError

from remediators.firewall_allowlist import Allowed, detect
from shared.control import Drift, NotApplicable
from shared.state import FirewallRule, Setting, SettingKind, State, rule_value
from tests.builders import a_rule, a_server, a_state, a_target

OFFICE = {"name": "office", "start": "198.51.100.7", "end": "198.51.100.9"}
RANGE = {"allowed_ranges": ["203.0.113.0/28"]}


def drifts(*rules: FirewallRule, **allowed: Any) -> tuple[Drift, ...]:
    state = a_state(server=a_server(public_access=True), firewall_rules=rules)
    found = detect(state, Allowed.model_validate(allowed))
    assert isinstance(found, tuple)
    return found


def names(*rules: FirewallRule, **allowed: Any) -> list[str]:
    return [drift.setting.name for drift in drifts(*rules, **allowed)]


@pytest.mark.parametrize(
    ("start", "end", "good"),
    [
        ("203.0.113.0", "203.0.113.15", True),
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.0", "203.0.113.16", False),
        ("203.0.112.255", "203.0.113.15", False),
        ("198.51.100.7", "198.51.100.7", False),
        ("0.0.0.0", "255.255.255.255", False),
    ],
    ids=str,
)
def test_a_rule_inside_an_allowed_range_is_fine(start: str, end: str, good: bool) -> None:
    assert names(a_rule("x", start, end), **RANGE) == ([] if good else ["x"])


def test_a_rule_may_lie_across_neighbouring_ranges() -> None:
    across = a_rule("x", "203.0.113.0", "203.0.113.255")
    assert names(across, allowed_ranges=["203.0.113.128/25", "203.0.113.0/25"]) == []
    assert names(across, allowed_ranges=["203.0.113.0/25", "203.0.113.192/26"]) == ["x"]


def test_a_rule_nobody_approved_is_a_drift_that_wants_it_gone() -> None:
    assert drifts(a_rule("tmp", "198.51.100.7"), **RANGE) == (
        Drift(
            "firewall-rule-allowlist",
            Setting(SettingKind.FIREWALL_RULE, "tmp"),
            rule_value("198.51.100.7", "198.51.100.7"),
            None,
            "the rule is not approved (allowed ranges: 203.0.113.0/28)",
        ),
    )


@pytest.mark.parametrize("list_", ["approved_rules", "required_rules"])
@pytest.mark.parametrize("name", ["office", "Office", "OFFICE"])
def test_a_rule_is_approved_by_name_in_any_casing_and_addresses(list_: str, name: str) -> None:
    rule = a_rule(name, "198.51.100.7", "198.51.100.9")
    assert names(rule, **{list_: [OFFICE]}) == names(rule, **{list_: [OFFICE | {"name": "oFFice"}]}) == []


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("other", "198.51.100.7", "198.51.100.9"),
        ("office", "198.51.100.6", "198.51.100.9"),
        ("office", "198.51.100.7", "198.51.100.10"),
        ("office", "198.51.100.7", "198.51.100.8"),
    ],
)
def test_neither_the_name_nor_the_addresses_alone_approve_a_rule(name: str, start: str, end: str) -> None:
    (drift,) = drifts(a_rule(name, start, end), approved_rules=[OFFICE])
    assert drift.why == "the rule is not approved (allowed ranges: none)"


def test_a_rule_of_one_address_can_be_approved() -> None:
    home = {"name": "home", "start": "192.0.2.1", "end": "192.0.2.1"}
    assert names(a_rule("home", "192.0.2.1"), approved_rules=[home]) == []


def test_an_approved_rule_may_be_missing() -> None:
    assert names(approved_rules=[OFFICE]) == []


def test_a_required_rule_that_is_missing_is_a_drift_that_wants_it() -> None:
    assert drifts(required_rules=[OFFICE]) == (
        Drift(
            "firewall-rule-allowlist",
            Setting(SettingKind.FIREWALL_RULE, "office"),
            None,
            rule_value("198.51.100.7", "198.51.100.9"),
            "a rule that the policy requires is missing",
        ),
    )


def test_a_required_rule_with_other_addresses_wants_its_own_back() -> None:
    (drift,) = drifts(a_rule("Office", "198.51.100.7", "198.51.100.99"), required_rules=[OFFICE])
    assert drift.setting.name == "Office"
    assert drift.wanted == rule_value("198.51.100.7", "198.51.100.9")
    assert drift.why == "the policy requires this rule with other addresses"


def test_an_allowed_range_is_no_excuse_for_a_required_rule_with_other_addresses() -> None:
    assert names(a_rule("office", "203.0.113.1"), required_rules=[OFFICE], **RANGE) == ["office"]


def test_a_required_rule_may_not_be_replaced_by_a_rule_in_an_allowed_range() -> None:
    assert names(a_rule("x", "203.0.113.1"), required_rules=[OFFICE], **RANGE) == ["office"]


def test_strangers_and_missing_rules_are_found_together() -> None:
    assert names(a_rule("tmp", "192.0.2.1"), required_rules=[OFFICE], **RANGE) == ["tmp", "office"]


def test_without_any_list_the_control_says_nothing() -> None:
    finding = detect(a_state(server=a_server(public_access=True)), Allowed())
    assert finding == NotApplicable("the policy names neither allowed ranges nor approved rules")


@pytest.mark.parametrize("allowed", [RANGE, {"approved_rules": [OFFICE]}, {"required_rules": [OFFICE]}])
def test_any_list_makes_the_control_speak(allowed: dict[str, Any]) -> None:
    assert "app" in names(a_rule("app", "192.0.2.1"), **allowed)


@pytest.mark.parametrize("server", [a_server(public_access=True, virtual_network=True), a_server(public_access=False)])
def test_rules_that_are_not_in_force_are_not_judged(server: object) -> None:
    assert isinstance(detect(a_state(server=server), Allowed.model_validate(RANGE)), NotApplicable)


def test_rules_that_were_not_read_are_no_strangers() -> None:
    assert detect(State(a_target()), Allowed.model_validate(RANGE)) == ()


@pytest.mark.parametrize(
    "changes",
    [{"start": "198.51.100.10"}, {"name": "a b"}, {"name": "../x"}, {"name": ""}, {"start": "::1"}, {"who": "me"}],
    ids=str,
)
def test_a_rule_in_the_policy_that_azure_would_not_take_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Allowed.model_validate({"approved_rules": [OFFICE | changes]})


def test_a_rule_that_ends_before_it_starts_is_named() -> None:
    with pytest.raises(
        ValidationError, match=r"the rule office ends \(198.51.100.9\) before it starts \(198.51.100.10\)"
    ):
        Allowed.model_validate({"approved_rules": [OFFICE | {"start": "198.51.100.10"}]})
