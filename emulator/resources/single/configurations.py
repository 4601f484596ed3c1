"""Server parameters of single servers. `isDynamicConfig` and `isConfigPendingRestart` are answered as text.

The table is `parameters.json`; its facts are those of a recorded list of version 11, shortened. Parameters of pgaudit
are there once the library is loaded, as the recorded list of a server without it lacks them.
"""

import functools
from pathlib import Path

from emulator.arm.call import Answer
from emulator.arm.registry import Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body
from emulator.errors import child_not_found, invalid_value
from emulator.resources.answers import item, page
from emulator.resources.family import accepted
from emulator.resources.locations import LOCATIONS
from emulator.resources.parameters import Parameter, load
from emulator.resources.single.kind import SERVERS, SINGLE, VERSIONS
from emulator.world import World

KIND = f"{SERVERS}/configurations"
TABLE = {one.name: one for one in load(Path(__file__).with_name("parameters.json"))}
_NEW = {"azure.replication_support": "REPLICA"}  # so that the documented default OFF is not what a new server has
_LIBRARIES = "shared_preload_libraries"


def stored(world: World, server: Resource, parameter: Parameter) -> Resource:
    """Return the parameter as the server has it now."""
    resource_id = f"{server.id}/configurations/{parameter.name}"
    return world.store.get(resource_id) or Resource(resource_id, KIND, {"properties": _untouched(parameter)})


def _untouched(parameter: Parameter) -> Body:
    return {
        "value": _NEW.get(parameter.name, parameter.default),
        "description": parameter.description,
        "defaultValue": parameter.default,
        "dataType": parameter.kind,
        "allowedValues": parameter.allowed,
        "source": "user-override" if parameter.name in _NEW else "system-default",
        "isConfigPendingRestart": "False",
        "isDynamicConfig": str(parameter.dynamic),
    }


def set_value(world: World, server: Resource, parameter: Parameter, value: str, source: str) -> None:
    """Give the parameter a value; a static one then waits for a restart."""
    one = stored(world, server, parameter)
    waits = not parameter.dynamic and value != one.properties["value"]
    one.properties.update(value=value, source=source)
    if waits:
        one.properties["isConfigPendingRestart"] = "True"
    world.store.put(one)


def _is_there(world: World, server: Resource, parameter: Parameter) -> bool:
    if not parameter.name.startswith("pgaudit."):
        return True
    libraries = stored(world, server, TABLE[_LIBRARIES]).properties
    return "pgaudit" in libraries["value"].split(",") and libraries["isConfigPendingRestart"] == "False"


def _find(request: Request, server: Resource, name: str) -> Parameter:
    found = TABLE.get(name.lower())
    if found is None or not _is_there(request.world, server, found):
        raise child_not_found(KIND, name)
    return found


def _get(request: Request) -> Answer:
    server = SINGLE.server(request)
    return Answer(200, item(stored(request.world, server, _find(request, server, request.name))))


def _all(request: Request) -> list[Body]:
    server, world = SINGLE.server(request), request.world
    return [item(stored(world, server, one)) for one in TABLE.values() if _is_there(world, server, one)]


def _list(request: Request) -> Answer:
    return page(_all(request))


def _read(request: Request, server: Resource, name: str, sent: Body) -> functools.partial[None]:
    parameter = _find(request, server, name)
    source = sent.get("source") or "user-override"
    value = parameter.default if source == "system-default" else parameter.read(sent.get("value"))
    return functools.partial(set_value, request.world, server, parameter, value, source)


def _put(request: Request) -> Outcome:
    server = SINGLE.idle(request)
    change = _read(request, server, request.name, request.body.get("properties") or {})
    return accepted(server, "UpdateElasticServerConfig", change)


def _update(request: Request) -> Outcome:
    server = SINGLE.idle(request)
    given = request.body.get("value")
    if not isinstance(given, list) or not all(isinstance(one, dict) and "name" in one for one in given):
        raise invalid_value("value")
    changes = [_read(request, server, one["name"], one.get("properties") or {}) for one in given]

    def apply() -> None:
        for change in changes:
            change()

    return accepted(server, "UpdateElasticServerConfigs", apply)  # name not verified


TYPES = (
    ResourceType(KIND, VERSIONS, get=_get, list=_list, writes={"PUT": _put}, locations=LOCATIONS, always_there=True),
    ResourceType(f"{SERVERS}/updateConfigurations", VERSIONS, action=_update, locations=LOCATIONS),
)
