"""Microsoft.DBforPostgreSQL/flexibleServers/firewallRules.

Rules cannot be changed while public access is off; they survive it (house rule from azure-databases-docs).
The service's documentation gives the texts of the refusals and no codes: the codes here are not verified.
"""

from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import ArmError
from emulator.resources.addresses import read_range
from emulator.resources.children import Child, Operations
from emulator.resources.flexible.kind import FLEXIBLE, VERSIONS

_CLOSED = "Firewall rule operations cannot be requested for a server that doesn't have public access enabled."
_INJECTED = "Firewall rule operations cannot be requested for a private access enabled server."
_UPSERT = "UpsertServerFirewallRulesManagementOperation"
_DROP = "DropServerFirewallRulesManagementOperation"  # name not verified


def _require_open(_: Request, server: Resource) -> None:
    if dig(server.properties, "network.delegatedSubnetResourceId"):
        raise ArmError(400, "FirewallRulesNotSupportedOnPrivateAccess", _INJECTED)
    if dig(server.properties, "network.publicNetworkAccess") == "Disabled":
        raise ArmError(400, "PublicNetworkAccessDisabled", _CLOSED)


def _read(request: Request, _: Resource) -> Body:
    return {"properties": read_range(request)}


_OPERATIONS = Operations(_UPSERT, _UPSERT, _DROP)
TYPES = (Child(FLEXIBLE, "firewallRules", VERSIONS, _OPERATIONS, _read, guard=_require_open).type(),)
