"""What watches over a single server: its security alert policy, which is always there."""

from emulator.arm.call import Answer
from emulator.arm.operations import Polls
from emulator.arm.registry import Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body
from emulator.errors import child_not_found
from emulator.resources.answers import item, page
from emulator.resources.family import accepted
from emulator.resources.locations import LOCATIONS
from emulator.resources.settable import FLAG, ITEMS, SWITCH, TEXT, Choice, Rule, Settable, Whole
from emulator.resources.single.kind import SERVERS, SINGLE, VERSIONS
from emulator.world import World

KIND = f"{SERVERS}/securityAlertPolicies"
_NAME = "Default"
_POLLS = Polls(status="securityAlertPoliciesAzureAsyncOperation", result="securityAlertPoliciesOperationResults")
_SETTABLE = Settable(
    {
        "properties.state": Rule(Choice(SWITCH)),
        "properties.disabledAlerts": Rule(ITEMS),
        "properties.emailAddresses": Rule(ITEMS),
        "properties.emailAccountAdmins": Rule(FLAG),
        "properties.storageEndpoint": Rule(TEXT),
        "properties.storageAccountAccessKey": Rule(TEXT, is_secret=True),
        "properties.retentionDays": Rule(Whole(0, 3_650)),
    }
)
_NEW: Body = {
    "state": "Disabled",
    "disabledAlerts": [],
    "emailAddresses": [],
    "emailAccountAdmins": False,
    "storageEndpoint": "",
    "storageAccountAccessKey": "",
    "retentionDays": 0,
}


def policy_of(world: World, server: Resource) -> Resource:
    """Return the policy as it stands."""
    policy_id = f"{server.id}/securityAlertPolicies/{_NAME}"
    return world.store.get(policy_id) or Resource(policy_id, KIND, {"properties": dict(_NEW)})


def _policy(request: Request) -> Resource:
    server = SINGLE.server(request)
    if request.name.lower() != _NAME.lower():
        raise child_not_found(KIND, request.name)
    return policy_of(request.world, server)


def _get(request: Request) -> Answer:
    return Answer(200, item(_policy(request)))


def _list(request: Request) -> Answer:
    return page([item(policy_of(request.world, SINGLE.server(request)))])


def _put(request: Request) -> Outcome:
    server, one = SINGLE.idle(request), _policy(request)
    # a PUT says everything: what it leaves out is as in a new policy
    changed = Resource(one.id, KIND, _SETTABLE.changed({"properties": dict(_NEW)}, request.body))
    operation = "UpsertElasticServerSecurityAlertPolicy"  # not verified, as the words of its polls
    return accepted(server, operation, lambda: request.world.store.put(changed), _POLLS)


TYPES = (
    ResourceType(KIND, VERSIONS, get=_get, list=_list, writes={"PUT": _put}, locations=LOCATIONS, always_there=True),
)
