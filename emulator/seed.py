"""From the fleet, as it is written, to the resources that exist when the emulator starts."""

from emulator.arm.store import Resource
from emulator.body import Body
from emulator.clock import long_stamp
from emulator.fleet import ResourceGroup
from emulator.fleet_server import Administrator, FlexibleServer
from emulator.resources import parameters
from emulator.resources.around import roles
from emulator.resources.flexible import backups, configurations, threat_protection
from emulator.resources.flexible.kind import SERVERS
from emulator.resources.locations import long
from emulator.seed_around import add_resource
from emulator.seed_citus import add_cluster
from emulator.seed_endpoints import connections
from emulator.seed_single import add_single_server
from emulator.world import World


def seed(world: World) -> None:
    """Fill the store."""
    roles.seed(world)
    for subscription in world.fleet.subscriptions:
        scope = f"/subscriptions/{subscription.id}"
        for group in subscription.resource_groups:
            _fill_group(world, f"{scope}/resourceGroups/{group.name}", group)
        for one in subscription.resources:
            add_resource(world, scope, "", one)
    for policy in world.fleet.policy:
        body: Body = {"properties": dict(policy.properties), "systemData": {"createdAt": long_stamp(world.clock.now())}}
        world.store.put(Resource(policy.id, policy.type, body))


def _fill_group(world: World, scope: str, group: ResourceGroup) -> None:
    for server in group.flexible_servers:
        _add_server(world, scope, group, server)
    for single in group.single_servers:
        add_single_server(world, scope, group, single)
    for cluster in group.clusters:
        add_cluster(world, scope, group, cluster)
    for one in group.resources:
        add_resource(world, scope, group.location, one)


def _add_server(world: World, scope: str, group: ResourceGroup, given: FlexibleServer) -> None:
    body: Body = {
        "location": long(given.location or group.location),
        "sku": {"name": given.sku, "tier": given.tier},
        "systemData": {"createdAt": long_stamp(world.clock.now())},
        "tags": dict(given.tags),
        "properties": given.arm_properties(world.fleet.tenant_id),
    }
    server = Resource(f"{scope}/providers/{SERVERS}/{given.name}", SERVERS, body)
    if given.user_assigned_identities:
        users: Body = {one: {} for one in given.user_assigned_identities}
        body["identity"] = {"type": "UserAssigned", "userAssignedIdentities": users}
    world.store.put(server)
    backups.fill(world, server)
    if given.threat_protection == "Enabled":
        threat_protection.set_state(world, server, "Enabled")
    for name, addresses in given.firewall_rules.items():
        rule = {"startIpAddress": addresses.start, "endIpAddress": addresses.end}
        _add_child(world, server, "firewallRules", name, rule)
    for one in given.administrators:
        _add_child(world, server, "administrators", one.object_id, _administrator(world, one))
    for name, connection in connections(server.id, scope, given.private_endpoints):
        connection = {"groupIds": ["postgresqlServer"], **connection}
        _add_child(world, server, "privateEndpointConnections", name, connection)
    _set_parameters(world, server, given)


def _add_child(world: World, server: Resource, kind: str, name: str, properties: Body) -> None:
    world.store.put(Resource(f"{server.id}/{kind}/{name}", f"{SERVERS}/{kind}", {"properties": properties}))


def _administrator(world: World, one: Administrator) -> Body:
    return {
        "principalType": one.type,
        "principalName": one.name,
        "objectId": one.object_id,
        "tenantId": world.fleet.tenant_id,
    }


def _set_parameters(world: World, server: Resource, given: FlexibleServer) -> None:
    if given.without_parameters:
        configurations.without(server, given.without_parameters)
    for name, value in given.parameters.items():
        parameter = parameters.find(name, given.version)
        if parameter is None:
            raise ValueError(f"server {given.name}: version {given.version} has no parameter {name!r}")
        configurations.set_value(world, server, parameter, parameter.read(value), "user-override")
        one = configurations.stored(world, server, parameter)
        one.properties["isConfigPendingRestart"] = False  # the server has run since
