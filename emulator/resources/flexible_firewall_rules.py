"""Microsoft.DBforPostgreSQL/flexibleServers/firewallRules.

Rules cannot be changed while public access is off; they survive it (house rule from azure-databases-docs).
The service's documentation gives the texts of the refusals and no codes: the codes here are not verified.
"""

from emulator.arm.call import Answer
from emulator.arm.registry import Nothing, Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import dig
from emulator.errors import ArmError
from emulator.resources.addresses import read_range
from emulator.resources.flexible import (
    REGIONS,
    SERVERS,
    VERSIONS,
    accepted,
    children,
    idle_server,
    item,
    page,
    the_child,
)

KIND = f"{SERVERS}/firewallRules"
_CLOSED = "Firewall rule operations cannot be requested for a server that doesn't have public access enabled."
_INJECTED = "Firewall rule operations cannot be requested for a private access enabled server."


def _get(request: Request) -> Answer:
    return Answer(200, item(the_child(request, "firewallRules")))


def _list(request: Request) -> Answer:
    return page([item(one) for one in children(request, "firewallRules")])


def _put(request: Request) -> Outcome:
    server = _open_server(request)
    body = {"properties": read_range(request)}
    store = request.world.store
    known = store.get(f"{server.id}/firewallRules/{request.name}")
    rule = Resource(known.id if known else f"{server.id}/firewallRules/{request.name}", KIND, body)
    operation = "UpsertServerFirewallRulesManagementOperation"
    return accepted(server, operation, lambda: store.put(rule))


def _delete(request: Request) -> Outcome:
    server = _open_server(request)
    store = request.world.store
    rule = store.get(f"{server.id}/firewallRules/{request.name}")
    if rule is None:
        return Nothing()
    operation = "DropServerFirewallRulesManagementOperation"  # name not verified
    return accepted(server, operation, lambda: store.remove(rule.id))


def _open_server(request: Request) -> Resource:
    server = idle_server(request)
    if dig(server.properties, "network.delegatedSubnetResourceId"):
        raise ArmError(400, "FirewallRulesNotSupportedOnPrivateAccess", _INJECTED)
    if dig(server.properties, "network.publicNetworkAccess") == "Disabled":
        raise ArmError(400, "PublicNetworkAccessDisabled", _CLOSED)
    return server


TYPES = (
    ResourceType(KIND, VERSIONS, get=_get, list=_list, writes={"PUT": _put, "DELETE": _delete}, locations=REGIONS),
)
