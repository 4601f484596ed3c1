"""private-dns-zone, private-endpoint-nsg-policies, nsg-deny-internet-to-postgres: the network nearby.

Why      A name that resolves elsewhere sends passwords there; a subnet without rules lets everybody next door in.
Fix      Put the zone group back as it was, else make one for the policy's zone; switch network policies on; delete the
         rule that lets the internet reach PostgreSQL's ports. Each can cut somebody off, so a person approves.
Refuses  Without a zone in the policy, and where the policy's network security group is to be attached, a person acts.
         Rules that let addresses of the virtual network in are never touched.
Undo     Write the zone group, the subnet or the rule as it was.
"""

import json
from collections.abc import Iterator, Mapping

from shared.condition import elements_of, objects_of
from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Remediator,
    Revert,
    Risk,
    Severity,
)
from shared.references import ResourceId
from shared.state import Facet, FacetKind, Setting, State
from shared.target import Kind

type Texts = Mapping[str, str]

_LEAKS = "Network Security / Data Exfiltration Prevention & Data Loss Prevention"
_ZONES = {Kind.CITUS: "privatelink.postgres.cosmos.azure.com"}
_ZONE = "privatelink.postgres.database.azure.com"
_POLICIES = ("Enabled", "NetworkSecurityGroupEnabled")
_ANYWHERE = {"*", "0.0.0.0/0", "internet", "any"}
_PORTS = (5432, 6432)
_GROUPS, _SUBNETS, _RULES, _ENDPOINTS = (
    Facet(FacetKind.DNS_ZONE_GROUPS),
    Facet(FacetKind.SUBNETS),
    Facet(FacetKind.NETWORK_RULES),
    Facet(FacetKind.ENDPOINTS),
)


class Zone(Parameters):
    """`zone_id`: the private DNS zone of the private endpoints (ARM id); without one, any of the right name."""

    zone_id: ResourceId | None = None


class Network(Parameters):
    """`network_security_group`: the one that guards the subnets of private endpoints (ARM id); else any."""

    network_security_group: ResourceId | None = None


def _control(
    name: str,
    title: str,
    domain: str,
    severity: Severity,
    facets: tuple[Facet, ...],
    kind: str,
    given: type[Parameters] = Parameters,
) -> Control:
    # A subnet is never deleted: it is written to switch its policies on.
    verbs = ("write",) if facets[-1] == _SUBNETS else ("write", "delete")
    writes = frozenset(f"Microsoft.Network/{kind}/{verb}" for verb in verbs)
    return Control(
        id=name,
        title=title,
        domain=domain,
        severity=severity,
        facets=facets,
        operations=frozenset(map(str.lower, writes)),
        permissions=writes,
        fresh=Disposition.APPROVAL,
        first_sight=Disposition.APPROVAL,
        revert=Revert.RISKY,
        risk=Risk.MAY_CUT_CLIENTS,
        kinds=frozenset(Kind),
        parameters=given,
        optional=True,
    )


DNS = _control(
    "private-dns-zone",
    "Private DNS zone / zone group of the endpoint equals the approved one",
    "Network Security / Endpoint Localisation",
    Severity.MEDIUM,
    (_ENDPOINTS, _GROUPS),
    "privateEndpoints/privateDnsZoneGroups",
    Zone,
)
POLICIES = _control(
    "private-endpoint-nsg-policies",
    "Network policies (NSG/UDR) are enabled on the private endpoint subnet and an NSG is attached",
    _LEAKS,
    Severity.MEDIUM,
    (_ENDPOINTS, _SUBNETS),
    "virtualNetworks/subnets",
    Network,
)
INTERNET = _control(
    "nsg-deny-internet-to-postgres",
    "The NSG of the server subnet has no rule that lets the Internet reach port 5432",
    _LEAKS,
    Severity.HIGH,
    (_RULES,),
    "networkSecurityGroups/securityRules",
)


def detect_zones(state: State, given: Zone) -> Finding:
    """Find private endpoints whose name is not kept in the right zone."""
    endpoints, groups = state.children.get(FacetKind.ENDPOINTS), state.children.get(FacetKind.DNS_ZONE_GROUPS)
    if endpoints is None or groups is None:
        return NotApplicable("the private endpoints were not read")
    if not endpoints:
        return NotApplicable("the server has no private endpoint")
    return tuple(drift for endpoint in endpoints for drift in _zone(state, groups, endpoint, given))


