"""Microsoft.DBforPostgreSQL/flexibleServers/virtualendpoints: names that follow the primary and its replica."""

from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import invalid_value
from emulator.resources.children import Child, Operations
from emulator.resources.flexible import copies
from emulator.resources.flexible.kind import FLEXIBLE, since

_OPERATIONS = Operations(
    "VirtualEndpointCreateManagementOperation",
    "VirtualEndpointUpdateManagementOperation",
    "VirtualEndpointDropManagementOperation",
)


def _read(request: Request, server: Resource) -> Body:
    members = dig(request.body, "properties.members")
    known = {one.name.lower() for one in (server, *copies.of(request.world, server))}
    if dig(request.body, "properties.endpointType") != "ReadWrite" or not isinstance(members, list):
        raise invalid_value("endpointType" if isinstance(members, list) else "members")
    if not all(str(one).lower() in known for one in members):  # code not verified
        raise invalid_value("members")
    others = [one for one in members if one.lower() != server.name.lower()]
    hosts = [f"{request.name}.{word}.postgres.database.azure.com" for word in ("writer", "reader")]
    # recorded: the primary is a member whether or not it was named
    return {"properties": {"endpointType": "ReadWrite", "members": [server.name, *others], "virtualEndpoints": hosts}}


TYPES = (
    Child(
        FLEXIBLE,
        "virtualendpoints",
        since("2023-06-01-preview"),
        _OPERATIONS,
        _read,
        methods=("PUT", "PATCH", "DELETE"),
    ).type(),
)
