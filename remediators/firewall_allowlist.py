"""firewall-rule-allowlist: the firewall rules are the approved ones.

Why      Each address that may connect is a decision somebody made; a rule nobody approved is not.
Fix      Put a changed rule back, delete a rule that is neither approved by name nor inside an allowed range, and
         propose a required rule that is missing (writing it lets somebody in, so a person approves).
Refuses  Not applicable without a list in the policy, inside a virtual network, and while public access is off.
Undo     Write the rule as it was.
"""

import ipaddress
from functools import lru_cache
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.control import Control, Drift, Finding, NotApplicable, Parameters, Remediator, Severity
from shared.firewall import rules_in_force
from shared.references import Networks
from shared.state import FIREWALL_RULES, FirewallRule, Setting, SettingKind, State, rule_value
from shared.target import Kind


class ApprovedRule(BaseModel):
    """A firewall rule by name and addresses, both ends included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
    start: ipaddress.IPv4Address
    end: ipaddress.IPv4Address

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"the rule {self.name} ends ({self.end}) before it starts ({self.start})")
        return self


class Allowed(Parameters):
    """`allowed_ranges`: networks inside which any rule is fine. `approved_rules`: rules that may exist besides.
    `required_rules`: rules that must exist."""

    allowed_ranges: Networks = ()
    approved_rules: tuple[ApprovedRule, ...] = ()
    required_rules: tuple[ApprovedRule, ...] = ()


CONTROL = Control(
    id="firewall-rule-allowlist",
    title="Firewall rules equal the approved set",
    domain="Network Security / IP Firewall Rules",
    severity=Severity.HIGH,
    facets=(FIREWALL_RULES,),
    operations=frozenset({"firewallrules/write", "firewallrules/delete"}),
    permissions=frozenset({"firewallRules/write", "firewallRules/delete"}),
    kinds=frozenset(Kind),
    parameters=Allowed,
)


def detect(state: State, allowed: Allowed) -> Finding:
    """Find rules that nobody approved, and required rules that are missing."""
    if not (allowed.allowed_ranges or allowed.approved_rules or allowed.required_rules):
        return NotApplicable("the policy names neither allowed ranges nor approved rules")
    rules = rules_in_force(state)
    if isinstance(rules, NotApplicable):
        return rules
    strangers = tuple(_stranger(rule, allowed) for rule in rules if not _approved(rule, allowed))
    present = {rule.name.lower() for rule in rules}
    missing = tuple(
        Drift(
            CONTROL.id,
            Setting(SettingKind.FIREWALL_RULE, rule.name),
            None,
            rule_value(str(rule.start), str(rule.end)),
            "a rule that the policy requires is missing",
        )
        for rule in allowed.required_rules
        if rule.name.lower() not in present
    )
    return strangers + missing


def _stranger(rule: FirewallRule, allowed: Allowed) -> Drift:
    required = _required(rule, allowed)
    ranges = ", ".join(map(str, allowed.allowed_ranges)) or "none"
    return Drift(
        CONTROL.id,
        Setting(SettingKind.FIREWALL_RULE, rule.name),
        rule_value(rule.start, rule.end),
        rule_value(str(required.start), str(required.end)) if required else None,
        "the policy requires this rule with other addresses"
        if required
        else f"the rule is not approved (allowed ranges: {ranges})",
    )


def _required(rule: FirewallRule, allowed: Allowed) -> ApprovedRule | None:
    return next((required for required in allowed.required_rules if required.name.lower() == rule.name.lower()), None)


def _approved(rule: FirewallRule, allowed: Allowed) -> bool:
    named = (*allowed.approved_rules, *allowed.required_rules)
    if any(_same(rule, approved) for approved in named):
        return True
    if _required(rule, allowed):
        return False
    return any(first <= rule.first and rule.last <= last for first, last in _bounds(allowed.allowed_ranges))


@lru_cache(maxsize=64)
def _bounds(ranges: tuple[ipaddress.IPv4Network, ...]) -> tuple[tuple[int, int], ...]:
    """First and last address of each range; neighbours are merged, so that a rule may lie across them."""
    merged = ipaddress.collapse_addresses(ranges)
    return tuple((int(network.network_address), int(network.broadcast_address)) for network in merged)


def _same(rule: FirewallRule, approved: ApprovedRule) -> bool:
    return (rule.name.lower(), rule.first, rule.last) == (
        approved.name.lower(),
        int(approved.start),
        int(approved.end),
    )


REMEDIATORS = (Remediator(CONTROL, detect),)
