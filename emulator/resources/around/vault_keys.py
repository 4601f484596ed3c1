"""Microsoft.KeyVault/vaults/keys as Resource Manager sees them: read, and made if not there; never changed.

What changes a key is the data plane, `emulator.vaults`; both show the same versions.
"""

import re
import uuid
from collections.abc import Iterator

from emulator.arm.call import Answer
from emulator.arm.registry import Done, Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body, merged
from emulator.errors import child_not_found, invalid_value
from emulator.resources.answers import page
from emulator.resources.around import key_vaults
from emulator.resources.around.scopes import require_parent
from emulator.resources.locations import LOCATIONS
from emulator.world import World

KIND = f"{key_vaults.KIND}/keys"
VERSION = f"{KIND}/versions"
_TYPES = ("EC", "EC-HSM", "RSA", "RSA-HSM")
_OPERATIONS = ("encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey")
_URI = re.compile(r"https://([^./]+)\.vault\.[^/]+/keys/([^/?#]+)(?:/([^/?#]+))?/?", re.IGNORECASE)
_LEVEL = {True: "Recoverable", False: "Recoverable+Purgeable"}


def find_key(world: World, vault: Resource, name: str) -> Resource | None:
    """Return a key of a vault."""
    return world.store.get(f"{vault.id}/keys/{name}")


def versions_of(world: World, key: Resource) -> list[Resource]:
    """Return the versions of a key, the current one last."""
    return world.store.children(key.id, VERSION)


def add_version(world: World, vault: Resource, name: str, given: Body) -> Resource:
    """Make a new version of a key, and the key itself if it is not there; returns the version."""
    kind = given.get("kty", "RSA")
    if kind not in _TYPES:
        raise invalid_value("kty")
    key = find_key(world, vault, name)
    if key is None:
        key = Resource(f"{vault.id}/keys/{name}", KIND, {"properties": {"rotationPolicy": {}}})
        world.store.put(key)
    if given.get("rotationPolicy"):
        key.properties["rotationPolicy"] = given["rotationPolicy"]
    now = int(world.clock.now().timestamp())
    properties: Body = {
        "kty": kind,
        "keyOps": list(given.get("keyOps") or _OPERATIONS),
        "attributes": {"enabled": True, **(given.get("attributes") or {}), "created": now, "updated": now},
    }
    if kind.startswith("RSA"):
        properties["keySize"] = given.get("keySize") or 2048
    else:
        properties["curveName"] = given.get("curveName") or "P-256"
    made = given.get("version") or uuid.uuid4().hex
    version = Resource(
        f"{key.id}/versions/{made}", VERSION, {"properties": properties, "tags": given.get("tags") or {}}
    )
    world.store.put(version)
    world.news.new_version(vault, key.name, version)
    return version


def newest_keys(world: World) -> Iterator[tuple[Resource, str, Resource]]:
    """Give the vault, the name and the newest version of every key."""
    for vault in world.store.of_type(key_vaults.KIND):
        for key in world.store.children(vault.id, KIND):
            yield vault, key.name, versions_of(world, key)[-1]


def place_of(world: World, uri: object) -> tuple[Resource, str] | None:
    """Return the vault and the key that an address names, if the vault is one of the fleet."""
    match = _URI.fullmatch(str(uri))
    vault = key_vaults.find(world, match[1]) if match else None
    return (vault, match[2]) if match and vault else None


def is_usable(world: World, uri: object) -> bool:
    """Whether a key is there, enabled and within its time; keys of vaults that are not emulated always are."""
    match = _URI.fullmatch(str(uri))
    vault = key_vaults.find(world, match[1]) if match else None
    if match is None or vault is None:
        return True
    key = find_key(world, vault, match[2])
    found = versions_of(world, key) if key else []
    if match[3]:
        found = [one for one in found if one.name.lower() == match[3].lower()]
    if not found:
        return False
    its, now = found[-1].properties["attributes"], world.clock.now().timestamp()
    return bool(its["enabled"]) and its.get("nbf", 0) <= now < its.get("exp", float("inf"))


def _shown(vault: Resource, key: Resource, version: Resource, place: str) -> Body:
    uri = f"https://{key_vaults.host(vault)}/keys/{key.name}"
    level = {"recoveryLevel": _LEVEL[bool(vault.properties.get("enablePurgeProtection"))], "exportable": False}
    properties = {
        **version.properties,
        "attributes": merged(version.properties["attributes"], level),
        "keyUri": uri,
        "keyUriWithVersion": f"{uri}/{version.name}",
    }
    if key.properties["rotationPolicy"]:
        properties["rotationPolicy"] = key.properties["rotationPolicy"]
    one = version if place == VERSION else key
    tags = version.body["tags"]
    head = {"id": one.id, "name": one.name, "type": place, "location": vault.body["location"], "tags": tags}
    return head | {"properties": properties}


def _vault(request: Request) -> Resource:
    parent = require_parent(request, KIND)
    vault_id = parent.partition("/keys/")[0]
    found = request.world.store.get(vault_id)
    if found is None:
        raise child_not_found(key_vaults.KIND, request.path.names[0])
    return found


def _current(request: Request) -> tuple[Resource, Resource, Resource]:
    vault, name = _vault(request), request.path.names[1]
    key = find_key(request.world, vault, name)
    if key is None:
        raise child_not_found(KIND, name)
    return vault, key, versions_of(request.world, key)[-1]


def _get(request: Request) -> Answer:
    return Answer(200, _shown(*_current(request), KIND))


def _list(request: Request) -> Answer:
    vault, world = _vault(request), request.world
    keys = world.store.children(vault.id, KIND)
    return page([_shown(vault, key, versions_of(world, key)[-1], KIND) for key in keys])


def _put(request: Request) -> Outcome:
    vault = _vault(request)
    given = request.body.get("properties") or {}
    if find_key(request.world, vault, request.name) is None:
        add_version(request.world, vault, request.name, {**given, "tags": request.body.get("tags")})
    return Done(_get(request))


def _get_version(request: Request) -> Answer:
    vault, key, _ = _current(request)
    for one in versions_of(request.world, key):
        if one.name.lower() == request.name.lower():
            return Answer(200, _shown(vault, key, one, VERSION))
    raise child_not_found(VERSION, request.name)


def _list_versions(request: Request) -> Answer:
    vault, key, _ = _current(request)
    return page([_shown(vault, key, one, VERSION) for one in versions_of(request.world, key)])


TYPES = (
    ResourceType(KIND, key_vaults.VERSIONS, get=_get, list=_list, writes={"PUT": _put}, locations=LOCATIONS),
    ResourceType(VERSION, key_vaults.VERSIONS, get=_get_version, list=_list_versions, locations=LOCATIONS),
)
