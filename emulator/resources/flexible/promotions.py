"""How a replica of a flexible server is promoted: it changes places with its primary, or stands alone.

learn.microsoft.com, "Promote read replicas" and "Virtual endpoints": a switchover needs a virtual endpoint whose reader
is that replica; planned, it also needs servers of one size and the same values of what allocates shared memory; the
endpoints then lead to the new primary, and high availability of the old one ends. A replica that stands alone leaves
the endpoints. A forced promotion skips the checks. Codes and texts of the refusals are not verified, nor that the other
replicas follow the new primary at once, nor that its endpoints are listed below it.
"""

from collections.abc import Callable

from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import ArmError, invalid_value
from emulator.resources.flexible import copies
from emulator.resources.flexible.kind import SERVERS
from emulator.world import World

_ENDPOINTS = "virtualendpoints"
_SHARED_MEMORY = (
    "max_connections",
    "max_locks_per_transaction",
    "max_prepared_transactions",
    "max_wal_senders",
    "max_worker_processes",
)
_SIZES = ("sku.name", "sku.tier", "properties.storage.storageSizeGB")


def promote(world: World, replica: Resource, sent: Body) -> Callable[[], None]:
    """Return what a promotion does, or refuse it: Standalone ends replication, Switchover changes places."""
    mode = str(dig(sent, "properties.replica.promoteMode")).lower()
    option = str(dig(sent, "properties.replica.promoteOption") or "Planned").lower()
    if not copies.is_replica(replica) or mode not in ("standalone", "switchover"):
        raise invalid_value("replica")
    if option not in ("planned", "forced"):
        raise invalid_value("replica")
    primary = copies.primary_of(world, replica)
    if option == "planned" and primary is not None:
        world.operations.require_idle(primary.id)
    if mode == "standalone" or primary is None:
        return lambda: _stand_alone(world, replica)
    _require_endpoint(world, primary, replica)
    if option == "planned":
        _require_symmetry(world, primary, replica)
    return lambda: _switch(world, primary, replica)


def _require_endpoint(world: World, primary: Resource, replica: Resource) -> None:
    if not any(replica.name in one.properties["members"] for one in _endpoints(world, primary)):
        text = f"Replica '{replica.name}' is not a member of a virtual endpoint of server '{primary.name}'."
        raise ArmError(400, "VirtualEndpointNotConfigured", text)


def _require_symmetry(world: World, primary: Resource, replica: Resource) -> None:
    differs = [path for path in _SIZES if dig(primary.body, path) != dig(replica.body, path)]
    differs += [name for name in _SHARED_MEMORY if _parameter(world, primary, name) != _parameter(world, replica, name)]
    if differs:
        text = f"Servers '{primary.name}' and '{replica.name}' are not symmetric: {', '.join(differs)}."
        raise ArmError(400, "ReadReplicaPromoteServersNotSymmetric", text)


def _parameter(world: World, server: Resource, name: str) -> str | None:
    """What was set; what nobody has set is the same on both."""
    found = world.store.get(f"{server.id}/configurations/{name}")
    return None if found is None else str(found.properties["value"])


def _endpoints(world: World, server: Resource) -> list[Resource]:
    return world.store.children(server.id, f"{SERVERS}/{_ENDPOINTS}")


def _free(server: Resource) -> None:
    for name in ("replica", "replicationRole", "replicaCapacity", "sourceServerResourceId"):
        server.properties.pop(name, None)


def _stand_alone(world: World, replica: Resource) -> None:
    primary = copies.primary_of(world, replica)
    _free(replica)
    for endpoint in _endpoints(world, primary) if primary else ():
        endpoint.properties["members"] = [one for one in endpoint.properties["members"] if one != replica.name]


def _switch(world: World, primary: Resource, replica: Resource) -> None:
    followers = [one for one in (primary, *copies.of(world, primary)) if one is not replica]
    _free(replica)
    for one in followers:
        one.properties.update(copies.following(replica, one.body["location"]))
    primary.properties["highAvailability"] = {"mode": "Disabled"}
    for endpoint in _endpoints(world, primary):
        others = [one for one in endpoint.properties["members"] if one != replica.name]
        world.store.remove(endpoint.id)
        endpoint.properties["members"] = [replica.name, *others]
        world.store.put(Resource(f"{replica.id}/{_ENDPOINTS}/{endpoint.name}", endpoint.type, endpoint.body))
