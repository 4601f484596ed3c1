"""What a caller may set on a flexible server, and to which values.

Names and values are those of the 2025-08-01 definition. The codes of the refusals are not verified;
properties that the service does not know are ignored, as ARM providers do (not verified for this one).
"""

from emulator.body import Body, dig
from emulator.errors import invalid_value
from emulator.resources.settable import SWITCH, TEXT, Choice, Rule, Settable, Whole, require_growth

MAJOR_VERSIONS = ("11", "12", "13", "14", "15", "16", "17", "18")
_VNET, _PUBLIC = "properties.network.delegatedSubnetResourceId", "properties.network.publicNetworkAccess"
_SWITCH = Choice(SWITCH)
RULES = {
    "sku.name": Rule(TEXT),
    "sku.tier": Rule(Choice(("Burstable", "GeneralPurpose", "MemoryOptimized"))),
    "properties.administratorLogin": Rule(TEXT, create_only=True),
    "properties.administratorLoginPassword": Rule(TEXT, is_secret=True),
    "properties.version": Rule(Choice(MAJOR_VERSIONS)),
    "properties.availabilityZone": Rule(TEXT),
    "properties.storage.storageSizeGB": Rule(Whole(32, 65_536)),
    "properties.storage.autoGrow": Rule(_SWITCH),
    "properties.storage.tier": Rule(TEXT),
    "properties.storage.iops": Rule(Whole(0, 80_000)),
    "properties.storage.throughput": Rule(Whole(0, 1_200)),
    "properties.storage.type": Rule(Choice(("Premium_LRS", "PremiumV2_LRS", "UltraSSD_LRS")), create_only=True),
    "properties.backup.backupRetentionDays": Rule(Whole(7, 35)),
    "properties.backup.geoRedundantBackup": Rule(_SWITCH, create_only=True),
    "properties.highAvailability.mode": Rule(Choice(("Disabled", "ZoneRedundant", "SameZone"))),
    "properties.highAvailability.standbyAvailabilityZone": Rule(TEXT),
    "properties.maintenanceWindow.customWindow": Rule(_SWITCH),
    "properties.maintenanceWindow.dayOfWeek": Rule(Whole(0, 6)),
    "properties.maintenanceWindow.startHour": Rule(Whole(0, 23)),
    "properties.maintenanceWindow.startMinute": Rule(Whole(0, 59)),
    "properties.authConfig.activeDirectoryAuth": Rule(_SWITCH),
    "properties.authConfig.passwordAuth": Rule(_SWITCH),
    "properties.authConfig.tenantId": Rule(TEXT),
    "properties.dataEncryption.type": Rule(
        Choice(("SystemManaged", "AzureKeyVault")), create_only=True, unset="SystemManaged"
    ),
    "properties.dataEncryption.primaryKeyURI": Rule(TEXT),
    "properties.dataEncryption.primaryUserAssignedIdentityId": Rule(TEXT),
    "properties.dataEncryption.geoBackupKeyURI": Rule(TEXT),
    "properties.dataEncryption.geoBackupUserAssignedIdentityId": Rule(TEXT),
    "properties.network.publicNetworkAccess": Rule(_SWITCH),
    "properties.network.delegatedSubnetResourceId": Rule(TEXT, create_only=True),
    "properties.network.privateDnsZoneArmResourceId": Rule(TEXT, create_only=True),
    "properties.cluster.clusterSize": Rule(Whole(1, 20)),
    "properties.cluster.defaultDatabaseName": Rule(TEXT, create_only=True),
}
_SETTABLE = Settable(RULES)


def changed(old: Body | None, sent: Body) -> Body:
    """Return the stored body after a write, `old` being None when the server is new; refuse what must not be."""
    injected = dig(old, _VNET) or dig(sent, _VNET)
    # accepted and ignored on a VNet-injected server (azure-databases-docs, how-to-networking)
    result = _SETTABLE.changed(old, sent, ignoring=(_PUBLIC,) if injected else ())
    _check(old, result)
    return result


def _check(old: Body | None, new: Body) -> None:
    auth = dig(new, "properties.authConfig") or {}
    if auth.get("activeDirectoryAuth") == "Disabled" and auth.get("passwordAuth") == "Disabled":
        raise invalid_value("authConfig")
    _check_encryption(new)
    require_growth(old, new, "properties.version", "properties.storage.storageSizeGB", "properties.cluster.clusterSize")


def _check_encryption(new: Body) -> None:
    encryption = dig(new, "properties.dataEncryption") or {}
    if encryption.get("type") != "AzureKeyVault":
        return
    if "/keys/" not in str(encryption.get("primaryKeyURI")):
        raise invalid_value("dataEncryption.primaryKeyURI")
    assigned = {one.lower() for one in dig(new, "identity.userAssignedIdentities") or {}}
    if str(encryption.get("primaryUserAssignedIdentityId")).lower() not in assigned:
        raise invalid_value("dataEncryption.primaryUserAssignedIdentityId")
