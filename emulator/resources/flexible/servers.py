"""Microsoft.DBforPostgreSQL/flexibleServers: the server itself and its restart."""

import copy
import re

from emulator.arm.call import Answer
from emulator.arm.registry import Nothing, Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body, dig, merged
from emulator.clock import long_stamp
from emulator.errors import ArmError, invalid_value
from emulator.ids import group_of
from emulator.resources.answers import item, page, require_group
from emulator.resources.family import accepted
from emulator.resources.flexible import backups, copies, encryption, promotions
from emulator.resources.flexible.kind import FLEXIBLE, SERVERS, VERSIONS, shaped
from emulator.resources.flexible.server_rules import changed
from emulator.resources.graph_row import graph_row
from emulator.resources.identities import filled
from emulator.resources.locations import LOCATIONS, long
from emulator.world import World

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])")
_MINOR = {"11": "22", "12": "22", "13": "22", "14": "19", "15": "14", "16": "10", "17": "6", "18": "1"}
_STATES = {
    "RestartServerManagementOperation": "Restarting",
    "StartServerManagementOperation": "Starting",
    "StopServerManagementOperation": "Stopping",
    "DropServerManagementOperation": "Dropping",
    "DropReadReplicaManagementOperation": "Dropping",
}
# What the service fills in; a stored value wins.
_DEFAULTS: Body = {
    "dataEncryption": {"type": "SystemManaged"},
    "maintenanceWindow": {"customWindow": "Disabled", "dayOfWeek": 0, "startHour": 0, "startMinute": 0},
    "replica": {"role": "Primary", "capacity": 5},
    "replicationRole": "Primary",
    "replicaCapacity": 5,
}
_NEW: Body = {
    "version": "17",
    "storage": {"type": "Premium_LRS", "iops": 500, "tier": "P10", "storageSizeGB": 128, "autoGrow": "Disabled"},
    "authConfig": {"activeDirectoryAuth": "Disabled", "passwordAuth": "Enabled"},
    "backup": {"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"},
    "highAvailability": {"mode": "Disabled"},
    "availabilityZone": "1",
}


def show(world: World, server: Resource, api_version: str) -> Body:
    """Return the server as an api-version answers it."""
    properties = merged(_DEFAULTS, server.properties)
    mode = dig(properties, "highAvailability.mode")
    properties["highAvailability"]["state"] = "NotEnabled" if mode == "Disabled" else "Healthy"
    properties["fullyQualifiedDomainName"] = f"{server.name}.postgres.database.azure.com"
    properties["minorVersion"] = _MINOR[properties["version"]]
    operation = world.operations.running(server.id)
    quiet = "Stopped" if properties.pop("stopped", False) else "Ready"
    if not encryption.show(world, properties["dataEncryption"]):
        quiet = "Inaccessible"
    properties["state"] = quiet if operation is None else _STATES.get(operation.name, "Updating")
    kind = f"{SERVERS}/privateEndpointConnections"
    properties["privateEndpointConnections"] = [item(one) for one in world.store.children(server.id, kind)]
    body = {name: copy.deepcopy(value) for name, value in server.body.items() if name != "properties"}
    if "identity" in body:
        body["identity"] = filled(world, server.id, body["identity"])
    body |= {"properties": properties, "id": server.id, "name": server.name, "type": server.type}
    return shaped(body, api_version)


def row(world: World, server: Resource) -> Body:
    """Return the server's row in Resource Graph."""
    return graph_row(world, server, show(world, server, VERSIONS[-1]))


def _get(request: Request) -> Answer:
    return Answer(200, show(request.world, FLEXIBLE.server(request), request.call.api_version))


def _list(request: Request) -> Answer:
    scope = request.path.scope
    if group_of(scope):
        require_group(request.world, scope)
    found = request.world.store.of_type(SERVERS, scope)
    return page([show(request.world, one, request.call.api_version) for one in found])


