"""Flexible Server: Microsoft.DBforPostgreSQL/flexibleServers, its api-versions and what each of them has."""

from emulator.body import Body, drop
from emulator.resources.family import Family

NAMESPACE = "Microsoft.DBforPostgreSQL"
FLEXIBLE = Family(f"{NAMESPACE}/flexibleServers")
SERVERS = FLEXIBLE.name

# Published versions whose shapes the emulator knows. Older ones call the same things by other names.
VERSIONS = (
    "2022-12-01",
    "2023-03-01-preview",
    "2023-06-01-preview",
    "2023-12-01-preview",
    "2024-03-01-preview",
    "2024-08-01",
    "2024-11-01-preview",
    "2025-01-01-preview",
    "2025-06-01-preview",
    "2025-08-01",
    "2026-01-01-preview",
    "2026-04-01-preview",
    "2026-07-01-preview",
    "2026-10-01",
)

# The version that first has a property; earlier ones do not answer it. Read from Microsoft's SDKs.
_SINCE = {
    "properties.cluster": "2024-11-01-preview",
    "properties.cluster.defaultDatabaseName": "2025-08-01",
    "properties.privateEndpointConnections": "2023-06-01-preview",
    "properties.replica": "2023-06-01-preview",
    "properties.storage.autoGrow": "2023-03-01-preview",
    "properties.storage.iops": "2023-03-01-preview",
    "properties.storage.throughput": "2023-06-01-preview",
    "properties.storage.tier": "2023-06-01-preview",
    "properties.storage.type": "2023-06-01-preview",
    "properties.dataEncryption.geoBackupKeyURI": "2023-03-01-preview",
    "properties.dataEncryption.geoBackupUserAssignedIdentityId": "2023-03-01-preview",
    "properties.dataEncryption.primaryEncryptionKeyStatus": "2023-03-01-preview",
    "properties.dataEncryption.geoBackupEncryptionKeyStatus": "2023-03-01-preview",
    "identity.tenantId": "2023-03-01-preview",
}


def shaped(body: Body, api_version: str) -> Body:
    """Remove what the api-version does not have; the body is changed."""
    for path, first in _SINCE.items():
        if api_version < first:
            drop(body, path)
    return body


def since(first: str) -> tuple[str, ...]:
    """Return the versions from one on."""
    return tuple(one for one in VERSIONS if one >= first)
