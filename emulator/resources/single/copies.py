"""Replicas and restored copies of single servers: what is taken along, and how a replica stands alone again.

From Microsoft's documentation: a replica inherits no firewall rules, VNet rules and parameters; a restored server
has the firewall rules and lacks the VNet rules; when the primary goes, its replicas stand alone.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.body import Body, dig, merged
from emulator.errors import ArmError, invalid_value
from emulator.resources.single.kind import NEW, SERVERS
from emulator.world import World

_PRIMARY = "masterServerId"
_OPERATIONS = {
    "default": "UpsertElasticServer",
    "replica": "CreateElasticServerContinuousCopy",
    "pointintimerestore": "RestoreElasticServer",
    "georestore": "RestoreElasticServer",
}
_NO_REPLICATION = "Replication support is not enabled on server '{}'. Set azure.replication_support and restart it."


@dataclass(frozen=True, slots=True)
class Start:
    """What a new server begins with."""

    operation: str
    sent: Body  # the request, laid over what the source gives
    fixed: Body = field(default_factory=dict)  # what only the service sets
    fill: Callable[[Resource], None] = lambda _: None


def start(request: Request, mode: str) -> Start:
    """Return how a server of this createMode begins, or refuse."""
    operation = _OPERATIONS.get(mode.lower())
    if operation is None:
        raise invalid_value("createMode")
    if mode.lower() == "default":
        return Start(operation, request.body)
    source = request.world.store.get(str(dig(request.body, "properties.sourceServerId")))
    if source is None or source.type != SERVERS:
        raise invalid_value("sourceServerId")
    given = {name: source.properties[name] for name in ("administratorLogin", *NEW)}
    sent = merged({"sku": source.body["sku"], "properties": given}, request.body)
    if mode.lower() == "replica":
        _require_replication(request.world, source)
        return Start(operation, sent, {"replicationRole": "Replica", _PRIMARY: source.id})
    return Start(operation, sent, fill=lambda server: _take_along(request.world, source, server))


def _require_replication(world: World, source: Resource) -> None:
    found = world.store.get(f"{source.id}/configurations/azure.replication_support")
    if found is not None and found.properties["value"] == "OFF":  # code and text not verified
        raise ArmError(400, "ReplicationSupportDisabled", _NO_REPLICATION.format(source.name))


def _take_along(world: World, source: Resource, server: Resource) -> None:
    for kind in ("firewallRules", "configurations", "databases"):
        for one in world.store.children(source.id, f"{SERVERS}/{kind}"):
            world.store.put(Resource(f"{server.id}/{kind}/{one.name}", one.type, copy.deepcopy(one.body)))


def of(world: World, server: Resource) -> list[Resource]:
    """Return the replicas of a server."""
    everywhere = world.store.of_type(SERVERS)
    return [one for one in everywhere if one.properties.get(_PRIMARY, "").lower() == server.id.lower()]


def roles(world: World, server: Resource) -> Body:
    """Return what a server says about its part in replication."""
    if server.properties[_PRIMARY]:
        return {"replicationRole": "Replica", "replicaCapacity": 0}
    return {"replicationRole": "Master" if of(world, server) else "None", "replicaCapacity": 5}


def stand_alone(server: Resource, sent: Body) -> None:
    """End the replication of a server that was told so."""
    if dig(sent, "properties.replicationRole") is not None:
        server.properties[_PRIMARY] = ""


def remove(world: World, server: Resource) -> None:
    """Remove a server; its replicas stand alone from then on."""
    for one in of(world, server):
        one.properties[_PRIMARY] = ""
    world.store.remove(server.id)


def add_database(world: World, server: Resource, name: str) -> None:
    """Give a server a database."""
    properties = {"charset": "UTF8", "collation": "English_United States.1252"}
    world.store.put(Resource(f"{server.id}/databases/{name}", f"{SERVERS}/databases", {"properties": properties}))
