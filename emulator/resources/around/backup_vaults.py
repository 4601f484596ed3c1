"""Microsoft.DataProtection/backupVaults and backupInstances: backups outside the server, kept for years."""

from emulator.arm.call import Answer
from emulator.arm.registry import Done, Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import ArmError, child_not_found
from emulator.resources.around.forms import TABLE, Form
from emulator.resources.around.plain import Plain
from emulator.resources.locations import LOCATIONS
from emulator.resources.settable import ITEMS, TEXT
from emulator.world import World

VAULTS = "Microsoft.DataProtection/backupVaults"
_VERSIONS = ("2025-07-01",)
_IMMUTABILITY = "properties.securitySettings.immutabilitySettings.state"
_LOCKED = "Immutability of a vault cannot be changed once it is locked."  # code and text not verified


def _vault(_: World, __: Resource) -> Body:
    return {"provisioningState": "Succeeded", "isVaultProtectedByResourceGuard": False}


def _instance(_: World, one: Resource) -> Body:
    state = one.properties.get("currentProtectionState", "ProtectionConfigured")
    return {
        "provisioningState": "Succeeded",
        "currentProtectionState": state,
        "protectionStatus": {"status": state},
    }


def _check(_: Request, old: Body | None, new: Body) -> None:
    if dig(old, _IMMUTABILITY) == "Locked" and dig(new, _IMMUTABILITY) != "Locked":
        raise ArmError(400, "VaultImmutabilityLocked", _LOCKED)


def _protection(word: str, state: str) -> ResourceType:
    kind = f"{VAULTS}/backupInstances"

    def act(request: Request) -> Outcome:
        parent = request.path.parent
        found = request.world.store.get(parent)
        if found is None:
            raise child_not_found(kind, parent.rpartition("/")[2])
        found.properties["currentProtectionState"] = state
        return Done(Answer(200))

    return ResourceType(f"{kind}/{word}", _VERSIONS, action=act, locations=LOCATIONS)


_FORM = Form(
    {
        "storageSettings": ITEMS,
        "securitySettings": TABLE,
        "monitoringSettings": TABLE,
        "featureSettings": TABLE,
    },
    required=("location", "properties.storageSettings"),
    defaults={
        "securitySettings": {
            "softDeleteSettings": {"state": "On", "retentionDurationInDays": 14},
            "immutabilitySettings": {"state": "Disabled"},
        }
    },
    tracked=True,
)
_INSTANCE = Form(
    {
        "friendlyName": TEXT,
        "dataSourceInfo": TABLE,
        "dataSourceSetInfo": TABLE,
        "policyInfo": TABLE,
        "objectType": TEXT,
    },
    required=("properties.dataSourceInfo", "properties.policyInfo"),
)
PLAIN = (
    Plain(VAULTS, _VERSIONS, _FORM, facts=_vault, check=_check, methods=("PUT", "PATCH", "DELETE")),
    Plain(f"{VAULTS}/backupInstances", _VERSIONS, _INSTANCE, facts=_instance),
)
TYPES = (
    _protection("stopProtection", "ProtectionStopped"),
    _protection("suspendBackups", "BackupsSuspended"),
    _protection("resumeProtection", "ProtectionConfigured"),
)
