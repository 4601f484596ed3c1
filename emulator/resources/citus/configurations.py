"""Server parameters of Citus clusters: one value for the coordinator, one for the workers.

The table is `parameters.json`: a selection; which of them may be changed on a cluster is not verified.
"""

from pathlib import Path

from emulator.arm.call import Answer
from emulator.arm.registry import Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import child_not_found
from emulator.resources.answers import page
from emulator.resources.citus import nodes
from emulator.resources.citus.kind import CITUS, CLUSTERS, COORDINATOR, VERSIONS, WORKER
from emulator.resources.family import accepted
from emulator.resources.locations import LOCATIONS
from emulator.resources.parameters import Parameter, load
from emulator.world import World

KIND = f"{CLUSTERS}/configurations"
TABLE = {one.name: one for one in load(Path(__file__).with_name("parameters.json"))}
_ROLES = (COORDINATOR, WORKER)
# the definition has no words for lists and texts
_TYPES = {"Set": "Enumeration", "String": "Enumeration"}


def stored(world: World, cluster: Resource, parameter: Parameter) -> Resource:
    """Return the parameter as the cluster has it now, with the values of both roles."""
    resource_id = f"{cluster.id}/configurations/{parameter.name}"
    fresh: Body = {role: {"value": parameter.default, "source": "system-default", "waits": False} for role in _ROLES}
    return world.store.get(resource_id) or Resource(resource_id, KIND, {"properties": {"roles": fresh}})


def set_value(world: World, cluster: Resource, parameter: Parameter, role: str, value: str) -> None:
    """Give the parameter a value on the nodes of a role; a static one then waits for a restart."""
    one = stored(world, cluster, parameter)
    its = one.properties["roles"][role]
    waits = not parameter.dynamic and (value != its["value"] or its["waits"])
    its.update(value=value, source="user-override", waits=waits)
    world.store.put(one)


def _find(name: str) -> Parameter:
    found = TABLE.get(name.lower())
    if found is None:
        raise child_not_found(KIND, name)
    return found


def _common(world: World, cluster: Resource, parameter: Parameter) -> Body:
    running = world.operations.running(cluster.id)
    return {
        "description": parameter.description,
        "dataType": _TYPES.get(parameter.kind, parameter.kind),
        "allowedValues": parameter.allowed,
        "requiresRestart": not parameter.dynamic,
        "provisioningState": "InProgress" if running else "Succeeded",
    }


def _of_cluster(world: World, cluster: Resource, parameter: Parameter) -> Body:
    roles = stored(world, cluster, parameter).properties["roles"]
    values = [
        {
            "role": role,
            "value": roles[role]["value"],
            "defaultValue": parameter.default,
            "source": roles[role]["source"],
        }
        for role in _ROLES
    ]
    properties = _common(world, cluster, parameter) | {"serverRoleGroupConfigurations": values}
    return _named(f"{cluster.id}/configurations", KIND, parameter, properties)


def _of_role(world: World, cluster: Resource, parameter: Parameter, role: str, place: str) -> Body:
    its = stored(world, cluster, parameter).properties["roles"][role]
    more = {"value": its["value"], "source": its["source"], "defaultValue": parameter.default}
    properties = _common(world, cluster, parameter) | more
    return _named(f"{cluster.id}/{place}", f"{CLUSTERS}/{place.partition('/')[0]}", parameter, properties)


def _named(parent: str, kind: str, parameter: Parameter, properties: Body) -> Body:
    return {"id": f"{parent}/{parameter.name}", "name": parameter.name, "type": kind, "properties": properties}


def _get(request: Request) -> Answer:
    return Answer(200, _of_cluster(request.world, CITUS.server(request), _find(request.name)))


def _list(request: Request) -> Answer:
    cluster = CITUS.server(request)
    return page([_of_cluster(request.world, cluster, one) for one in TABLE.values()])


def _list_of_node(request: Request) -> Answer:
    cluster, node = CITUS.server(request), nodes.find(request, request.path.names[1])
    role, place = nodes.role_of(node["name"]), f"servers/{node['name']}/configurations"
    return page([_of_role(request.world, cluster, one, role, place) for one in TABLE.values()])


def _type(role: str, place: str) -> ResourceType:
    def get(request: Request) -> Answer:
        cluster = CITUS.server(request)
        return Answer(200, _of_role(request.world, cluster, _find(request.name), role, place))

    def put(request: Request) -> Outcome:
        cluster, parameter = CITUS.idle(request), _find(request.name)
        value = parameter.read(dig(request.body, "properties.value"))
        return accepted(
            cluster,
            "Updating",
            lambda: set_value(request.world, cluster, parameter, role, value),
            answer=lambda: Answer(201, _of_role(request.world, cluster, parameter, role, place)),
        )

    return ResourceType(
        f"{CLUSTERS}/{place}", VERSIONS, get=get, writes={"PUT": put}, locations=LOCATIONS, always_there=True
    )


TYPES = (
    ResourceType(KIND, VERSIONS, get=_get, list=_list, locations=LOCATIONS),
    ResourceType(f"{CLUSTERS}/servers/configurations", VERSIONS, list=_list_of_node, locations=LOCATIONS),
    _type(COORDINATOR, "coordinatorConfigurations"),
    _type(WORKER, "nodeConfigurations"),
)
