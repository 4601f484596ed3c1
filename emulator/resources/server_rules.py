"""What a caller may set on a flexible server, and to which values.

Names and values are those of the 2025-08-01 definition. The codes of the refusals are not verified;
properties that the service does not know are ignored, as ARM providers do (not verified for this one).
"""

from dataclasses import dataclass
from typing import Any

from emulator.body import Body, dig, leaves, merged, put
from emulator.errors import ArmError, invalid_value

SWITCH = ("Enabled", "Disabled")
MAJOR_VERSIONS = ("11", "12", "13", "14", "15", "16", "17", "18")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words, in any case."""

    words: tuple[str, ...]

    def read(self, path: str, value: Any) -> Any:
        """Return the word as the service writes it."""
        for word in self.words:
            if isinstance(value, str) and word.lower() == value.lower():
                return word
        raise invalid_value(path)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    least: int
    most: int

    def read(self, path: str, value: Any) -> Any:
        """Return the number."""
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise invalid_value(path)
        return value


@dataclass(frozen=True, slots=True)
class Text:
    """Any text."""

    def read(self, path: str, value: Any) -> Any:
        """Return the text."""
        if not isinstance(value, str):
            raise invalid_value(path)
        return value


@dataclass(frozen=True, slots=True)
class Rule:
    """A settable property; create-only ones may be sent later if they do not differ."""

    kind: Choice | Whole | Text
    create_only: bool = False


_TEXT, _SWITCH = Text(), Choice(SWITCH)
RULES = {
    "sku.name": Rule(_TEXT),
    "sku.tier": Rule(Choice(("Burstable", "GeneralPurpose", "MemoryOptimized"))),
    "properties.administratorLogin": Rule(_TEXT, create_only=True),
    "properties.administratorLoginPassword": Rule(_TEXT),
    "properties.version": Rule(Choice(MAJOR_VERSIONS)),
    "properties.availabilityZone": Rule(_TEXT),
    "properties.storage.storageSizeGB": Rule(Whole(32, 65_536)),
    "properties.storage.autoGrow": Rule(_SWITCH),
    "properties.storage.tier": Rule(_TEXT),
    "properties.storage.iops": Rule(Whole(0, 80_000)),
    "properties.storage.throughput": Rule(Whole(0, 1_200)),
    "properties.storage.type": Rule(Choice(("Premium_LRS", "PremiumV2_LRS", "UltraSSD_LRS")), create_only=True),
    "properties.backup.backupRetentionDays": Rule(Whole(7, 35)),
    "properties.backup.geoRedundantBackup": Rule(_SWITCH, create_only=True),
    "properties.highAvailability.mode": Rule(Choice(("Disabled", "ZoneRedundant", "SameZone"))),
    "properties.highAvailability.standbyAvailabilityZone": Rule(_TEXT),
    "properties.maintenanceWindow.customWindow": Rule(_SWITCH),
    "properties.maintenanceWindow.dayOfWeek": Rule(Whole(0, 6)),
    "properties.maintenanceWindow.startHour": Rule(Whole(0, 23)),
    "properties.maintenanceWindow.startMinute": Rule(Whole(0, 59)),
    "properties.authConfig.activeDirectoryAuth": Rule(_SWITCH),
    "properties.authConfig.passwordAuth": Rule(_SWITCH),
    "properties.authConfig.tenantId": Rule(_TEXT),
    "properties.dataEncryption.type": Rule(Choice(("SystemManaged", "AzureKeyVault"))),
    "properties.dataEncryption.primaryKeyURI": Rule(_TEXT),
    "properties.dataEncryption.primaryUserAssignedIdentityId": Rule(_TEXT),
    "properties.dataEncryption.geoBackupKeyURI": Rule(_TEXT),
    "properties.dataEncryption.geoBackupUserAssignedIdentityId": Rule(_TEXT),
    "properties.network.publicNetworkAccess": Rule(_SWITCH),
    "properties.network.delegatedSubnetResourceId": Rule(_TEXT, create_only=True),
    "properties.network.privateDnsZoneArmResourceId": Rule(_TEXT, create_only=True),
    "properties.cluster.clusterSize": Rule(Whole(1, 20)),
    "properties.cluster.defaultDatabaseName": Rule(_TEXT, create_only=True),
}
_BY_LOWER = {path.lower(): path for path in RULES}
_NEVER_STORED = frozenset({"properties.administratorLoginPassword"})


def changed(old: Body | None, sent: Body) -> Body:
    """Return the stored body after a write, `old` being None when the server is new; refuse what must not be."""
    result = merged(old or {}, {})
    result["properties"] = merged((old or {}).get("properties", {}), {})
    for written, value in leaves(
        {name: sent[name] for name in ("sku", "properties") if isinstance(sent.get(name), dict)}
    ):
        path = _BY_LOWER.get(written.lower())
        if path is not None and value is not None and path not in _NEVER_STORED:
            _set(result, old, path, value)
    for name in ("tags", "identity"):  # given as a whole, taken as a whole
        if isinstance(sent.get(name), dict):
            result[name] = merged({}, sent[name])
    _check(old, result)
    return result


def _set(result: Body, old: Body | None, path: str, value: Any) -> None:
    rule = RULES[path]
    good = rule.kind.read(path, value)
    before = dig(old, path)
    if rule.create_only and old is not None and str(good).lower() != str(before or "").lower():
        text = f"Changing property '{path}' is not allowed."
        raise ArmError(400, "PropertyChangeNotAllowed", text)
    if path == "properties.network.publicNetworkAccess" and dig(result, "properties.network.delegatedSubnetResourceId"):
        return  # accepted and ignored on a VNet-injected server (azure-databases-docs, how-to-networking)
    # objects on the way belong to the old body until they are copied here
    head, _, last = path.rpartition(".")
    put(result, head, {**(dig(result, head) or {}), last: good})


def _check(old: Body | None, new: Body) -> None:
    auth = dig(new, "properties.authConfig") or {}
    if auth.get("activeDirectoryAuth") == "Disabled" and auth.get("passwordAuth") == "Disabled":
        raise invalid_value("authConfig")
    for path in ("properties.version", "properties.storage.storageSizeGB", "properties.cluster.clusterSize"):
        before, after = dig(old, path), dig(new, path)
        if before is not None and int(after) < int(before):  # none of these can be made smaller
            raise invalid_value(path)
