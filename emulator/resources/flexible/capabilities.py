"""What a location and a server can have: enough for `az postgres flexible-server update` to accept a SKU.

Shape from recorded traffic of 2023-12; the list of features is that which azure-cli 2.91 reads.
"""

import functools

from emulator.arm.call import Answer
from emulator.arm.registry import Request, ResourceType
from emulator.body import Body
from emulator.resources.answers import page
from emulator.resources.flexible.kind import FLEXIBLE, NAMESPACE, SERVERS, VERSIONS
from emulator.resources.flexible.server_rules import MAJOR_VERSIONS

_TIERS = (
    ("P4", 120),
    ("P6", 240),
    ("P10", 500),
    ("P15", 1100),
    ("P20", 2300),
    ("P30", 5000),
    ("P40", 7500),
    ("P50", 7500),
)
_SIZES_MB = (32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576, 2_097_152, 4_193_280)
_FEATURES = {
    "FastProvisioning": "Disabled",
    "ZoneRedundantHa": "Enabled",
    "GeoBackup": "Enabled",
    "ZoneRedundantHaAndGeoBackup": "Enabled",
    "StorageAutoGrowth": "Enabled",
    "OnlineResize": "Enabled",
    "OfferRestricted": "Disabled",
    "IndexTuning": "Enabled",
    "Clusters": "Enabled",
}
# edition: default SKU, memory per core in MB, family, cores
_EDITIONS = {
    "Burstable": ("Standard_B1ms", 2048, "Standard_B{}", {"1ms": 1, "2s": 2, "2ms": 2, "4ms": 4, "8ms": 8}),
    "GeneralPurpose": ("Standard_D4ds_v5", 4096, "Standard_D{}", {}),
    "MemoryOptimized": ("Standard_E4ds_v5", 8192, "Standard_E{}", {}),
}
_CORES = (2, 4, 8, 16, 32, 48, 64)
_GENERATIONS = ("s_v3", "ds_v4", "ds_v5", "ads_v5")


def _skus(family: str, named: dict[str, int]) -> dict[str, int]:
    if named:
        return {family.format(end): cores for end, cores in named.items()}
    return {family.format(f"{cores}{end}"): cores for end in _GENERATIONS for cores in _CORES}


def _sku(name: str, cores: int, memory_mb: int) -> Body:
    return {
        "name": name,
        "vCores": cores,
        "supportedIops": 1600 * cores,
        "supportedMemoryPerVcoreMb": memory_mb,
        "supportedZones": ["1", "2", "3"],
        "supportedHaMode": ["SameZone", "ZoneRedundant"],
    }


def _storage() -> list[Body]:
    sizes = []
    for place, size_mb in enumerate(_SIZES_MB):
        tiers = [{"name": name, "iops": iops} for name, iops in _TIERS[place:]]
        sizes.append(
            {
                "supportedIops": _TIERS[place][1],
                "storageSizeMb": size_mb,
                "defaultIopsTier": _TIERS[place][0],
                "supportedIopsTiers": tiers,
            }
        )
    return [{"name": "ManagedDisk", "defaultStorageSizeMb": 32_768, "supportedStorageMb": sizes}]


@functools.cache
def _capability() -> Body:
    editions = [
        {
            "name": name,
            "defaultSkuName": default,
            "supportedStorageEditions": _storage(),
            "supportedServerSkus": [_sku(sku, cores, memory) for sku, cores in _skus(family, named).items()],
        }
        for name, (default, memory, family, named) in _EDITIONS.items()
    ]
    versions = [
        {"name": one, "supportedVersionsToUpgrade": list(MAJOR_VERSIONS[place + 1 :])}
        for place, one in enumerate(MAJOR_VERSIONS)
    ]
    return {
        "name": "FlexibleServerCapabilities",
        "supportedServerEditions": editions,
        "supportedServerVersions": versions,
        "supportedFeatures": [{"name": name, "status": status} for name, status in _FEATURES.items()],
        "fastProvisioningSupported": "Disabled",
        "geoBackupSupported": "Enabled",
        "zoneRedundantHaSupported": "Enabled",
        "zoneRedundantHaAndGeoBackupSupported": "Enabled",
        "storageAutoGrowthSupported": "Enabled",
        "onlineResizeSupported": "Enabled",
        "restricted": "Disabled",
    }


def _of_location(_: Request) -> Answer:
    return page([_capability()])


def _of_server(request: Request) -> Answer:
    FLEXIBLE.server(request)
    return page([_capability()])


TYPES = (
    ResourceType(f"{NAMESPACE}/locations/capabilities", VERSIONS, list=_of_location),
    ResourceType(f"{SERVERS}/capabilities", VERSIONS, list=_of_server),
)
