"""Which attacking addresses firewall rules are about, and whether an attack can come through them."""

import ipaddress
from ipaddress import IPv4Address, IPv4Network

from shared.control import NotApplicable
from shared.firewall import rules_in_force
from shared.responses.response import Brief
from shared.state import FirewallRule, State

# What no firewall rule is about. (`is_private` would count the networks for documentation among them.)
_NOT_PUBLIC = tuple(
    map(
        IPv4Network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "0.0.0.0/32"),
    )
)


def is_public(text: str) -> bool:
    """Whether a firewall rule can be about this address: it is IPv4, and comes from outside."""
    address = ipaddress.ip_address(text)
    return address.version == 4 and not any(address in network for network in _NOT_PUBLIC)


def public(brief: Brief) -> list[IPv4Address]:
    """The attacking addresses that firewall rules can be about."""
    return [IPv4Address(one) for one in brief.addresses if is_public(one)]


def spared(brief: Brief) -> list[tuple[IPv4Address, IPv4Network]]:
    """Those that lie in a network which the policy allows, with that network."""
    pairs = ((one, next((network for network in brief.allowed if one in network), None)) for one in public(brief))
    return [(one, network) for one, network in pairs if network is not None]


def blocked(brief: Brief) -> list[IPv4Address]:
    """Those that are to be kept out."""
    kept = {one for one, _ in spared(brief)}
    return [one for one in public(brief) if one not in kept]


def admits(rule: FirewallRule, address: IPv4Address) -> bool:
    """Whether the address lies in the rule's range."""
    return rule.first <= int(address) <= rule.last


def reachable(state: State, brief: Brief) -> bool:
    """Whether an attack can come through the public endpoint, as far as the firewall rules say.

    An alert that names no address may come from anywhere; the rule 0.0.0.0 lets in any address that is Azure's.
    """
    rules = rules_in_force(state)
    if isinstance(rules, NotApplicable) or not rules:
        return False
    addresses = public(brief)
    if not brief.addresses:
        return True
    return any(rule.azure_services or admits(rule, one) for rule in rules for one in addresses)
