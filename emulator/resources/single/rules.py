"""Who may connect to a single server: firewall rules and virtual network rules; and its databases."""

from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import ArmError, invalid_value
from emulator.resources.addresses import read_range
from emulator.resources.children import Child, Operations
from emulator.resources.single.kind import SINGLE, VERSIONS

_CLOSED = "Firewall rule operations cannot be requested for a server that doesn't have public access enabled."
_BASIC = "Virtual network rules are not supported on servers of the Basic tier."


def _require_open(_: Request, server: Resource) -> None:
    if dig(server.properties, "publicNetworkAccess") == "Disabled":  # as on flexible servers; not verified for these
        raise ArmError(400, "PublicNetworkAccessDisabled", _CLOSED)


def _range(request: Request, _: Resource) -> Body:
    return {"properties": read_range(request)}


def _subnet(request: Request, server: Resource) -> Body:
    if dig(server.body, "sku.tier") == "Basic":  # documented; code and text not verified
        raise ArmError(400, "FeatureSwitchNotEnabled", _BASIC)
    subnet = dig(request.body, "properties.virtualNetworkSubnetId")
    if not isinstance(subnet, str) or "/subnets/" not in subnet.lower():
        raise invalid_value("virtualNetworkSubnetId")
    ignore = bool(dig(request.body, "properties.ignoreMissingVnetServiceEndpoint"))
    properties = {"virtualNetworkSubnetId": subnet, "ignoreMissingVnetServiceEndpoint": ignore, "state": "Ready"}
    return {"properties": properties}


def _database(request: Request, _: Resource) -> Body:
    collation = dig(request.body, "properties.collation") or "English_United States.1252"
    return {"properties": {"charset": dig(request.body, "properties.charset") or "UTF8", "collation": collation}}


_FIREWALL = "UpsertElasticServerFirewallRules"
_VNET = "UpsertElasticServerVnetFirewallRule"
_NEW_DATABASE = "UpsertElasticServerDatabase"  # not verified, as that of its removal
TYPES = (
    Child(
        SINGLE,
        "firewallRules",
        VERSIONS,
        Operations(_FIREWALL, _FIREWALL, "DropElasticServerFirewallRule"),
        _range,
        guard=_require_open,
    ).type(),
    Child(
        SINGLE,
        "virtualNetworkRules",
        VERSIONS,
        Operations(_VNET, _VNET, "DropElasticServerVnetFirewallRule"),
        _subnet,
        guard=_require_open,
    ).type(),
    Child(
        SINGLE,
        "databases",
        VERSIONS,
        Operations(_NEW_DATABASE, _NEW_DATABASE, "DropElasticServerDatabase"),
        _database,
    ).type(),
)
