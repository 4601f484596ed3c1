"""The single servers of a fleet, as resources."""

from emulator.arm.store import Resource
from emulator.body import Body
from emulator.clock import long_stamp
from emulator.fleet import ResourceGroup
from emulator.fleet_server import Administrator
from emulator.fleet_single import SingleServer
from emulator.resources.single import configurations, copies, security_alert_policies
from emulator.resources.single.kind import SERVERS, whole_sku
from emulator.seed_endpoints import connections
from emulator.world import World


def add_single_server(world: World, scope: str, group: ResourceGroup, given: SingleServer) -> None:
    """Put a server and its children into the store."""
    sku = whole_sku(given.sku)
    if sku is None:
        raise ValueError(f"server {given.name}: sku is {given.sku!r}, wanted one like GP_Gen5_2")
    body: Body = {
        "location": given.location or group.location,
        "sku": sku,
        "systemData": {"createdAt": long_stamp(world.clock.now())},
        "tags": dict(given.tags),
        "properties": given.arm_properties(),
    }
    server = Resource(f"{scope}/providers/{SERVERS}/{given.name}", SERVERS, body)
    world.store.put(server)
    for name in ("postgres", "azure_maintenance", "azure_sys"):
        copies.add_database(world, server, name)
    for name, addresses in given.firewall_rules.items():
        _add(world, server, "firewallRules", name, {"startIpAddress": addresses.start, "endIpAddress": addresses.end})
    for name, subnet in given.virtual_network_rules.items():
        rule = {"virtualNetworkSubnetId": subnet, "ignoreMissingVnetServiceEndpoint": False, "state": "Ready"}
        _add(world, server, "virtualNetworkRules", name, rule)
    for name, connection in connections(server.id, scope, given.private_endpoints, state="Ready"):
        _add(world, server, "privateEndpointConnections", name, connection)
    if given.administrator is not None:
        _add(world, server, "administrators", "activeDirectory", _administrator(world, given.administrator))
    if given.alert_policy:
        policy = security_alert_policies.policy_of(world, server)
        policy.properties.update(given.alert_policy)
        world.store.put(policy)
    _set_parameters(world, server, given)


def _add(world: World, server: Resource, kind: str, name: str, properties: Body) -> None:
    world.store.put(Resource(f"{server.id}/{kind}/{name}", f"{SERVERS}/{kind}", {"properties": properties}))


def _administrator(world: World, one: Administrator) -> Body:
    return {
        "administratorType": "ActiveDirectory",
        "login": one.name,
        "sid": one.object_id,
        "tenantId": world.fleet.tenant_id,
    }


def _set_parameters(world: World, server: Resource, given: SingleServer) -> None:
    for name, value in given.parameters.items():
        parameter = configurations.TABLE.get(name)
        if parameter is None:
            raise ValueError(f"server {given.name}: single servers have no parameter {name!r}")
        configurations.set_value(world, server, parameter, parameter.read(value), "user-override")
        # the server has run since
        configurations.stored(world, server, parameter).properties["isConfigPendingRestart"] = "False"
