"""respond-block-address: no firewall rule lets the attacking address in.

Why      An address from which passwords are guessed, or an attacker has signed in, has no business on the server.
Fix      Each rule that lets it in is narrowed: the address is cut out, and what is left of the range stays open, in a
         second rule where the address lay in the middle. A rule for that address alone is deleted. No other rule is
         touched, and no address comes in that did not before.
Refuses  An address inside a network that the policy allows: whether it is an attacker there, a person finds out.
         IPv6 and private addresses, about which no firewall rule says anything, and the rule 0.0.0.0, which lets all
         of Azure in: what it stands for is not one address.
Undo     The rules as they were; what was split is one rule again.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address

from shared.control import (
    Case,
    Change,
    Control,
    Drift,
    Finding,
    NotApplicable,
    Proposal,
    Refusal,
    Remediator,
    Risk,
    Severity,
    Source,
)
from shared.firewall import rules_in_force
from shared.responses.reach import admits, blocked, is_public, spared
from shared.responses.response import DOMAIN, Brief, Response
from shared.state import FIREWALL_RULES, SERVER, FirewallRule, Setting, SettingKind, State, rule_value
from shared.target import Kind

CONTROL = Control(
    id="respond-block-address",
    title="No firewall rule lets the attacking address in",
    domain=DOMAIN,
    severity=Severity.HIGH,
    facets=(SERVER, FIREWALL_RULES),
    operations=frozenset({"write", "firewallrules/write"}),
    permissions=frozenset({"firewallRules/write", "firewallRules/delete"}),
    risk=Risk.MAY_CUT_CLIENTS,
    kinds=frozenset(Kind),
)
_LONGEST_NAME = 100


def detect(state: State, brief: Brief) -> Finding:
    """Find the rules that let an attacking address in."""
    rules = rules_in_force(state)
    if isinstance(rules, NotApplicable):
        return rules
    return tuple(drift for rule in rules for drift in _judged(rule, brief))


def plan(case: Case) -> Proposal:
    """Cut the addresses out of each rule; of what is left, the largest part keeps the rule's name."""
    attackers, changes = blocked(case.parameters), list[Change]()
    taken = {rule.name for rule in case.state.firewall_rules or ()}
    for rule in case.state.firewall_rules or ():
        if any(drift.setting.name == rule.name and not drift.person for drift in case.drifts):
            changes += _narrowed(rule, attackers, taken)
    return tuple(changes) if changes else Refusal(case.drifts[0].person)


def notes(state: State, brief: Brief) -> tuple[str, ...]:
    """What is not done about which address, and why."""
    return tuple(_notes(state, brief))


def _judged(rule: FirewallRule, brief: Brief) -> Iterator[Drift]:
    setting, found = Setting(SettingKind.FIREWALL_RULE, rule.name), rule_value(rule.start, rule.end)
    in_range = [one for one in blocked(brief) if admits(rule, one)]
    if in_range and not rule.azure_services:
        why = f"the rule lets {_listed(in_range)} in, from where the alert {brief.said} says that the attack comes"
        yield Drift(CONTROL.id, setting, found, _kept_range(rule, in_range), why)
    for address, network in spared(brief):
        if admits(rule, address) and not rule.azure_services and not in_range:
            why = f"the rule lets {address} in, from where the alert {brief.said} says that the attack comes"
            person = f"{address} lies in {network}, which the policy allows: find out who has it, and decide"
            yield Drift(CONTROL.id, setting, found, found, why, person=person)


def _notes(state: State, brief: Brief) -> Iterator[str]:
    if not brief.addresses:
        yield "the alert names no address"
    for text in brief.addresses:
        address = ipaddress.ip_address(text)
        if address.version == 6:
            yield f"{text} is an IPv6 address: firewall rules of this service are about IPv4 only"
        elif not is_public(text):
            yield f"{text} is private: it came through a virtual network or a private endpoint, past all firewall rules"
    yield from (f"{one} lies in {network}, which the policy allows" for one, network in spared(brief))
    if more := sum(attack.more for attack in brief.attacks):
        yield f"{more} more addresses were left alone: so many are no work for firewall rules"
    rules = rules_in_force(state)
    for rule in rules if not isinstance(rules, NotApplicable) else ():
        if rule.azure_services and blocked(brief):
            yield f"the rule {rule.name} lets all of Azure in, and the attacker with it where it is there"


def _narrowed(rule: FirewallRule, attackers: list[IPv4Address], taken: set[str]) -> Iterator[Change]:
    setting, found = Setting(SettingKind.FIREWALL_RULE, rule.name), rule_value(rule.start, rule.end)
    parts = _parts(rule, attackers)
    kept = _kept_range(rule, attackers)
    others = []
    for start, end in parts:
        value = rule_value(str(start), str(end))
        if value != kept:
            others.append(Change(_new(rule.name, taken), None, value, Source.ALERT))
    # What is left comes before the range is narrowed: nobody else is cut off in between.
    yield from others
    yield replace(Change(setting, found, kept, Source.ALERT), needs=tuple(one.setting for one in others))


def _new(name: str, taken: set[str]) -> Setting:
    number = 2
    while (new := f"{name[:_LONGEST_NAME]}-part{number}") in taken:
        number += 1
    taken.add(new)
    return Setting(SettingKind.FIREWALL_RULE, new)


def _kept_range(rule: FirewallRule, attackers: list[IPv4Address]) -> dict[str, str] | None:
    """The largest part of what is left."""
    parts = _parts(rule, attackers)
    if not parts:
        return None
    start, end = max(parts, key=lambda part: int(part[1]) - int(part[0]))
    return rule_value(str(start), str(end))


def _parts(rule: FirewallRule, attackers: list[IPv4Address]) -> list[tuple[IPv4Address, IPv4Address]]:
    """The range without the addresses."""
    parts, first = list[tuple[IPv4Address, IPv4Address]](), rule.first
    for address in sorted(one for one in attackers if admits(rule, one)):
        if first < int(address):
            parts.append((IPv4Address(first), IPv4Address(int(address) - 1)))
        first = int(address) + 1
    if first <= rule.last:
        parts.append((IPv4Address(first), IPv4Address(rule.last)))
    # A range that is the one address 0.0.0.0 would not be a range, but all of Azure.
    return [part for part in parts if int(part[1]) > 0]


def _listed(addresses: list[IPv4Address]) -> str:
    return ", ".join(map(str, addresses))


RESPONSE = Response(
    Remediator(CONTROL, detect, plan),
    does="cut the attacking address out of the firewall rules that let it in",
    undo="the rules as they were",
    idle="no firewall rule lets the address in",
    notes=notes,
)
