"""Replicas and restored copies of flexible servers: what a copy begins with, and who follows whom.

Recorded: the names of the operations, the form of a replica, and that it shows the primary's administrators. That it
begins with the primary's parameters is documented. What a restored server takes along besides its own properties is not
verified: here nothing. How a replica is promoted: `promotions`.
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
    follows = following(source, str(request.body.get("location")))
    return Start(operation, sent, follows, lambda replica: _inherit(world, source, replica))


def _given(source: Resource) -> Body:
    properties = {name: copy.deepcopy(source.properties[name]) for name in _COPIED if name in source.properties}
    properties.get("backup", {}).pop("geoRedundantBackup", None)
    return {"sku": source.body["sku"], "properties": properties}


def following(source: Resource, location: str) -> Body:
    """Return what a server says of itself that follows this one from there."""
    role = "AsyncReplica" if short(location) == short(source.body["location"]) else "GeoAsyncReplica"
    return {
        "replica": {"role": role, "capacity": 0, "replicationState": "Active"},
        "replicationRole": role,
        "replicaCapacity": 0,
        _SOURCE: source.id,
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


def primary_of(world: World, replica: Resource) -> Resource | None:
    """Return the server that a replica follows."""
    return world.store.get(str(replica.properties.get(_SOURCE, "")))


def is_promotion(request: Request) -> bool:
    """Whether a PATCH promotes a replica."""
    return dig(request.body, "properties.replica.promoteMode") is not None
