"""The resource types that the emulator serves. A new one is added to the list below."""

from emulator.arm.registry import ResourceType
from emulator.graph import endpoint as resource_graph
from emulator.resources import (
    activity_log,
    around,
    citus,
    core,
    flexible,
    metrics,
    policy,
    polls,
    single,
)


def all_types() -> list[ResourceType]:
    """Return every type."""
    return [
        *core.TYPES,
        *polls.TYPES,
        *flexible.TYPES,
        *activity_log.TYPES,
        *metrics.TYPES,
        *policy.TYPES,
        *single.TYPES,
        *citus.TYPES,
        *around.TYPES,
        *resource_graph.TYPES,
    ]
