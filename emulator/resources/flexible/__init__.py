"""Flexible Server, elastic clusters included: Microsoft.DBforPostgreSQL/flexibleServers and its children."""

from emulator.resources.flexible import (
    administrators,
    backups,
    capabilities,
    configurations,
    endpoints,
    firewall_rules,
    servers,
    threat_protection,
    virtual_endpoints,
)

TYPES = (
    *servers.TYPES,
    *firewall_rules.TYPES,
    *configurations.TYPES,
    *administrators.TYPES,
    *endpoints.TYPES,
    *capabilities.TYPES,
    *backups.TYPES,
    *threat_protection.TYPES,
    *virtual_endpoints.TYPES,
)
