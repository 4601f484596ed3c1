"""What the answers of all resource types share: items, lists, and the resource group that must be there."""

import copy

from emulator.arm.call import Answer
from emulator.arm.store import Resource
from emulator.body import Body
from emulator.errors import group_not_found, subscription_not_found
from emulator.ids import group_of, subscription_of
from emulator.world import World


def item(resource: Resource) -> Body:
    """Return a resource as it is answered."""
    return {**copy.deepcopy(resource.body), "id": resource.id, "name": resource.name, "type": resource.type}


def page(items: list[Body]) -> Answer:
    """Return a list answer."""
    return Answer(200, {"value": items})


def require_group(world: World, path: str) -> str:
    """Return the canonical id of the resource group in a path, or refuse with ARM's 404."""
    subscription = world.subscription(subscription_of(path))
    if subscription is None:
        raise subscription_not_found(subscription_of(path))
    wanted = group_of(path)
    for group in subscription.resource_groups:
        if group.name.lower() == wanted.lower():
            return f"/subscriptions/{subscription.id}/resourceGroups/{group.name}"
    raise group_not_found(wanted)
