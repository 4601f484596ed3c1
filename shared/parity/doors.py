"""How a copy is reached: public access, firewall rules, virtual network rules, private endpoints.

A copy is never made easier to reach than its original, and its public endpoint is never opened for the sake of parity.
"""

from collections.abc import Iterator, Mapping

from shared.control import Drift
from shared.parity.pair import Pair
from shared.state import WORKERS, FacetKind, FirewallRule, Server, Setting, SettingKind, rule_value

_PUBLIC = Setting(SettingKind.PUBLIC_ACCESS)
_LETS_IN = "it lets in who is not let in there"
_SUBNET = "virtualNetworkSubnetId"


def firewall(pair: Pair) -> Iterator[Drift]:
    """Rules that the copy lacks, that are others, and that only it has; none are in force behind a closed door."""
    ours, theirs = pair.copy.firewall_rules, pair.original.firewall_rules
    if ours is None or theirs is None or _shut(pair.copy.server) or _shut(pair.original.server):
        return
    here = {rule.name: rule for rule in ours}
    ranges = {(rule.start, rule.end) for rule in ours}
    for rule in theirs:
        found = here.get(rule.name)
        if found is None and (rule.start, rule.end) in ranges:
            continue
        if found is None or (found.start, found.end) != (rule.start, rule.end):
            setting = Setting(SettingKind.FIREWALL_RULE, rule.name)
            why = f"{pair.source} {'has' if found is None else 'has another range in'} this firewall rule"
            yield pair.differs(setting, _value(found) if found else None, _value(rule), why)
    names = {rule.name for rule in theirs}
    for rule in ours:
        if rule.name not in names and not any(_inside(rule, other) for other in theirs):
            setting = Setting(SettingKind.FIREWALL_RULE, rule.name)
            yield from pair.only_here(setting, _value(rule), "firewall rule", _LETS_IN)


def virtual_network_rules(pair: Pair) -> Iterator[Drift]:
    """The rules of single servers that let subnets in."""
    theirs = pair.original.children.get(FacetKind.VIRTUAL_NETWORK_RULES, {})
    ours = pair.copy.children.get(FacetKind.VIRTUAL_NETWORK_RULES)
    if ours is None:
        if theirs and not pair.alike:
            setting = Setting(SettingKind.PRIVATE_ENDPOINT, "virtual-network-rules")
            subnets = ", ".join(sorted(one.get(_SUBNET, name) for name, one in theirs.items()))
            why = f"{pair.source} lets subnets in by virtual network rules, which {pair.kind} does not have"
            yield pair.by_hand(
                setting, None, "a way in", why, f"give it a private endpoint that is reached from {subnets}"
            )
        return
    subnets_here = {one.get(_SUBNET, "").lower() for one in ours.values()}
    for name, value in theirs.items():
        setting, found = Setting(SettingKind.VIRTUAL_NETWORK_RULE, name), ours.get(name)
        subnet = value.get(_SUBNET, "").lower()
        if subnet in subnets_here and (found is None or found.get(_SUBNET, "").lower() == subnet):
            continue
        why = f"{pair.source} has this virtual network rule"
        if pair.apart:
            person = "a rule admits subnets of the server's own region only: make one for a subnet there"
            yield pair.by_hand(setting, found, value, why, person)
        else:
            yield pair.differs(setting, found, value, why)
    there = {one.get(_SUBNET, "").lower() for one in theirs.values()}
    for name, value in ours.items():
        if name not in theirs and value.get(_SUBNET, "").lower() not in there:
            setting = Setting(SettingKind.VIRTUAL_NETWORK_RULE, name)
            yield from pair.only_here(setting, value, "virtual network rule", _LETS_IN)


def public_access(pair: Pair) -> Iterator[Drift]:
    """A copy is closed where its original is; it is never opened."""
    if pair.servers is None:
        return
    copy, original = pair.servers
    if copy.virtual_network or original.virtual_network:
        if copy.virtual_network is not original.virtual_network:
            found, wanted = (
                "in a virtual network" if one.virtual_network else "not in a virtual network" for one in pair.servers
            )
            person = "the network mode is chosen when a server is created: make the copy anew if it has to be so"
            setting = Setting(SettingKind.PROPERTY, "network.delegatedSubnetResourceId")
            yield pair.by_hand(setting, found, wanted, "the network mode differs", person)
        return
    yield from _door(pair, _PUBLIC, copy.public_access, original.public_access)
    if copy.worker_access is not None:
        theirs = original.worker_access if original.worker_access is not None else original.public_access
        yield from _door(pair, Setting(SettingKind.PUBLIC_ACCESS, WORKERS), copy.worker_access, theirs)


def private_endpoints(pair: Pair) -> Iterator[Drift]:
    """A private endpoint belongs to one server; the copy needs its own."""
    theirs = _approved(pair.original.children.get(FacetKind.PRIVATE_ENDPOINTS, {}))
    ours = pair.copy.children.get(FacetKind.PRIVATE_ENDPOINTS)
    if ours is None or not theirs or _approved(ours):
        return
    count = f"{len(theirs)} private endpoint{'s' * (len(theirs) != 1)}"
    why = f"{pair.source} is reached through {count}, the copy through none"
    person = (
        f"a connection cannot be copied: give {pair.copy.target.name} one of its own (`az network private-endpoint"
        " create`), in a subnet that its clients reach, with a DNS zone group"
    )
    yield pair.by_hand(Setting(SettingKind.PRIVATE_ENDPOINT, theirs[0]), None, "an endpoint of its own", why, person)


def _door(pair: Pair, setting: Setting, ours: bool | None, theirs: bool | None) -> Iterator[Drift]:
    if ours is None or theirs is None or ours is theirs:
        return
    if ours:
        yield pair.differs(setting, "Enabled", "Disabled", f"{pair.source} has no public endpoint")
        return
    person = "firewall rules are not copied to a closed server; open it by hand if it has to be reached like its source"
    # Another name than that of the switch: who closes it has done what was to be done.
    told = Setting(SettingKind.PROPERTY, str(setting))
    yield pair.by_hand(told, "Disabled", "Enabled", f"{pair.source} has a public endpoint, the copy none", person)


def _shut(server: Server | None) -> bool:
    return server is None or server.closed or server.virtual_network


def _value(rule: FirewallRule) -> dict[str, str]:
    return rule_value(rule.start, rule.end)


def _inside(rule: FirewallRule, other: FirewallRule) -> bool:
    if rule.azure_services or other.azure_services:
        return rule.azure_services and other.azure_services
    return other.first <= rule.first and rule.last <= other.last


def _approved(connections: Mapping[str, Mapping[str, str]]) -> list[str]:
    status = "privateLinkServiceConnectionState.status"
    return sorted(name for name, one in connections.items() if one.get(status, "").lower() == "approved")
