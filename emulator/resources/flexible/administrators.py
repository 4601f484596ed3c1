"""Microsoft.DBforPostgreSQL/flexibleServers/administrators: Microsoft Entra administrators.

An item's `name` is the principal's name although its id ends with the object id (recorded 2024-10).
"""

import copy

from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import ArmError, invalid_value
from emulator.resources.answers import item
from emulator.resources.children import Child, Operations
from emulator.resources.flexible import copies
from emulator.resources.flexible.kind import FLEXIBLE, VERSIONS

_TYPES = ("Unknown", "User", "Group", "ServicePrincipal")
_NO_ENTRA = "Microsoft Entra authentication is not enabled on the server."
_UPSERT, _DROP = "UpsertAadAuthPrincipalManagementOperation", "DropAadAuthPrincipalManagementOperation"


def _read(request: Request, server: Resource) -> Body:
    if dig(server.properties, "authConfig.activeDirectoryAuth") != "Enabled":
        raise ArmError(400, "MicrosoftEntraAuthenticationDisabled", _NO_ENTRA)  # code and text not verified
    sent = request.body.get("properties") or {}
    if sent.get("principalType") not in _TYPES:
        raise invalid_value("principalType")
    if not sent.get("principalName"):
        raise invalid_value("principalName")
    properties = {
        "principalType": sent["principalType"],
        "principalName": sent["principalName"],
        "objectId": request.name,
        "tenantId": sent.get("tenantId") or request.world.fleet.tenant_id,
    }
    return {"properties": properties}


def _show(_: Request, one: Resource) -> Body:
    return item(one) | {"name": one.properties["principalName"]}


def _on_replicas(request: Request, one: Resource) -> list[str]:
    """Return the ids under which the primary's replicas show the administrator (recorded 2024-04)."""
    server_id, _, name = one.id.rpartition("/administrators/")
    server = request.world.store.get(server_id)
    replicas = copies.of(request.world, server) if server else []
    return [f"{replica.id}/administrators/{name}" for replica in replicas]


def _stored(request: Request, one: Resource) -> None:
    for place in _on_replicas(request, one):
        request.world.store.put(Resource(place, one.type, copy.deepcopy(one.body)))


def _removed(request: Request, one: Resource) -> None:
    for place in _on_replicas(request, one):
        request.world.store.remove(place)


_OPERATIONS = Operations(_UPSERT, _UPSERT, _DROP)
TYPES = (
    Child(
        FLEXIBLE, "administrators", VERSIONS, _OPERATIONS, _read, show=_show, stored=_stored, removed=_removed
    ).type(),
)
