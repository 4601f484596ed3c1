"""Replicas and restored copies of flexible servers: what a copy begins with, and how a replica is promoted.

Recorded: the names of the operations, the form of a replica, and that it shows the primary's administrators. That it
begins with the primary's parameters is documented. What a restored server takes along besides its own properties is not
verified: here nothing.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.body import Body, dig, merged
from emulator.errors import ArmError, invalid_value, not_emulated
from emulator.resources.flexible.kind import SERVERS
from emulator.resources.locations import short
from emulator.world import World

_SOURCE = "sourceServerResourceId"
_UPSERT, _RESTORE = "UpsertServerManagementOperationV2", "RestoreSnapshotManagementOperation"
_OPERATIONS = {
    "default": _UPSERT,
    "create": _UPSERT,
    "replica": "CreateReadReplicaManagementOperation",
    "pointintimerestore": _RESTORE,
    "georestore": _RESTORE,
}
_COPIED = ("administratorLogin", "version", "storage", "authConfig", "backup", "network", "dataEncryption")
_NO_GEO = "Unable to geo-restore server {} as its geo-backups are not available yet."
_HAS_REPLICAS = "Server '{}' has read replicas. Delete or promote them first."  # wording not verified


@dataclass(frozen=True, slots=True)
class Start:
    """What a new server begins with."""

    operation: str
    sent: Body  # the request, laid over what the source gives
    fixed: Body = field(default_factory=dict)  # what only the service sets
    fill: Callable[[Resource], None] = lambda _: None


def start(request: Request) -> Start:
    """Return how a server of the request's createMode begins, or refuse."""
    mode = str(dig(request.body, "properties.createMode") or "Default").lower()
    if mode not in _OPERATIONS:
        raise not_emulated(f"the createMode {mode}")
    operation, world = _OPERATIONS[mode], request.world
    if operation == _UPSERT:
        return Start(operation, request.body)
    source = world.store.get(str(dig(request.body, f"properties.{_SOURCE}")))
    if source is None or source.type != SERVERS:
        raise invalid_value(_SOURCE)
    sent = merged(_given(source), request.body)
    if mode == "georestore" and dig(source.properties, "backup.geoRedundantBackup") != "Enabled":
        raise ArmError(400, "GeoBackupsNotAvailable", _NO_GEO.format(source.name))
    if mode != "replica":
        return Start(operation, sent)
    near = short(str(request.body.get("location"))) == short(source.body["location"])
    role = "AsyncReplica" if near else "GeoAsyncReplica"
    return Start(operation, sent, _part(role, source.id), lambda replica: _inherit(world, source, replica))


def _given(source: Resource) -> Body:
    properties = {name: copy.deepcopy(source.properties[name]) for name in _COPIED if name in source.properties}
    properties.get("backup", {}).pop("geoRedundantBackup", None)
    return {"sku": source.body["sku"], "properties": properties}


def _part(role: str, source_id: str) -> Body:
    return {
        "replica": {"role": role, "capacity": 0},
        "replicationRole": role,
        "replicaCapacity": 0,
        _SOURCE: source_id,
    }


def _inherit(world: World, source: Resource, replica: Resource) -> None:
    for kind in ("configurations", "administrators"):
        for one in world.store.children(source.id, f"{SERVERS}/{kind}"):
            name = one.id.rpartition("/")[2]
            world.store.put(Resource(f"{replica.id}/{kind}/{name}", one.type, copy.deepcopy(one.body)))


def of(world: World, server: Resource) -> list[Resource]:
    """Return the replicas of a server."""
    mine = server.id.lower()
    return [one for one in world.store.of_type(SERVERS) if str(one.properties.get(_SOURCE, "")).lower() == mine]


def require_none(world: World, server: Resource) -> None:
    """Refuse to delete a server that has replicas."""
    if of(world, server):
        raise ArmError(400, "ReadReplicaServersExistForSourceServer", _HAS_REPLICAS.format(server.name))


def is_replica(server: Resource) -> bool:
    """Whether the server follows another one."""
    return _SOURCE in server.properties


def is_promotion(request: Request) -> bool:
    """Whether a PATCH promotes a replica."""
    return dig(request.body, "properties.replica.promoteMode") is not None


def promote(world: World, replica: Resource, sent: Body) -> Callable[[], None]:
    """Return what a promotion does, or refuse it: Standalone ends replication, Switchover changes places."""
    mode = str(dig(sent, "properties.replica.promoteMode")).lower()
    option = str(dig(sent, "properties.replica.promoteOption") or "Planned").lower()
    if not is_replica(replica) or mode not in ("standalone", "switchover") or option not in ("planned", "forced"):
        raise invalid_value("replica")
    primary = world.store.get(replica.properties[_SOURCE])

    def apply() -> None:
        for name in _part("", ""):
            replica.properties.pop(name, None)
        if mode == "switchover" and primary is not None:
            for one in (primary, *of(world, primary)):
                one.properties.update(_part("AsyncReplica", replica.id))

    return apply