def _zone(state: State, groups: Mapping[str, Texts], endpoint: str, given: Zone) -> Iterator[Drift]:
    kind = state.target.kind
    if any(_inside(name, endpoint) and _right_zone(group, kind, given) for name, group in groups.items()):
        return
    why = "the endpoint's name is not kept in the private zone"
    for setting, value in state.remembered(FacetKind.DNS_ZONE_GROUPS):
        group = setting.neighbour[1]
        if _inside(group, endpoint) and _right_zone(value, kind, given):
            yield Drift(DNS.id, setting, groups.get(group), value, why)
            return
    name = f"{endpoint}/privateDnsZoneGroups/default"
    made = None
    if given.zone_id is not None:
        config = {"name": "postgres", "properties": {"privateDnsZoneId": given.zone_id}}
        made = {"privateDnsZoneConfigs": json.dumps([config], sort_keys=True)}
    person = "" if made else "name the zone in the policy: parameters.zone_id"
    yield Drift(DNS.id, Setting.outside(FacetKind.DNS_ZONE_GROUPS, name), groups.get(name), made, why, person=person)


def _right_zone(group: Texts, kind: Kind, given: Zone) -> bool:
    for one in objects_of(group.get("privateDnsZoneConfigs")):
        inner = one.get("properties")
        zone = str(inner.get("privateDnsZoneId", "")).lower() if isinstance(inner, dict) else ""
        if zone and (zone == given.zone_id.lower() if given.zone_id else zone.endswith(f"/{_ZONES.get(kind, _ZONE)}")):
            return True
    return False


def detect_policies(state: State, given: Network) -> Finding:
    """Find subnets of private endpoints that no network security group guards."""
    endpoints, subnets = state.children.get(FacetKind.ENDPOINTS), state.children.get(FacetKind.SUBNETS)
    if endpoints is None or subnets is None:
        return NotApplicable("the subnets were not read")
    used = {one.get("subnet.id", "").lower() for one in endpoints.values()}
    ours = {name: texts for name, texts in subnets.items() if name.lower() in used}
    if not ours:
        return NotApplicable("the server has no private endpoint")
    return tuple(drift for name, texts in ours.items() for drift in _unguarded(name, texts, given))


def _unguarded(subnet: str, texts: Texts, given: Network) -> Iterator[Drift]:
    policies, group = texts.get("privateEndpointNetworkPolicies"), texts.get("networkSecurityGroup.id", "")
    if policies not in _POLICIES:
        setting = Setting.outside(FacetKind.SUBNETS, subnet, "privateEndpointNetworkPolicies")
        yield Drift(POLICIES.id, setting, policies, "Enabled", "no network rule counts for the private endpoint")
    wanted = given.network_security_group or group
    if not group or group.lower() != wanted.lower():
        setting = Setting.outside(FacetKind.SUBNETS, subnet, "networkSecurityGroup.id")
        person = f"attach {given.network_security_group or 'a network security group'} to the subnet"
        wanted = given.network_security_group or "a network security group"
        why = "the wrong rules guard the private endpoint, or none"
        yield Drift(POLICIES.id, setting, group or None, wanted, why, person=person)


def detect_internet(state: State, _: Parameters) -> Finding:
    """Find rules that let the internet reach PostgreSQL."""
    rules = state.children.get(FacetKind.NETWORK_RULES)
    if rules is None:
        return NotApplicable("the network rules were not read")
    if not rules:
        return NotApplicable("no rule of a network security group is about this server")
    return tuple(
        Drift(
            INTERNET.id,
            Setting.outside(FacetKind.NETWORK_RULES, name),
            rule,
            None,
            "the rule lets the internet reach PostgreSQL's ports",
        )
        for name, rule in rules.items()
        if _lets_in(rule)
    )


def _lets_in(rule: Texts) -> bool:
    sources = {
        str(one).lower() for one in (rule.get("sourceAddressPrefix"), *elements_of(rule.get("sourceAddressPrefixes")))
    }
    ranges = [rule.get("destinationPortRange"), *elements_of(rule.get("destinationPortRanges"))]
    return (
        rule.get("direction") == "Inbound"
        and rule.get("access") == "Allow"
        and rule.get("protocol", "*").lower() in ("tcp", "*")
        and bool(sources & _ANYWHERE)
        and any(_has_port(str(one)) for one in ranges if one)
    )


def _has_port(text: str) -> bool:
    first, _, last = text.partition("-")
    if text == "*":
        return True
    if not first.isdecimal() or (last and not last.isdecimal()):
        return False
    return any(int(first) <= port <= int(last or first) for port in _PORTS)


def _inside(name: str, endpoint: str) -> bool:
    return name.lower().startswith(f"{endpoint.lower()}/")


REMEDIATORS = (
    Remediator(DNS, detect_zones),
    Remediator(POLICIES, detect_policies),
    Remediator(INTERNET, detect_internet),
)
