"""What stands around servers: monitoring, locks, rights, Defender, key vaults, networks, logs, backups."""

from emulator.resources.around import (
    alerts,
    backup_vaults,
    defender,
    delegations,
    diagnostics,
    key_vaults,
    locks,
    logs,
    managed_identities,
    network,
    private_endpoints,
    roles,
    security_alerts,
    tags,
    vault_keys,
)

PLAIN = (
    *alerts.PLAIN,
    *backup_vaults.PLAIN,
    *defender.PLAIN,
    *delegations.PLAIN,
    *diagnostics.PLAIN,
    *key_vaults.PLAIN,
    *locks.PLAIN,
    *logs.PLAIN,
    *managed_identities.PLAIN,
    *network.PLAIN,
    *private_endpoints.PLAIN,
    *roles.PLAIN,
)
TYPES = (
    *(one.type() for one in PLAIN),
    *backup_vaults.TYPES,
    *diagnostics.TYPES,
    *key_vaults.TYPES,
    *roles.TYPES,
    *security_alerts.TYPES,
    *tags.TYPES,
    *vault_keys.TYPES,
)
