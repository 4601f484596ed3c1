"""Citus clusters: Microsoft.DBforPostgreSQL/serverGroupsv2, its api-versions, and what may be set on a cluster.

Shapes are those of Microsoft's definitions; of traffic only roles were recorded (2024-09). A PUT answers 201 with the
item and a DELETE 202 with an empty object there; the other writes are made alike.
"""

from emulator.arm.call import Answer
from emulator.arm.store import Resource
from emulator.body import Body
from emulator.resources.family import Family
from emulator.resources.settable import FLAG, TEXT, Choice, Rule, Settable, Whole

CITUS = Family("Microsoft.DBforPostgreSQL/serverGroupsv2")
CLUSTERS = CITUS.name
STABLE, PREVIEW = "2022-11-08", "2023-03-02-preview"
VERSIONS = (STABLE, PREVIEW)

_MB = Whole(32_768, 16_777_216)
_CORES = Whole(1, 104)
_EDITION = Choice(("GeneralPurpose", "MemoryOptimized", "BurstableMemoryOptimized", "BurstableGeneralPurpose"))
_WINDOW = "properties.maintenanceWindow"
_SWITCH = Choice(("enabled", "disabled"))
_BOTH = {
    "properties.administratorLoginPassword": Rule(TEXT, is_secret=True),
    "properties.postgresqlVersion": Rule(Choice(("11", "12", "13", "14", "15", "16"))),
    "properties.citusVersion": Rule(TEXT),
    "properties.preferredPrimaryZone": Rule(TEXT),
    "properties.enableShardsOnCoordinator": Rule(FLAG),
    "properties.enableHa": Rule(FLAG),
    "properties.coordinatorServerEdition": Rule(_EDITION),
    "properties.coordinatorStorageQuotaInMb": Rule(_MB),
    "properties.coordinatorVCores": Rule(_CORES),
    "properties.coordinatorEnablePublicIpAccess": Rule(FLAG),
    "properties.nodeServerEdition": Rule(_EDITION),
    "properties.nodeCount": Rule(Whole(0, 20)),
    "properties.nodeStorageQuotaInMb": Rule(_MB),
    "properties.nodeVCores": Rule(_CORES),
    f"{_WINDOW}.customWindow": Rule(Choice(("Enabled", "Disabled"))),
    f"{_WINDOW}.dayOfWeek": Rule(Whole(0, 6)),
    f"{_WINDOW}.startHour": Rule(Whole(0, 23)),
    f"{_WINDOW}.startMinute": Rule(Whole(0, 59)),
}
# The definition of PATCH has nodeEnablePublicIpAccess as read-only, and lacks authConfig and dataEncryption.
ON_PATCH = Settable(_BOTH)
ON_PUT = ON_PATCH.with_rules({"properties.nodeEnablePublicIpAccess": Rule(FLAG)})
ON_PREVIEW_PUT = ON_PUT.with_rules(
    {
        "properties.authConfig.activeDirectoryAuth": Rule(_SWITCH),
        "properties.authConfig.passwordAuth": Rule(_SWITCH),
        "properties.databaseName": Rule(TEXT, create_only=True),
        "properties.enableGeoBackup": Rule(FLAG, create_only=True),
        "properties.dataEncryption.type": Rule(Choice(("AzureKeyVault", "SystemAssigned")), create_only=True),
        "properties.dataEncryption.primaryKeyUri": Rule(TEXT),
        "properties.dataEncryption.primaryUserAssignedIdentityId": Rule(TEXT),
    }
)
NEW: Body = {
    "postgresqlVersion": "15",
    "citusVersion": "12.1",
    "preferredPrimaryZone": "1",
    "enableShardsOnCoordinator": True,
    "enableHa": False,
    "coordinatorServerEdition": "GeneralPurpose",
    "coordinatorStorageQuotaInMb": 131_072,
    "coordinatorVCores": 4,
    "coordinatorEnablePublicIpAccess": True,
    "nodeServerEdition": "MemoryOptimized",
    "nodeCount": 2,
    "nodeStorageQuotaInMb": 524_288,
    "nodeVCores": 4,
    "nodeEnablePublicIpAccess": False,
    "maintenanceWindow": {"customWindow": "Disabled", "dayOfWeek": 0, "startHour": 0, "startMinute": 0},
}
# What only the preview answers.
NEW_IN_PREVIEW: Body = {
    "authConfig": {"activeDirectoryAuth": "disabled", "passwordAuth": "enabled"},
    "databaseName": "citus",
    "enableGeoBackup": False,
    "dataEncryption": {"type": "SystemAssigned"},
}
COORDINATOR, WORKER = "Coordinator", "Worker"


def gone() -> Answer:
    """Return the answer of writes that answer with no item."""
    return Answer(202, {})


def rest_of(cluster: Resource) -> str:
    """Return the part of host names that all nodes of a cluster share."""
    number = int.from_bytes(cluster.id.lower().encode(), "big") % 10**14
    return f"{cluster.name}.{number:014d}.postgres.cosmos.azure.com"
