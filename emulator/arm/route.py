"""From a request to the resource type it is about, the verb, and the right it takes."""

from dataclasses import dataclass

from emulator.arm.call import Call
from emulator.arm.registry import Registry, ResourceType
from emulator.errors import ArmError, not_emulated
from emulator.ids import Path, group_of, parse_path

_VERBS = {"GET": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete", "POST": "action"}


@dataclass(frozen=True, slots=True)
class Route:
    """What a call is about."""

    type: ResourceType
    path: Path
    verb: str  # read, write, delete or action
    permission: str  # the RBAC action: type and verb
    scope: str  # id that the permission is needed on


def route(call: Call, registry: Registry) -> Route:
    """Return the route of a call, or refuse it as ARM does."""
    path = parse_path(call.path)
    if path is None or not path.types:
        path = _core_path(call.path, path)
    found = registry.find(path)
    verb = _VERBS.get(call.method)
    if found is None or verb is None:
        raise not_emulated(f"{call.method} on {'/'.join((path.namespace, *path.types))}")
    here = call.path.rstrip("/")
    return Route(found, path, verb, f"{found.name}/{verb}", here if path.is_item else path.parent or here)


def _core_path(path: str, provider: Path | None) -> Path:
    """Read the paths of ARM itself as types of Microsoft.Resources: /subscriptions/s/resourceGroups/g and the like."""
    words = [word for word in path.split("/") if word]
    if not words:
        raise not_emulated("/")
    types, names = tuple(words[::2]), tuple(words[1::2])
    scope = f"/subscriptions/{names[0]}" if provider or len(words) > 1 else ""
    return Path(scope, "Microsoft.Resources", types, names)


def check_version(call: Call, way: Route) -> None:
    """Refuse a missing or unknown api-version in ARM's words."""
    if not call.api_version:
        text = "The api-version query parameter (?api-version=) is required for all requests."
        raise ArmError(400, "MissingApiVersionParameter", text)
    known = way.type.api_versions
    if not known or call.api_version in known:
        return
    versions = ", ".join(known)
    if not group_of(call.path):
        text = f"The api-version '{call.api_version}' is invalid. The supported versions are '{versions}'."
        raise ArmError(400, "InvalidApiVersionParameter", text)
    text = (
        f"No registered resource provider found for location '{way.type.locations[0]}' and API version "
        f"'{call.api_version}' for type '{'/'.join(way.path.types)}'. The supported api-versions are '{versions}'. "
        f"The supported locations are '{', '.join(way.type.locations)}'."
    )
    raise ArmError(400, "NoRegisteredProviderFound", text)
