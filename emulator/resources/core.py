"""ARM's own resources: subscriptions, resource groups, tenants, locations and provider registration.

Shapes from recorded traffic of the az CLI; any api-version is taken.
"""

from emulator.arm.call import Answer
from emulator.arm.registry import Request, ResourceType
from emulator.body import Body
from emulator.errors import group_not_found, not_emulated, subscription_not_found
from emulator.fleet import ResourceGroup, Subscription
from emulator.resources.citus.kind import VERSIONS as CITUS_VERSIONS
from emulator.resources.flexible.kind import NAMESPACE, VERSIONS
from emulator.resources.locations import LOCATIONS, described, long
from emulator.resources.single.kind import VERSIONS as SINGLE_VERSIONS

_READ = "Microsoft.Resources/subscriptions/resourceGroups/read"


def _subscription(request: Request) -> Subscription:
    found = request.world.subscription(request.path.names[0])
    if found is None:
        raise subscription_not_found(request.path.names[0])
    return found


def _described_subscription(request: Request, one: Subscription) -> Body:
    return {
        "id": f"/subscriptions/{one.id}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": one.id,
        "tenantId": request.world.fleet.tenant_id,
        "displayName": one.name,
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "EnterpriseAgreement_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def _list_subscriptions(request: Request) -> Answer:
    caller = request.call.caller
    mine = [one for one in request.world.fleet.subscriptions if caller.may(_READ, f"/subscriptions/{one.id}")]
    count = {"type": "Total", "value": len(mine)}
    return Answer(200, {"value": [_described_subscription(request, one) for one in mine], "count": count})


def _get_subscription(request: Request) -> Answer:
    request.call.caller.require("Microsoft.Resources/subscriptions/read", request.path.scope)
    return Answer(200, _described_subscription(request, _subscription(request)))


def _list_tenants(request: Request) -> Answer:
    fleet = request.world.fleet
    tenant = {
        "id": f"/tenants/{fleet.tenant_id}",
        "tenantId": fleet.tenant_id,
        "countryCode": "CH",
        "displayName": "Contoso Bank",
        "domains": [fleet.tenant_domain],
        "tenantCategory": "Home",
        "defaultDomain": fleet.tenant_domain,
        "tenantType": "AAD",
    }
    return Answer(200, {"value": [tenant]})


def _described_group(subscription: Subscription, group: ResourceGroup) -> Body:
    return {
        "id": f"/subscriptions/{subscription.id}/resourceGroups/{group.name}",
        "name": group.name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": group.location,
        "tags": dict(group.tags),
        "properties": {"provisioningState": "Succeeded"},
    }


def _list_groups(request: Request) -> Answer:
    subscription = _subscription(request)
    return Answer(200, {"value": [_described_group(subscription, group) for group in subscription.resource_groups]})


def _get_group(request: Request) -> Answer:
    subscription = _subscription(request)
    for group in subscription.resource_groups:
        if group.name.lower() == request.name.lower():
            return Answer(200, _described_group(subscription, group))
    raise group_not_found(request.name)


def _list_locations(request: Request) -> Answer:
    subscription = _subscription(request)
    return Answer(200, {"value": [described(subscription.id, one) for one in LOCATIONS]})


_KINDS = (
    ("flexibleServers", VERSIONS),
    ("servers", SINGLE_VERSIONS),
    ("serverGroupsv2", CITUS_VERSIONS),
    ("locations/azureAsyncOperation", VERSIONS),
    ("locations/operationResults", VERSIONS),
)


def _get_provider(request: Request) -> Answer:
    subscription = _subscription(request)
    if request.name.lower() != NAMESPACE.lower():
        raise not_emulated(f"the provider {request.name}")
    places = [long(one) for one in LOCATIONS]
    kinds = [
        {"resourceType": kind, "locations": places, "apiVersions": list(reversed(versions))}
        for kind, versions in _KINDS
    ]
    body = {
        "id": f"/subscriptions/{subscription.id}/providers/{NAMESPACE}",
        "namespace": NAMESPACE,
        "registrationState": "Registered",
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": kinds,
    }
    return Answer(200, body)


TYPES = (
    ResourceType("Microsoft.Resources/tenants", (), list=_list_tenants, is_open=True),
    ResourceType(
        "Microsoft.Resources/subscriptions", (), get=_get_subscription, list=_list_subscriptions, is_open=True
    ),
    ResourceType("Microsoft.Resources/subscriptions/resourceGroups", (), get=_get_group, list=_list_groups),
    ResourceType("Microsoft.Resources/subscriptions/locations", (), list=_list_locations),
    ResourceType("Microsoft.Resources/subscriptions/providers", (), get=_get_provider),
)
