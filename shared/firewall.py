"""Words about firewall rules that several controls share: which rules are in force, and how public they are."""

import ipaddress

from shared.control import NotApplicable
from shared.state import FirewallRule, State

_PRIVATE = tuple(
    (int(network.network_address), int(network.broadcast_address))
    for network in map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
)


def rules_in_force(state: State) -> tuple[FirewallRule, ...] | NotApplicable:
    """The firewall rules, where the server has a firewall that counts.

    A server inside a virtual network has none. While public access is off Azure neither enforces nor changes rules
    (learn.microsoft.com, "Firewall rules in Azure Database for PostgreSQL").
    """
    server = state.server
    if server is not None and server.virtual_network:
        return NotApplicable("the server is inside a virtual network and has no firewall rules")
    if server is not None and server.closed:
        return NotApplicable("public access is off: firewall rules are neither enforced nor changeable")
    return state.firewall_rules or ()


def public_addresses(rule: FirewallRule) -> int:
    """How many addresses outside the private ranges of RFC 1918 the rule admits."""
    first, last = rule.first, rule.last
    private = sum(max(0, min(last, high) - max(first, low) + 1) for low, high in _PRIVATE)
    return rule.size - private
