"""firewall-public-ip-range-size: few public addresses may connect.

Why      The sum of all public addresses that the rules admit is the size of the door; ten is a generous door.
Fix      Put back the rules that changed since the sum was last within the limit. By default a person approves.
Refuses  When no rule changed since, a person has to choose which rule to narrow. Not applicable inside a virtual
         network, and while public access is off.
Undo     Write the rules as they were.
"""

from typing import Annotated

from pydantic import Field

from shared.control import (
    Case,
    Change,
    Control,
    Disposition,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Proposal,
    Refusal,
    Remediator,
    Revert,
    Severity,
    Source,
)
from shared.firewall import public_addresses, rules_in_force
from shared.state import FIREWALL_RULES, FirewallRule, Setting, SettingKind, State
from shared.target import Kind


class Limit(Parameters):
    """`maximum`: how many public addresses all rules together may admit."""

    maximum: Annotated[int, Field(ge=0, le=2**32)] = 10


CONTROL = Control(
    id="firewall-public-ip-range-size",
    title="Sum of public IP addresses allowed stays at or below the limit (10)",
    domain="Network Security / IP Firewall Rules",
    severity=Severity.MEDIUM,
    facets=(FIREWALL_RULES,),
    operations=frozenset({"firewallrules/write"}),
    permissions=frozenset({"firewallRules/write", "firewallRules/delete"}),
    kinds=frozenset(Kind),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.NOTIFY,
    revert=Revert.RISKY,
    parameters=Limit,
)


def detect(state: State, limit: Limit) -> Finding:
    """Find a sum of public addresses above the limit."""
    rules = rules_in_force(state)
    if isinstance(rules, NotApplicable):
        return rules
    public = [rule for rule in rules if public_addresses(rule) > 0]
    total = sum(map(public_addresses, public))
    if total <= limit.maximum:
        return ()
    return (
        Drift(
            CONTROL.id,
            Setting(SettingKind.FIREWALL_RULE),
            f"{total} public addresses",
            f"at most {limit.maximum}",
            "more public addresses may connect than the policy allows",
            parts=tuple(map(_setting, public)),
        ),
    )


def plan(case: Case) -> Proposal:
    """Propose the last good value of every rule that changed since."""
    changes = tuple(
        Change(setting, found, case.last_good.value(setting), Source.LAST_GOOD)
        for setting in case.drifts[0].parts
        if case.last_good.changed_since(setting, found := case.state.value(setting))
    )
    return changes or Refusal("no rule changed since Holdfast first saw this server: choose which rule to narrow")


def _setting(rule: FirewallRule) -> Setting:
    return Setting(SettingKind.FIREWALL_RULE, rule.name)


REMEDIATORS = (Remediator(CONTROL, detect, plan),)
