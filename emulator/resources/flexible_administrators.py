"""Microsoft.DBforPostgreSQL/flexibleServers/administrators: Microsoft Entra administrators.

An item's `name` is the principal's name although its id ends with the object id (recorded 2024-10).
"""

from emulator.arm.call import Answer
from emulator.arm.registry import Nothing, Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body, dig
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

KIND = f"{SERVERS}/administrators"
_TYPES = ("Unknown", "User", "Group", "ServicePrincipal")
_NO_ENTRA = "Microsoft Entra authentication is not enabled on the server."


def _show(one: Resource) -> Body:
    return item(one) | {"name": one.properties["principalName"]}


def _get(request: Request) -> Answer:
    return Answer(200, _show(the_child(request, "administrators")))


def _list(request: Request) -> Answer:
    return page([_show(one) for one in children(request, "administrators")])


def _put(request: Request) -> Outcome:
    server = idle_server(request)
    if dig(server.properties, "authConfig.activeDirectoryAuth") != "Enabled":
        raise ArmError(400, "MicrosoftEntraAuthenticationDisabled", _NO_ENTRA)  # code and text not verified
    sent = request.body.get("properties") or {}
    if sent.get("principalType") not in _TYPES:
        raise invalid_value("principalType")
    if not sent.get("principalName"):
        raise invalid_value("principalName")
    body = {
        "properties": {
            "principalType": sent["principalType"],
            "principalName": sent["principalName"],
            "objectId": request.name,
            "tenantId": sent.get("tenantId") or request.world.fleet.tenant_id,
        }
    }
    store = request.world.store
    one = Resource(f"{server.id}/administrators/{request.name}", KIND, body)
    return accepted(server, "UpsertAadAuthPrincipalManagementOperation", lambda: store.put(one))


def _delete(request: Request) -> Outcome:
    server = idle_server(request)
    store = request.world.store
    one = store.get(f"{server.id}/administrators/{request.name}")
    if one is None:
        return Nothing()
    return accepted(server, "DropAadAuthPrincipalManagementOperation", lambda: store.remove(one.id))


TYPES = (
    ResourceType(KIND, VERSIONS, get=_get, list=_list, writes={"PUT": _put, "DELETE": _delete}, locations=REGIONS),
)