def _put(request: Request) -> Outcome:
    existing = FLEXIBLE.find(request)
    if existing is not None:
        return _patch(request)
    group = require_group(request.world, request.path.scope)
    made = copies.start(request)
    body = _new_body(request, made.sent)
    body["properties"] |= made.fixed
    server = Resource(f"{group}/providers/{SERVERS}/{request.name}", SERVERS, body)
    request.world.operations.require_idle(server.id)

    def apply() -> None:
        request.world.store.put(server)
        backups.fill(request.world, server)
        made.fill(server)

    return accepted(server, made.operation, apply)


def _new_body(request: Request, sent: Body) -> Body:
    if not _NAME.fullmatch(request.name):
        raise invalid_value("serverName")
    location = sent.get("location")
    if not isinstance(location, str) or not location:
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    body = changed(None, merged({"properties": _NEW}, sent))
    network = body["properties"].setdefault("network", {})
    subnet = network.get("delegatedSubnetResourceId")
    network["publicNetworkAccess"] = "Disabled" if subnet else network.get("publicNetworkAccess", "Enabled")
    now = long_stamp(request.world.clock.now())
    return body | {"location": long(location), "systemData": {"createdAt": now}}


def _patch(request: Request) -> Outcome:
    server = FLEXIBLE.idle(request)
    if copies.is_promotion(request):
        change = promotions.promote(request.world, server, request.body)
        return accepted(server, "PromoteReadReplicaManagementOperation", change)
    sent = request.body
    # checked now, applied to what is there when the operation ends
    changed(server.body, sent)

    def apply() -> None:
        server.body = changed(server.body, sent)
        auth = server.properties["authConfig"]
        if auth.get("activeDirectoryAuth") == "Enabled":
            auth.setdefault("tenantId", request.world.fleet.tenant_id)

    return accepted(server, "UpsertServerManagementOperationV2", apply)


def _delete(request: Request) -> Outcome:
    require_group(request.world, request.path.scope)
    if FLEXIBLE.find(request) is None:
        return Nothing()
    server = FLEXIBLE.idle(request)
    copies.require_none(request.world, server)
    word = "ReadReplica" if copies.is_replica(server) else "Server"
    return accepted(server, f"Drop{word}ManagementOperation", lambda: request.world.store.remove(server.id))


def _restart(request: Request) -> Outcome:
    server = FLEXIBLE.idle(request)
    store = request.world.store

    def apply() -> None:
        for parameter in store.children(server.id, f"{SERVERS}/configurations"):
            parameter.properties["isConfigPendingRestart"] = False

    return accepted(server, "RestartServerManagementOperation", apply)


def _start(request: Request) -> Outcome:
    server = FLEXIBLE.idle(request)
    return accepted(server, "StartServerManagementOperation", lambda: server.properties.pop("stopped", None))


def _stop(request: Request) -> Outcome:
    server = FLEXIBLE.idle(request)
    return accepted(server, "StopServerManagementOperation", lambda: server.properties.update(stopped=True))


def _replicas(request: Request) -> Answer:
    found = copies.of(request.world, FLEXIBLE.server(request))
    return page([show(request.world, one, request.call.api_version) for one in found])


TYPES = (
    ResourceType(
        SERVERS,
        VERSIONS,
        get=_get,
        list=_list,
        writes={"PUT": _put, "PATCH": _patch, "DELETE": _delete},
        graph=row,
        locations=LOCATIONS,
    ),
    ResourceType(f"{SERVERS}/restart", VERSIONS, action=_restart, locations=LOCATIONS),
    ResourceType(f"{SERVERS}/start", VERSIONS, action=_start, locations=LOCATIONS),
    ResourceType(f"{SERVERS}/stop", VERSIONS, action=_stop, locations=LOCATIONS),
    ResourceType(f"{SERVERS}/replicas", VERSIONS, list=_replicas, locations=LOCATIONS),
)
