"""The resource types that the emulator serves. One file per type; a new one is added to the list below."""

from emulator.arm.registry import ResourceType
from emulator.graph import endpoint as resource_graph
from emulator.resources import (
    activity_log,
    core,
    flexible_administrators,
    flexible_capabilities,
    flexible_configurations,
    flexible_firewall_rules,
    flexible_private_endpoints,
    flexible_servers,
    policy,
    polls,
    single,
)


def all_types() -> list[ResourceType]:
    """Return every type."""
    return [
        *core.TYPES,
        *polls.TYPES,
        *flexible_servers.TYPES,
        *flexible_firewall_rules.TYPES,
        *flexible_configurations.TYPES,
        *flexible_administrators.TYPES,
        *flexible_private_endpoints.TYPES,
        *flexible_capabilities.TYPES,
        *activity_log.TYPES,
        *policy.TYPES,
        *single.TYPES,
        *resource_graph.TYPES,
    ]
