"""A resource as a row of Azure Resource Graph: lower-case type and group, short location."""

from emulator.arm.store import Resource
from emulator.body import Body
from emulator.ids import group_of, subscription_of
from emulator.resources.locations import short
from emulator.world import World


def graph_row(world: World, resource: Resource, body: Body) -> Body:
    """Return the row of a resource that is answered as `body`."""
    return {
        "id": resource.id,
        "name": resource.name,
        "type": resource.type.lower(),
        "tenantId": world.fleet.tenant_id,
        "kind": body.get("kind", ""),
        "location": short(body.get("location", "")),
        "resourceGroup": group_of(resource.id).lower(),
        "subscriptionId": subscription_of(resource.id),
        "managedBy": "",
        "sku": body.get("sku"),
        "plan": None,
        "properties": body.get("properties"),
        "tags": body.get("tags"),
        "identity": body.get("identity"),
        "zones": None,
        "extendedLocation": None,
    }
