"""The private endpoints of a fleet's servers, as the servers see them."""

import uuid
from collections.abc import Iterator

from emulator.body import Body
from emulator.fleet import made_id
from emulator.fleet_server import PrivateEndpoint


def connections(
    server_id: str, scope: str, given: tuple[PrivateEndpoint, ...], state: str = "Succeeded"
) -> Iterator[tuple[str, Body]]:
    """Give the name and the properties of each connection; `state` is its provisioningState."""
    subscription = scope.rpartition("/resourceGroups/")[0]
    for one in given:
        group = f"{subscription}/resourceGroups/{one.group}" if one.group else scope
        properties: Body = {
            "privateEndpoint": {"id": f"{group}/providers/Microsoft.Network/privateEndpoints/{one.name}"},
            "privateLinkServiceConnectionState": {
                "status": one.status,
                "description": "Auto-approved" if one.status == "Approved" else "",
                "actionsRequired": "None",
            },
            "provisioningState": state,
        }
        yield f"{one.name}.{uuid.UUID(made_id(server_id, one.name))}", properties
