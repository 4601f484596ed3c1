"""Microsoft.DBforPostgreSQL/flexibleServers/privateEndpointConnections: seen, approved, rejected, removed.

They come into being with a Microsoft.Network/privateEndpoints, so PUT answers 404 for one that is not there.
The refusal of a second decision is recorded from single servers; the operations' names are theirs, too.
"""

from emulator.arm.call import Answer
from emulator.arm.registry import Nothing, Outcome, Request, ResourceType
from emulator.body import dig
from emulator.errors import ArmError, child_not_found, invalid_value
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

KIND = f"{SERVERS}/privateEndpointConnections"
_DECISIONS = {
    "Approved": "ApproveElasticServerPrivateEndpointConnection",
    "Rejected": "RejectElasticServerPrivateEndpointConnection",
}
_STATE = "privateLinkServiceConnectionState"


def _get(request: Request) -> Answer:
    return Answer(200, item(the_child(request, "privateEndpointConnections")))


def _list(request: Request) -> Answer:
    return page([item(one) for one in children(request, "privateEndpointConnections")])


def _put(request: Request) -> Outcome:
    server = idle_server(request)
    found = request.world.store.get(f"{server.id}/privateEndpointConnections/{request.name}")
    if found is None:
        raise child_not_found(KIND, request.name)
    decision = dig(request.body, f"properties.{_STATE}.status")
    if decision not in _DECISIONS:
        raise invalid_value(_STATE)
    if dig(found.properties, f"{_STATE}.status") != "Pending":
        text = "Private Endpoint Connection Status is not Pending"
        raise ArmError(400, "PrivateEndpointConnectionStatusNotPending", text)
    why = dig(request.body, f"properties.{_STATE}.description") or ""

    def apply() -> None:
        found.properties[_STATE] = {"status": decision, "description": why, "actionsRequired": "None"}

    return accepted(server, _DECISIONS[decision], apply)


def _delete(request: Request) -> Outcome:
    server = idle_server(request)
    store = request.world.store
    found = store.get(f"{server.id}/privateEndpointConnections/{request.name}")
    if found is None:
        return Nothing()
    return accepted(server, "DropElasticServerPrivateEndpointConnection", lambda: store.remove(found.id))


TYPES = (
    ResourceType(KIND, VERSIONS, get=_get, list=_list, writes={"PUT": _put, "DELETE": _delete}, locations=REGIONS),
)
