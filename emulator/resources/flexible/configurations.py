"""Microsoft.DBforPostgreSQL/flexibleServers/configurations: server parameters.

Only changed parameters are stored; the rest is read off the table of the server's major version.
"""

from emulator.arm.call import Answer
from emulator.arm.registry import Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body
from emulator.errors import ArmError, child_not_found
from emulator.resources import parameters
from emulator.resources.answers import item, page
from emulator.resources.family import accepted
from emulator.resources.flexible.kind import FLEXIBLE, SERVERS, VERSIONS
from emulator.resources.locations import LOCATIONS
from emulator.resources.parameters import Parameter
from emulator.world import World

KIND = f"{SERVERS}/configurations"


def stored(world: World, server: Resource, parameter: Parameter) -> Resource:
    """Return the parameter as the server has it now."""
    resource_id = f"{server.id}/configurations/{parameter.name}"
    return world.store.get(resource_id) or Resource(resource_id, KIND, {"properties": _untouched(server, parameter)})


def _untouched(server: Resource, parameter: Parameter) -> Body:
    version = server.properties["version"]
    value = version if parameter.name == "server_version" else parameter.default
    made: Body = {
        "value": value,
        "description": parameter.description,
        "defaultValue": value,
        "dataType": parameter.kind,
        "allowedValues": parameter.allowed,
        "source": "system-default",
        "isDynamicConfig": parameter.dynamic,
        "isReadOnly": parameter.read_only,
        "isConfigPendingRestart": False,
    }
    if parameter.unit:
        made["unit"] = parameter.unit
    if parameter.page:
        made["documentationLink"] = parameter.link(version)
    return made


def set_value(world: World, server: Resource, parameter: Parameter, value: str, source: str) -> None:
    """Give the parameter a value; a static one then waits for a restart."""
    one = stored(world, server, parameter)
    before = one.properties["value"]
    waits = not parameter.dynamic and (value != before or one.properties["isConfigPendingRestart"])
    one.properties.update(value=value, source=source, isConfigPendingRestart=waits)
    world.store.put(one)


def without(server: Resource, names: tuple[str, ...]) -> None:
    """Make the server lack some parameters, as versions and tiers do."""
    server.lacks = frozenset(name.lower() for name in names)


def _parameter(request: Request, server: Resource) -> Parameter:
    found = parameters.find(request.name, server.properties["version"])
    if found is None or found.name in server.lacks:
        raise child_not_found(KIND, request.name)
    return found


def _get(request: Request) -> Answer:
    server = FLEXIBLE.server(request)
    return Answer(200, item(stored(request.world, server, _parameter(request, server))))


def _list(request: Request) -> Answer:
    server = FLEXIBLE.server(request)
    absent = server.lacks
    there = [one for one in parameters.of_version(server.properties["version"]) if one.name not in absent]
    return page([item(stored(request.world, server, one)) for one in there])


def _write(request: Request) -> Outcome:
    server = FLEXIBLE.idle(request)
    parameter = _parameter(request, server)
    if parameter.read_only:  # code and text not verified
        text = f"Server parameter '{parameter.name}' is read-only and cannot be changed."
        raise ArmError(400, "ServerParameterToCMSReadOnlyParameter", text)
    sent = request.body.get("properties") or {}
    source = sent.get("source") or "user-override"
    # az resets a parameter by sending no value, or its default, with this source
    value = parameter.default if source == "system-default" else parameter.read(sent.get("value"))
    operation = "UpdateConfigurationManagementOperation"
    return accepted(server, operation, lambda: set_value(request.world, server, parameter, value, source))


TYPES = (
    ResourceType(
        KIND,
        VERSIONS,
        get=_get,
        list=_list,
        writes={"PUT": _write, "PATCH": _write},
        locations=LOCATIONS,
        always_there=True,
    ),
)
