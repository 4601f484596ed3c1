"""Everything that the emulated Azure consists of at one moment."""

from collections.abc import Callable
from dataclasses import dataclass, field

from emulator.access import Access
from emulator.activity import ActivityLog
from emulator.arm.operations import Operations
from emulator.arm.store import Resource, Store
from emulator.body import Body
from emulator.clock import Clock
from emulator.defender.export import Export
from emulator.fleet import Fleet, Subscription
from emulator.settings import Settings
from emulator.tree import Tree
from emulator.vaults.news import News
from emulator.vaults.standings import Standings


@dataclass(slots=True)
class World:
    """The fleet as it was given, and what has become of it."""

    fleet: Fleet
    settings: Settings
    clock: Clock
    store: Store
    tree: Tree
    access: Access
    operations: Operations
    activity: ActivityLog
    graph: dict[str, Callable[["World", Resource], Body]]  # how each type is shown in Resource Graph
    export: Export  # where Defender streams its alerts
    news: News  # what key vaults tell Event Grid
    operation_seconds: float  # starts as the setting, changed through the control API
    # by resource id and metric, lower case; None: Azure Monitor knows nothing. Set through the control API.
    metrics: dict[str, float | None] = field(default_factory=dict)
    standings: Standings = field(default_factory=Standings)

    def subscription(self, subscription_id: str) -> Subscription | None:
        """Return the subscription with this id."""
        low = subscription_id.lower()
        return next((one for one in self.fleet.subscriptions if one.id == low), None)
