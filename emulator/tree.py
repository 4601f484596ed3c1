"""What lies in what: tenant root group, management groups, subscriptions, and everything with an id below them."""

from collections.abc import Iterator

from emulator.fleet import Fleet, ManagementGroup
from emulator.ids import is_within, subscription_of

GROUPS = "/providers/Microsoft.Management/managementGroups/"
_LOW = GROUPS.lower()


class Tree:
    """The fleet's hierarchy. Every tenant has a root group, which is named by the tenant's id."""

    def __init__(self, fleet: Fleet) -> None:
        root = ManagementGroup(name=fleet.tenant_id, display_name="Tenant Root Group")
        used = [one.management_group for one in fleet.subscriptions if one.management_group]
        undeclared = [ManagementGroup(name=name) for name in dict.fromkeys(used)]
        self._root = root
        self._groups = {one.name.lower(): one for one in (*undeclared, *fleet.management_groups, root)}
        self._of_subscription = {one.id: one.management_group or root.name for one in fleet.subscriptions}

    @property
    def groups(self) -> list[ManagementGroup]:
        """Every management group, the root last."""
        return list(self._groups.values())

    def above_group(self, name: str) -> list[ManagementGroup]:
        """The ancestors of a group, nearest first; the root has none."""
        return list(self._upwards(self._groups[name.lower()].parent)) if name.lower() != self._root.name else []

    def above_subscription(self, subscription_id: str) -> list[ManagementGroup]:
        """The groups that hold the subscription, nearest first, the root last; none for a stranger."""
        name = self._of_subscription.get(subscription_id.lower())
        return [] if name is None else list(self._upwards(name))

    def contains(self, scope: str, resource_id: str) -> bool:
        """Whether an id lies in a scope; "/" holds everything."""
        if is_within(resource_id, scope):
            return True
        if not scope.lower().startswith(_LOW):
            return False
        return scope.lower().removeprefix(_LOW).strip("/") in {one.name.lower() for one in self._above(resource_id)}

    def _above(self, resource_id: str) -> list[ManagementGroup]:
        if resource_id.lower().startswith(_LOW):
            name = resource_id.lower().removeprefix(_LOW).split("/")[0]
            return self.above_group(name) if name in self._groups else []
        return self.above_subscription(subscription_of(resource_id))

    def _upwards(self, name: str) -> Iterator[ManagementGroup]:
        while name and name.lower() != self._root.name:
            one = self._groups[name.lower()]
            yield one
            name = one.parent
        yield self._root
