"""The table `resourcecontainers` of Resource Graph: subscriptions, resource groups, management groups.

Shapes as shown on learn.microsoft.com, "Azure Resource Graph sample queries for management groups", and as recorded by
public tools: a subscription's `properties.managementGroupAncestorsChain` lists the groups above it, nearest first.
"""

from collections.abc import Iterable

from emulator.arm.registry import Request
from emulator.body import Body
from emulator.fleet import ManagementGroup, ResourceGroup, Subscription
from emulator.graph.kql import Rows
from emulator.tree import GROUPS

_SUBSCRIPTION = "Microsoft.Resources/subscriptions/read"
_GROUP = "Microsoft.Resources/subscriptions/resourceGroups/read"
_MANAGEMENT_GROUP = "Microsoft.Management/managementGroups/read"


def container_rows(request: Request, wanted: set[str]) -> Rows:
    """What the caller may read, in the subscriptions asked for."""
    rows: Rows = []
    may = request.call.caller.may
    for one in request.world.fleet.subscriptions:
        id_ = f"/subscriptions/{one.id}"
        if one.id in wanted and may(_SUBSCRIPTION, id_):
            rows.append(_subscription(request, one))
        if one.id in wanted:
            groups = [group for group in one.resource_groups if may(_GROUP, f"{id_}/resourceGroups/{group.name}")]
            rows += [_resource_group(request, one, group) for group in groups]
    shown = [one for one in request.world.tree.groups if may(_MANAGEMENT_GROUP, f"{GROUPS}{one.name}")]
    return rows + [_management_group(request, one) for one in shown]


def _row(request: Request, id_: str, name: str, kind: str, **more: object) -> Body:
    common: Body = {"id": id_, "name": name, "type": kind, "tenantId": request.world.fleet.tenant_id}
    empty: Body = {"kind": "", "location": "", "resourceGroup": "", "subscriptionId": "", "tags": None}
    return common | empty | more


def _subscription(request: Request, one: Subscription) -> Body:
    properties: Body = {
        "state": "Enabled",
        "subscriptionPolicies": {"quotaId": "EnterpriseAgreement_2014-09-01", "spendingLimit": "Off"},
        "managementGroupAncestorsChain": _chain(request.world.tree.above_subscription(one.id)),
    }
    kind = "microsoft.resources/subscriptions"
    id_ = f"/subscriptions/{one.id}"
    return _row(request, id_, one.name, kind, subscriptionId=one.id, properties=properties)


def _resource_group(request: Request, subscription: Subscription, group: ResourceGroup) -> Body:
    return _row(
        request,
        f"/subscriptions/{subscription.id}/resourceGroups/{group.name}",
        group.name,
        "microsoft.resources/subscriptions/resourcegroups",
        location=group.location,
        resourceGroup=group.name.lower(),
        subscriptionId=subscription.id,
        tags=dict(group.tags),
        properties={"provisioningState": "Succeeded"},
    )


def _management_group(request: Request, one: ManagementGroup) -> Body:
    above = request.world.tree.above_group(one.name)
    details: Body = {"managementGroupAncestorsChain": _chain(above)}
    if above:
        details["parent"] = {"id": f"{GROUPS}{above[0].name}"} | _chain(above[:1])[0]
    properties = {"displayName": one.shown_name, "tenantId": request.world.fleet.tenant_id, "details": details}
    kind = "microsoft.management/managementgroups"
    return _row(request, f"{GROUPS}{one.name}", one.name, kind, properties=properties)


def _chain(groups: Iterable[ManagementGroup]) -> list[Body]:
    return [{"displayName": one.shown_name, "name": one.name} for one in groups]
