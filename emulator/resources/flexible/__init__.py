"""Flexible Server, elastic clusters included: Microsoft.DBforPostgreSQL/flexibleServers and its children."""

from emulator.resources.flexible import administrators, capabilities, configurations, endpoints, firewall_rules, servers

TYPES = (
    *servers.TYPES,
    *firewall_rules.TYPES,
    *configurations.TYPES,
    *administrators.TYPES,
    *endpoints.TYPES,
    *capabilities.TYPES,
)
