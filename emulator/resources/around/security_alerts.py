"""Microsoft.Security alerts: read, listed by scope and by region, moved through their life; sample alerts on request.

An alert is found where it hangs: one about a resource in a group by the path with that group alone.
"""

from emulator.arm.call import Answer
from emulator.arm.operations import Polls
from emulator.arm.registry import Accepted, Done, Outcome, Request, ResourceType, Write
from emulator.arm.store import Resource
from emulator.clock import long_stamp
from emulator.defender.alerts import TYPE, link_to, new_name
from emulator.defender.export import exported
from emulator.errors import child_not_found, invalid_value
from emulator.resources.answers import item, page
from emulator.resources.around.scopes import require_scope
from emulator.resources.locations import LOCATIONS

VERSIONS = ("2022-01-01",)
_ACTIONS = {
    "activate": "Active",
    "inProgress": "InProgress",
    "resolve": "Resolved",
    "dismiss": "Dismissed",
}
# azure-mgmt-security 7.0.0, BundleType; there is none for open-source databases
_BUNDLES = (
    "AppServices",
    "DNS",
    "KeyVaults",
    "KubernetesService",
    "ResourceManager",
    "SqlServers",
    "StorageAccounts",
    "VirtualMachines",
    "CosmosDbs",
)
# where its operations are asked about was not found in writing
_POLLS = Polls("Microsoft.Security", "operationStatuses", "operationResults")


def _get(request: Request) -> Answer:
    return Answer(200, item(_found(request, request.name)))


def _list(request: Request) -> Answer:
    scope = require_scope(request.world, request.path.scope)
    return page([item(one) for one in request.world.store.of_type(TYPE, scope)])


def _list_of_region(request: Request) -> Answer:
    scope, region = require_scope(request.world, request.path.scope), request.path.names[0].lower()
    found = request.world.store.of_type(TYPE, scope)
    return page([item(one) for one in found if one.id.lower().split("/")[-3] == region])


def _moved(status: str) -> Write:
    def move(request: Request) -> Outcome:
        alert = _found(request, request.path.names[1])
        if alert.properties["status"] != status:
            alert.properties["status"] = status
            request.world.export.send(exported(alert))
        return Done(Answer(204))

    return move


def _found(request: Request, name: str) -> Resource:
    scope = require_scope(request.world, request.path.scope)
    region = request.path.names[0]
    found = request.world.store.get(f"{scope}/providers/Microsoft.Security/locations/{region}/alerts/{name}")
    if found is None:
        raise child_not_found("Microsoft.Security/locations/alerts", name)  # the code is not verified
    return found


def _simulate(request: Request) -> Outcome:
    given = request.body.get("properties") or {}
    bundles = given.get("bundles") or []
    if given.get("kind") != "Bundles" or not set(bundles) <= set(_BUNDLES):
        raise invalid_value("properties.bundles")
    scope = require_scope(request.world, request.path.scope)

    def apply() -> None:
        made = [_sample(request, scope, bundle) for bundle in bundles]
        request.world.export.send(*map(exported, made))

    return Accepted("", apply, "", request.path.names[0], _POLLS, lambda: Answer(202))


def _sample(request: Request, scope: str, bundle: str) -> Resource:
    now = request.world.clock.now()
    group = f"{scope}/resourceGroups/Sample-RG"
    place = f"{group}/providers/Microsoft.Security/locations/{request.path.names[0]}"
    one = Resource(f"{place}/alerts/{new_name(now)}", TYPE, {"properties": {}})
    about = f"{group}/providers/Microsoft.Compute/virtualMachines/Sample-VM"
    one.body["properties"] = {
        "version": "2022-01-01",
        "alertType": f"Sample_{bundle}",
        "systemAlertId": one.name,
        "alertDisplayName": "[SAMPLE ALERT] Login from a suspicious IP",
        "description": "THIS IS A SAMPLE ALERT: your resource has been accessed from a suspicious IP address.",
        "severity": "Medium",
        "intent": "PreAttack",
        "startTimeUtc": long_stamp(now),
        "endTimeUtc": long_stamp(now),
        "resourceIdentifiers": [{"azureResourceId": about, "type": "AzureResource"}],
        "vendorName": "Microsoft",
        "status": "Active",
        "alertUri": link_to(one.id),
        "timeGeneratedUtc": long_stamp(now),
        "productName": "Microsoft Defender for Cloud",
        "processingEndTimeUtc": long_stamp(now),
        "entities": [],
        "isIncident": False,
        "extendedProperties": {},
        "compromisedEntity": "Sample-VM",
    }
    request.world.store.put(one)
    return one


def _poll(request: Request) -> Answer:
    return request.world.operations.poll_status(request.call, request.name)


def _result(request: Request) -> Answer:
    return request.world.operations.poll_result(request.call, request.name)


_WRITES: dict[str, Write] = {**{word: _moved(status) for word, status in _ACTIONS.items()}, "simulate": _simulate}
_ALERTS = "Microsoft.Security/locations/alerts"
TYPES = (
    ResourceType("Microsoft.Security/alerts", VERSIONS, list=_list, locations=LOCATIONS),
    ResourceType(_ALERTS, VERSIONS, get=_get, list=_list_of_region, locations=LOCATIONS),
    *(
        ResourceType(f"{_ALERTS}/{word}", VERSIONS, action=write, locations=LOCATIONS)
        for word, write in _WRITES.items()
    ),
    ResourceType("Microsoft.Security/locations/operationStatuses", VERSIONS, get=_poll),
    ResourceType("Microsoft.Security/locations/operationResults", VERSIONS, get=_result),
)
