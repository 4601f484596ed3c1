"""The address ranges of firewall rules, the same for all kinds of servers."""

import ipaddress
import re

from emulator.arm.registry import Request
from emulator.body import Body, dig
from emulator.errors import ArmError, invalid_value

_NAME = re.compile(r"[-\w.]{1,128}")


def read_range(request: Request) -> Body:
    """Return the properties of a firewall rule from a PUT, or refuse them."""
    if not _NAME.fullmatch(request.name):
        raise invalid_value("firewallRuleName")
    start, end = _address(request, "startIpAddress"), _address(request, "endIpAddress")
    if end < start:
        raise ArmError(400, "InvalidParameterValue", "The end IP address is smaller than the start IP address.")
    return {"startIpAddress": str(start), "endIpAddress": str(end)}


def _address(request: Request, name: str) -> ipaddress.IPv4Address:
    try:
        return ipaddress.IPv4Address(str(dig(request.body, f"properties.{name}")))
    except ValueError as error:
        raise invalid_value(name) from error
