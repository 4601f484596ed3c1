"""The Citus clusters of a fleet, as resources."""

from emulator.arm.store import Resource
from emulator.body import Body, merged
from emulator.clock import long_stamp
from emulator.fleet import ResourceGroup
from emulator.fleet_citus import Cluster
from emulator.resources.citus import configurations
from emulator.resources.citus.kind import CLUSTERS, COORDINATOR, NEW, NEW_IN_PREVIEW, WORKER
from emulator.seed_endpoints import connections
from emulator.world import World


def add_cluster(world: World, scope: str, group: ResourceGroup, given: Cluster) -> None:
    """Put a cluster and its children into the store."""
    body: Body = {
        "location": given.location or group.location,
        "systemData": {"createdAt": long_stamp(world.clock.now()), "createdByType": "User"},
        "tags": dict(given.tags),
        "properties": merged({**NEW, **NEW_IN_PREVIEW}, given.arm_properties()),
    }
    cluster = Resource(f"{scope}/providers/{CLUSTERS}/{given.name}", CLUSTERS, body)
    world.store.put(cluster)
    for name, addresses in given.firewall_rules.items():
        rule = {"startIpAddress": addresses.start, "endIpAddress": addresses.end}
        _add(world, cluster, "firewallRules", name, rule)
    for name, connection in connections(cluster.id, scope, given.private_endpoints):
        _add(world, cluster, "privateEndpointConnections", name, {"groupIds": ["coordinator"], **connection})
    for name, role in given.entra_roles.items():
        identity = {"objectId": role.object_id, "principalType": role.type, "tenantId": world.fleet.tenant_id}
        properties = {"roleType": "admin" if role.admin else "user", "externalIdentity": identity}
        _add(world, cluster, "roles", name, properties)
    for name, value in given.parameters.items():
        _set_parameter(world, cluster, name, value)


def _add(world: World, cluster: Resource, kind: str, name: str, properties: Body) -> None:
    world.store.put(Resource(f"{cluster.id}/{kind}/{name}", f"{CLUSTERS}/{kind}", {"properties": properties}))


def _set_parameter(world: World, cluster: Resource, name: str, value: str) -> None:
    parameter = configurations.TABLE.get(name)
    if parameter is None:
        raise ValueError(f"cluster {cluster.name}: clusters have no parameter {name!r}")
    for role in (COORDINATOR, WORKER):
        configurations.set_value(world, cluster, parameter, role, parameter.read(value))
        # the cluster has run since
        configurations.stored(world, cluster, parameter).properties["roles"][role]["waits"] = False
