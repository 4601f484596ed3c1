"""Microsoft.Network: security groups with their rules, virtual networks with their subnets.

Rules and subnets are resources of their own and members of what they belong to: a PUT of the whole replaces them.
"""

import functools

from emulator.arm.operations import Polls
from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import ArmError
from emulator.resources.around.forms import TABLE, Form
from emulator.resources.around.plain import Plain
from emulator.resources.settable import ITEMS, TEXT, Choice, Whole
from emulator.world import World

VERSIONS = ("2022-01-01", "2023-09-01", "2024-05-01", "2025-01-01")
POLLS = Polls("Microsoft.Network", "operations", "operationResults")
_GROUPS, _NETWORKS = "Microsoft.Network/networkSecurityGroups", "Microsoft.Network/virtualNetworks"
_RULES, _SUBNETS = f"{_GROUPS}/securityRules", f"{_NETWORKS}/subnets"
# name, priority, access, direction, source, destination
_DEFAULT_RULES = (
    ("AllowVnetInBound", 65000, "Allow", "Inbound", "VirtualNetwork", "VirtualNetwork"),
    ("AllowAzureLoadBalancerInBound", 65001, "Allow", "Inbound", "AzureLoadBalancer", "*"),
    ("DenyAllInBound", 65500, "Deny", "Inbound", "*", "*"),
    ("AllowVnetOutBound", 65000, "Allow", "Outbound", "VirtualNetwork", "VirtualNetwork"),
    ("AllowInternetOutBound", 65001, "Allow", "Outbound", "*", "Internet"),
    ("DenyAllOutBound", 65500, "Deny", "Outbound", "*", "*"),
)
_CONFLICT = "Security rule {} conflicts with rule {}. Rules cannot have the same Priority and Direction."


def _replace(word: str, form: Form, world: World, one: Resource) -> None:
    """Make the members that a PUT of the whole lists resources, and remove those that it does not list."""
    given = one.properties.pop(word, None)
    if given is None:
        return
    store = world.store
    for old in store.children(one.id, f"{one.type}/{word}"):
        store.remove(old.id)
    for sent in given:
        store.put(Resource(f"{one.id}/{word}/{sent.get('name')}", f"{one.type}/{word}", form.put(sent)))


def _provisioned(_: World, __: Resource) -> Body:
    return {"provisioningState": "Succeeded"}


def _subnet(world: World, one: Resource) -> Body:
    mine = one.id.lower()
    found = [
        {"id": other.id}
        for other in world.store.of_type("Microsoft.Network/privateEndpoints")
        if str(dig(other.properties, "subnet.id")).lower() == mine
    ]
    return {"provisioningState": "Succeeded"} | ({"privateEndpoints": found} if found else {})


def _default_rule(group: Resource, row: tuple[str, int, str, str, str, str]) -> Body:
    name, priority, access, direction, source, destination = row
    properties = {
        "provisioningState": "Succeeded",
        "protocol": "*",
        "sourcePortRange": "*",
        "destinationPortRange": "*",
        "sourceAddressPrefix": source,
        "destinationAddressPrefix": destination,
        "access": access,
        "priority": priority,
        "direction": direction,
    }
    return {"name": name, "id": f"{group.id}/defaultSecurityRules/{name}", "properties": properties}


def _group(world: World, one: Resource) -> Body:
    rules = [RULES.shown(world, rule) for rule in world.store.children(one.id, _RULES)]
    return {
        "provisioningState": "Succeeded",
        "securityRules": rules,
        "defaultSecurityRules": [_default_rule(one, row) for row in _DEFAULT_RULES],
    }


def _network(world: World, one: Resource) -> Body:
    subnets = [SUBNETS.shown(world, subnet) for subnet in world.store.children(one.id, _SUBNETS)]
    return {"provisioningState": "Succeeded", "subnets": subnets}


def _check_rule(request: Request, _: Body | None, new: Body) -> None:
    mine = new["properties"]
    for other in request.world.store.children(request.path.parent, _RULES):
        same = all(other.properties[name] == mine[name] for name in ("priority", "direction"))
        if same and other.name.lower() != request.name.lower():
            raise ArmError(400, "SecurityRuleConflict", _CONFLICT.format(request.name, other.name))


_RULE_FORM = Form(
    {
        "description": TEXT,
        "protocol": Choice(("Tcp", "Udp", "Icmp", "Esp", "Ah", "*")),
        **dict.fromkeys(("sourcePortRange", "destinationPortRange"), TEXT),
        **dict.fromkeys(("sourceAddressPrefix", "destinationAddressPrefix"), TEXT),
        **dict.fromkeys(("sourcePortRanges", "destinationPortRanges"), ITEMS),
        **dict.fromkeys(("sourceAddressPrefixes", "destinationAddressPrefixes"), ITEMS),
        "access": Choice(("Allow", "Deny")),
        "priority": Whole(100, 4096),
        "direction": Choice(("Inbound", "Outbound")),
    },
    required=tuple(f"properties.{name}" for name in ("protocol", "access", "priority", "direction")),
)
_SUBNET_FORM = Form(
    {
        "addressPrefix": TEXT,
        "addressPrefixes": ITEMS,
        "networkSecurityGroup": TABLE,
        "routeTable": TABLE,
        "serviceEndpoints": ITEMS,
        "delegations": ITEMS,
        "privateEndpointNetworkPolicies": Choice(
            ("Enabled", "Disabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled")
        ),
        "privateLinkServiceNetworkPolicies": Choice(("Enabled", "Disabled")),
    },
    defaults={"privateEndpointNetworkPolicies": "Disabled", "privateLinkServiceNetworkPolicies": "Enabled"},
)
_GROUP_FORM = Form({"securityRules": ITEMS}, required=("location",), tracked=True)
_NETWORK_FORM = Form(
    {"addressSpace": TABLE, "subnets": ITEMS, "dhcpOptions": TABLE}, required=("location",), tracked=True
)
RULES = Plain(_RULES, VERSIONS, _RULE_FORM, facts=_provisioned, check=_check_rule, polls=POLLS)
SUBNETS = Plain(_SUBNETS, VERSIONS, _SUBNET_FORM, facts=_subnet, polls=POLLS)
_METHODS = ("PUT", "PATCH", "DELETE")
_RULES_OF = functools.partial(_replace, "securityRules", _RULE_FORM)
_SUBNETS_OF = functools.partial(_replace, "subnets", _SUBNET_FORM)
PLAIN = (
    Plain(
        _GROUPS,
        VERSIONS,
        _GROUP_FORM,
        facts=_group,
        stored=_RULES_OF,
        polls=POLLS,
        methods=_METHODS,
    ),
    Plain(
        _NETWORKS,
        VERSIONS,
        _NETWORK_FORM,
        facts=_network,
        stored=_SUBNETS_OF,
        polls=POLLS,
        methods=_METHODS,
    ),
    RULES,
    SUBNETS,
)
