"""What the flexible server and its children share: versions, the server of a request, the form of an item."""

import copy
from collections.abc import Callable

from emulator.arm.call import Answer
from emulator.arm.registry import Accepted, Request
from emulator.arm.store import Resource
from emulator.body import Body, drop
from emulator.errors import child_not_found, group_not_found, not_found, parent_not_found, subscription_not_found
from emulator.ids import group_of, subscription_of
from emulator.resources.locations import LOCATIONS, short
from emulator.world import World

NAMESPACE = "Microsoft.DBforPostgreSQL"
SERVERS = f"{NAMESPACE}/flexibleServers"
REGIONS = LOCATIONS

# Published versions whose shapes the emulator knows. Older ones call the same things by other names.
VERSIONS = (
    "2022-12-01",
    "2023-03-01-preview",
    "2023-06-01-preview",
    "2023-12-01-preview",
    "2024-03-01-preview",
    "2024-08-01",
    "2024-11-01-preview",
    "2025-01-01-preview",
    "2025-06-01-preview",
    "2025-08-01",
    "2026-01-01-preview",
    "2026-04-01-preview",
    "2026-07-01-preview",
    "2026-10-01",
)

# The version that first has a property; earlier ones do not answer it. Read from Microsoft's SDKs.
_SINCE = {
    "properties.cluster": "2024-11-01-preview",
    "properties.cluster.defaultDatabaseName": "2025-08-01",
    "properties.privateEndpointConnections": "2023-06-01-preview",
    "properties.replica": "2023-06-01-preview",
    "properties.storage.autoGrow": "2023-03-01-preview",
    "properties.storage.iops": "2023-03-01-preview",
    "properties.storage.throughput": "2023-06-01-preview",
    "properties.storage.tier": "2023-06-01-preview",
    "properties.storage.type": "2023-06-01-preview",
    "properties.dataEncryption.geoBackupKeyURI": "2023-03-01-preview",
    "properties.dataEncryption.geoBackupUserAssignedIdentityId": "2023-03-01-preview",
    "properties.dataEncryption.primaryEncryptionKeyStatus": "2023-03-01-preview",
    "properties.dataEncryption.geoBackupEncryptionKeyStatus": "2023-03-01-preview",
    "identity.tenantId": "2023-03-01-preview",
}


def shaped(body: Body, api_version: str) -> Body:
    """Remove what the api-version does not have; the body is changed."""
    for path, first in _SINCE.items():
        if api_version < first:
            drop(body, path)
    return body


def item(resource: Resource) -> Body:
    """Return a child resource as it is answered."""
    return {**copy.deepcopy(resource.body), "id": resource.id, "name": resource.name, "type": resource.type}


def page(items: list[Body]) -> Answer:
    """Return a list answer."""
    return Answer(200, {"value": items})


def require_group(world: World, path: str) -> str:
    """Return the canonical id of the resource group in a path, or refuse with ARM's 404."""
    subscription = world.subscription(subscription_of(path))
    if subscription is None:
        raise subscription_not_found(subscription_of(path))
    wanted = group_of(path)
    for group in subscription.resource_groups:
        if group.name.lower() == wanted.lower():
            return f"/subscriptions/{subscription.id}/resourceGroups/{group.name}"
    raise group_not_found(wanted)


def find_server(request: Request) -> Resource | None:
    """Return the server that the path names."""
    path = request.path
    return request.world.store.get(f"{path.scope}/providers/{NAMESPACE}/flexibleServers/{path.names[0]}")


def the_server(request: Request) -> Resource:
    """Return the server that the path names, or refuse with the 404 that ARM gives here."""
    require_group(request.world, request.path.scope)
    server = find_server(request)
    if server is not None:
        return server
    name = request.path.names[0]
    if len(request.path.types) == 1:
        raise not_found(SERVERS, name, group_of(request.path.scope))
    kind = "/".join((SERVERS, *request.path.types[1:]))
    verb = {"GET": "read", "DELETE": "delete", "POST": "action"}.get(request.call.method, "write")
    raise parent_not_found(verb, kind, f"{request.path.scope}/providers/{SERVERS}/{name}")


def idle_server(request: Request) -> Resource:
    """Return the server for a write: it must be there and no operation may run on it."""
    server = the_server(request)
    request.world.operations.require_idle(server.id)
    return server


def the_child(request: Request, kind: str) -> Resource:
    """Return the child that the path names, or refuse with the provider's 404."""
    server = the_server(request)
    found = request.world.store.get(f"{server.id}/{kind}/{request.name}")
    if found is None:
        raise child_not_found(f"{SERVERS}/{kind}", request.name)
    return found


def children(request: Request, kind: str) -> list[Resource]:
    """Return the server's children of a kind."""
    return request.world.store.children(the_server(request).id, f"{SERVERS}/{kind}")


def accepted(server: Resource, operation: str, apply: Callable[[], None]) -> Accepted:
    """Return a write that runs as an operation of this server."""
    return Accepted(operation, apply, busy=server.id, location=short(server.body["location"]))
