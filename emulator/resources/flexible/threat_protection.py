"""Microsoft.DBforPostgreSQL/flexibleServers/advancedThreatProtectionSettings: Defender on one server."""

from emulator.arm.call import Answer
from emulator.arm.registry import Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import dig
from emulator.clock import long_stamp
from emulator.errors import child_not_found, invalid_value
from emulator.resources.answers import item, page
from emulator.resources.family import accepted
from emulator.resources.flexible.kind import FLEXIBLE, SERVERS, since
from emulator.resources.locations import LOCATIONS
from emulator.world import World

KIND = f"{SERVERS}/advancedThreatProtectionSettings"
_NAME, _NEVER = "Default", "0001-01-01T00:00:00Z"


def settings_of(world: World, server: Resource) -> Resource:
    """Return the settings as they stand; they are always there."""
    settings_id = f"{server.id}/advancedThreatProtectionSettings/{_NAME}"
    fresh = {"properties": {"state": "Disabled", "creationTime": _NEVER}}
    return world.store.get(settings_id) or Resource(settings_id, KIND, fresh)


def set_state(world: World, server: Resource, state: str) -> None:
    """Switch it on or off."""
    one = settings_of(world, server)
    one.properties["state"] = state
    if one.properties["creationTime"] == _NEVER:
        one.properties["creationTime"] = long_stamp(world.clock.now())
    world.store.put(one)


def _require_name(request: Request) -> None:
    if request.name.lower() != _NAME.lower():
        raise child_not_found(KIND, request.name)


def _get(request: Request) -> Answer:
    server = FLEXIBLE.server(request)
    _require_name(request)
    return Answer(200, item(settings_of(request.world, server)))


def _list(request: Request) -> Answer:
    return page([item(settings_of(request.world, FLEXIBLE.server(request)))])


def _put(request: Request) -> Outcome:
    server = FLEXIBLE.idle(request)
    _require_name(request)
    state = dig(request.body, "properties.state")
    if state not in ("Enabled", "Disabled"):
        raise invalid_value("state")
    operation = "UpsertThreatProtectionStateOperation"
    return accepted(server, operation, lambda: set_state(request.world, server, state))


TYPES = (
    ResourceType(
        KIND,
        since("2023-06-01-preview"),
        get=_get,
        list=_list,
        writes={"PUT": _put},
        locations=LOCATIONS,
        always_there=True,
    ),
)
