"""Single servers themselves: made, copied, changed, restarted, deleted."""

import copy

from emulator.arm.call import Answer
from emulator.arm.registry import Nothing, Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.clock import long_stamp
from emulator.errors import ArmError, invalid_value
from emulator.fleet import made_id
from emulator.ids import group_of
from emulator.resources.answers import item, page, require_group
from emulator.resources.around.key_rights import SINGLE as LOST_AFTER
from emulator.resources.around.key_rights import is_reached
from emulator.resources.around.vault_keys import is_usable
from emulator.resources.family import accepted
from emulator.resources.graph_row import graph_row
from emulator.resources.identities import filled
from emulator.resources.locations import LOCATIONS
from emulator.resources.settable import require_growth
from emulator.resources.single import copies
from emulator.resources.single.kind import NEW, ON_PATCH, ON_PUT, SERVERS, SINGLE, VERSIONS, whole_sku
from emulator.world import World

_UPSERT = "UpsertElasticServer"
_STORAGE = "properties.storageProfile.storageMB"


def show(world: World, server: Resource) -> Body:
    """Return the server as it is answered."""
    properties = copy.deepcopy(server.properties)
    keys = world.store.children(server.id, f"{SERVERS}/keys")
    properties["userVisibleState"] = _state(world, server, keys)
    properties["fullyQualifiedDomainName"] = f"{server.name}.postgres.database.azure.com"
    properties["earliestRestoreDate"] = dig(server.body, "systemData.createdAt")
    properties["byokEnforcement"] = "Enabled" if keys else "Disabled"
    properties |= copies.roles(world, server)
    endpoints = world.store.children(server.id, f"{SERVERS}/privateEndpointConnections")
    properties["privateEndpointConnections"] = [{"id": one.id, "properties": one.properties} for one in endpoints]
    body = {name: value for name, value in item(server).items() if name != "systemData"}
    if "identity" in body:
        body["identity"] = filled(world, server.id, body["identity"])
    return body | {"properties": properties}


def _state(world: World, server: Resource, keys: list[Resource]) -> str:
    running = world.operations.running(server.id)
    if running is not None and running.name == "DropElasticServer":
        return "Dropping"
    who = made_id("identity", server.id.lower())
    good = all(
        is_usable(world, key.properties["uri"])
        and is_reached(world, key.properties["uri"], who, LOST_AFTER, by_itself=False)
        for key in keys
    )
    return "Ready" if good else "Inaccessible"


def row(world: World, server: Resource) -> Body:
    """Return the server's row in Resource Graph."""
    return graph_row(world, server, show(world, server))


def _get(request: Request) -> Answer:
    return Answer(200, show(request.world, SINGLE.server(request)))


def _list(request: Request) -> Answer:
    scope = request.path.scope
    if group_of(scope):
        require_group(request.world, scope)
    return page([show(request.world, one) for one in request.world.store.of_type(SERVERS, scope)])


def _put(request: Request) -> Outcome:
    group = require_group(request.world, request.path.scope)
    if SINGLE.find(request) is not None:
        return _change(request, is_put=True)
    location = request.body.get("location")
    if not isinstance(location, str) or not location:
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    mode = str(dig(request.body, "properties.createMode") or "Default")
    made = copies.start(request, mode)
    body = ON_PUT.changed(None, made.sent | {"properties": {**NEW, **made.sent.get("properties", {})}})
    body["properties"] |= {"replicationRole": "None", "masterServerId": ""} | made.fixed
    body |= {"location": location, "systemData": {"createdAt": long_stamp(request.world.clock.now())}}
    _fill_sku(body)
    server = Resource(f"{group}/providers/{SERVERS}/{request.name}", SERVERS, body)

    def apply() -> None:
        request.world.store.put(server)
        for name in ("postgres", "azure_maintenance", "azure_sys"):
            copies.add_database(request.world, server, name)
        made.fill(server)

    return accepted(server, made.operation, apply)


def _patch(request: Request) -> Outcome:
    return _change(request, is_put=False)


def _change(request: Request, *, is_put: bool) -> Outcome:
    server = SINGLE.idle(request)
    rules = ON_PUT if is_put else ON_PATCH
    sent = request.body
    _check(server.body, rules.changed(server.body, sent))

    def apply() -> None:
        server.body = rules.changed(server.body, sent)
        _fill_sku(server.body)
        copies.stand_alone(server, sent)

    return accepted(server, _UPSERT, apply)


def _check(old: Body, new: Body) -> None:
    _fill_sku(new)
    require_growth(old, new, _STORAGE)
    tls = "properties.minimalTlsVersion"
    # azure-docs, concepts-ssl-connection-security: once enforced, a minimum version cannot be done away with
    if dig(old, tls) != dig(new, tls) == "TLSEnforcementDisabled":
        raise invalid_value("minimalTlsVersion")


def _fill_sku(body: Body) -> None:
    name = dig(body, "sku.name") or "GP_Gen5_2"
    sku = whole_sku(name)
    if sku is None:
        raise invalid_value("sku.name")
    body["sku"] = sku


def _delete(request: Request) -> Outcome:
    require_group(request.world, request.path.scope)
    if SINGLE.find(request) is None:
        return Nothing()
    server = SINGLE.idle(request)
    return accepted(server, "DropElasticServer", lambda: copies.remove(request.world, server))


def _restart(request: Request) -> Outcome:
    server = SINGLE.idle(request)

    def apply() -> None:
        for one in request.world.store.children(server.id, f"{SERVERS}/configurations"):
            one.properties["isConfigPendingRestart"] = "False"

    return accepted(server, "RestartElasticServer", apply)  # name not verified


def _replicas(request: Request) -> Answer:
    return page([show(request.world, one) for one in copies.of(request.world, SINGLE.server(request))])


TYPES = (
    ResourceType(
        SERVERS,
        VERSIONS,
        get=_get,
        list=_list,
        writes={"PUT": _put, "PATCH": _patch, "DELETE": _delete},
        graph=row,
        locations=LOCATIONS,
    ),
    ResourceType(f"{SERVERS}/restart", VERSIONS, action=_restart, locations=LOCATIONS),
    ResourceType(f"{SERVERS}/replicas", VERSIONS, list=_replicas, locations=LOCATIONS),
)
