"""firewall-no-azure-services, firewall-no-any-any: no rule opens the server to everybody.

Why      `0.0.0.0-0.0.0.0` admits all of Azure, other customers included; `0.0.0.0-255.255.255.255`, or any range of
         more than 2^24 addresses, admits the internet.
Fix      Put the rule back to its last good range; a rule that did not exist is deleted. Rules are matched by their
         addresses, never by name.
Refuses  Not applicable inside a virtual network, and while public access is off (rules are then frozen).
Undo     Write the rule as it was.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from shared.control import Control, Drift, Finding, NotApplicable, Parameters, Remediator, Severity
from shared.firewall import rules_in_force
from shared.state import FIREWALL_RULES, FirewallRule, Setting, SettingKind, State, rule_value
from shared.target import Kind

_TOO_MANY = 2**24


class _Opening(NamedTuple):
    id: str
    title: str
    severity: Severity
    matches: Callable[[FirewallRule], bool]
    why: str


_OPENINGS = (
    _Opening(
        "firewall-no-azure-services",
        '"Allow access to Azure services" is off (no 0.0.0.0-0.0.0.0 rule)',
        Severity.HIGH,
        lambda rule: rule.azure_services,
        "the rule admits every Azure customer, not only you",
    ),
    _Opening(
        "firewall-no-any-any",
        "No firewall rule opens the server to the whole Internet (0.0.0.0-255.255.255.255)",
        Severity.CRITICAL,
        lambda rule: rule.size > _TOO_MANY,
        "the rule admits the internet",
    ),
)


def _detect(opening: _Opening, state: State, _: Parameters) -> Finding:
    rules = rules_in_force(state)
    if isinstance(rules, NotApplicable):
        return rules
    return tuple(
        Drift(
            opening.id,
            Setting(SettingKind.FIREWALL_RULE, rule.name),
            rule_value(rule.start, rule.end),
            None,
            opening.why,
        )
        for rule in rules
        if opening.matches(rule)
    )


def _remediator(opening: _Opening) -> Remediator:
    control = Control(
        id=opening.id,
        title=opening.title,
        domain="Network Security / IP Firewall Rules",
        severity=opening.severity,
        facets=(FIREWALL_RULES,),
        operations=frozenset({"firewallrules/write"}),
        permissions=frozenset({"firewallRules/write", "firewallRules/delete"}),
        kinds=frozenset(Kind),
    )
    return Remediator(control, partial(_detect, opening))


REMEDIATORS = tuple(map(_remediator, _OPENINGS))
