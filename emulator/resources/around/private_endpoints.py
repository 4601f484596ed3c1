"""Microsoft.Network/privateEndpoints and their DNS zone groups.

A new endpoint knocks at its server: it is approved at once for a caller who may approve there, a manual one is pending.
With the endpoint goes its connection. Form from recorded traffic of 2024.
"""

from collections.abc import Iterator

from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import ArmError, child_not_found
from emulator.fleet import made_id
from emulator.resources.around.forms import TABLE, Form
from emulator.resources.around.network import POLLS, VERSIONS
from emulator.resources.around.plain import Plain
from emulator.resources.settable import ITEMS, TEXT
from emulator.world import World

KIND = "Microsoft.Network/privateEndpoints"
_AUTOMATIC, _MANUAL = "privateLinkServiceConnections", "manualPrivateLinkServiceConnections"
_STATE = "privateLinkServiceConnectionState"
_PROVISIONED = {"microsoft.dbforpostgresql/servers": "Ready"}
_FORBIDDEN = (
    "The client '{}' with object id '{}' has permission to perform action '{}/write' on scope '{}'; however, it does "
    "not have permission to perform action(s) '{}' on the linked scope(s) '{}'."
)


def _targets(endpoint: Body, word: str) -> Iterator[tuple[Body, str]]:
    for one in dig(endpoint, f"properties.{word}") or []:
        yield one, str(dig(one, "properties.privateLinkServiceId"))


def connections_of(world: World, endpoint_id: str, target_id: str) -> list[Resource]:
    """Return what a server has of an endpoint's connections."""
    target = world.store.get(target_id)
    if target is None:
        return []
    found = world.store.children(target.id, f"{target.type}/privateEndpointConnections")
    return [one for one in found if str(dig(one.properties, "privateEndpoint.id")).lower() == endpoint_id.lower()]


def _check(request: Request, _: Body | None, new: Body) -> None:
    caller = request.call.caller
    for word in (_AUTOMATIC, _MANUAL):
        for _, target_id in _targets(new, word):
            target = request.world.store.get(target_id)
            if target is None:
                raise child_not_found("privateLinkServiceId", target_id)
            action = f"{target.type}/privateEndpointConnectionsApproval/action"
            if word == _AUTOMATIC and not caller.may(action, target.id):
                who = caller.principal
                client = who.user_principal_name or who.app_id
                text = _FORBIDDEN.format(client, who.object_id, KIND, request.call.path, action, target.id)
                raise ArmError(403, "LinkedAuthorizationFailed", text)


def _stored(world: World, one: Resource) -> None:
    for word, status, why in ((_AUTOMATIC, "Approved", "Auto-approved"), (_MANUAL, "Pending", "")):
        for sent, target_id in _targets(one.body, word):
            if not connections_of(world, one.id, target_id):
                groups = dig(sent, "properties.groupIds") or []
                _connect(world, one, target_id, groups, {"status": status, "description": why})


def _connect(world: World, endpoint: Resource, target_id: str, groups: list[str], state: Body) -> None:
    target = world.store.get(target_id)
    if target is None:
        return
    properties: Body = {
        "privateEndpoint": {"id": endpoint.id},
        _STATE: {**state, "actionsRequired": "None"},
        "provisioningState": _PROVISIONED.get(target.type.lower(), "Succeeded"),
    }
    if target.type.lower() not in _PROVISIONED:
        properties["groupIds"] = groups
    name = f"{endpoint.name}.{made_id(target.id, endpoint.id)}"
    kind = f"{target.type}/privateEndpointConnections"
    world.store.put(Resource(f"{target.id}/privateEndpointConnections/{name}", kind, {"properties": properties}))


def _removed(world: World, one: Resource) -> None:
    for word in (_AUTOMATIC, _MANUAL):
        for _, target_id in _targets(one.body, word):
            for connection in connections_of(world, one.id, target_id):
                world.store.remove(connection.id)


def _facts(world: World, one: Resource) -> Body:
    group = one.id.partition("/providers/")[0]
    card = dig(one.properties, "customNetworkInterfaceName") or f"{one.name}.nic.{made_id('nic', one.id.lower())}"
    facts: Body = {
        "provisioningState": "Succeeded",
        "networkInterfaces": [{"id": f"{group}/providers/Microsoft.Network/networkInterfaces/{card}"}],
        "customDnsConfigs": [],
        "ipConfigurations": [],
    }
    for word in (_AUTOMATIC, _MANUAL):
        facts[word] = [_connection(world, one, sent, target_id) for sent, target_id in _targets(one.body, word)]
    return facts


def _connection(world: World, endpoint: Resource, sent: Body, target_id: str) -> Body:
    found = connections_of(world, endpoint.id, target_id)
    # a connection that the server removed
    state = found[0].properties[_STATE] if found else {"status": "Disconnected", "description": ""}
    properties = {**sent["properties"], "provisioningState": "Succeeded", _STATE: state}
    name = sent.get("name") or endpoint.name
    kind = "privateLinkServiceConnections"
    return {"name": name, "id": f"{endpoint.id}/{kind}/{name}", "type": f"{KIND}/{kind}", "properties": properties}


def _zones(_: World, one: Resource) -> Body:
    return {
        "provisioningState": "Succeeded",
        "privateDnsZoneConfigs": [
            {**config, "id": f"{one.id}/privateDnsZoneConfigs/{config.get('name')}"}
            for config in one.properties.get("privateDnsZoneConfigs") or []
        ],
    }


_FORM = Form(
    {
        "subnet": TABLE,
        _AUTOMATIC: ITEMS,
        _MANUAL: ITEMS,
        "customNetworkInterfaceName": TEXT,
    },
    required=("location", "properties.subnet.id"),
    defaults={"customNetworkInterfaceName": ""},
    tracked=True,
)
_ZONES = Form({"privateDnsZoneConfigs": ITEMS}, required=("properties.privateDnsZoneConfigs",))
ENDPOINTS = Plain(KIND, VERSIONS, _FORM, facts=_facts, check=_check, stored=_stored, removed=_removed, polls=POLLS)
PLAIN = (
    ENDPOINTS,
    Plain(f"{KIND}/privateDnsZoneGroups", VERSIONS, _ZONES, facts=_zones, polls=POLLS),
)
