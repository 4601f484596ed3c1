"""Microsoft.DBforPostgreSQL/flexibleServers/firewallRules.

Rules cannot be changed while public access is off; they survive it (house rule from azure-databases-docs).
The service's documentation gives the texts of the refusals and no codes: the codes here are not verified.
"""

import ipaddress
import re

from emulator.arm.call import Answer
from emulator.arm.registry import Nothing, Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import dig
from emulator.errors import ArmError, invalid_value
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
_NAME = re.compile(r"[-\w.]{1,128}")
_CLOSED = "Firewall rule operations cannot be requested for a server that doesn't have public access enabled."
_INJECTED = "Firewall rule operations cannot be requested for a private access enabled server."


def _get(request: Request) -> Answer:
    return Answer(200, item(the_child(request, "firewallRules")))


def _list(request: Request) -> Answer:
    return page([item(one) for one in children(request, "firewallRules")])


def _put(request: Request) -> Outcome:
    server = _open_server(request)
    if not _NAME.fullmatch(request.name):
        raise invalid_value("firewallRuleName")
    start, end = _address(request, "startIpAddress"), _address(request, "endIpAddress")
    if end < start:
        raise ArmError(400, "InvalidParameterValue", "The end IP address is smaller than the start IP address.")
    body = {"properties": {"startIpAddress": str(start), "endIpAddress": str(end)}}
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


def _address(request: Request, name: str) -> ipaddress.IPv4Address:
    try:
        return ipaddress.IPv4Address(str(dig(request.body, f"properties.{name}")))
    except ValueError as error:
        raise invalid_value(name) from error


TYPES = (
    ResourceType(KIND, VERSIONS, get=_get, list=_list, writes={"PUT": _put, "DELETE": _delete}, locations=REGIONS),
)
