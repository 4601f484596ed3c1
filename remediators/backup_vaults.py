"""long-term-retention-backup, backup-vault-immutability-soft-delete: backups outlive the server and whoever deletes it.

Why      Backups of the server itself last 35 days at most, and go with the server.
Fix      Switch soft delete and immutability of the backup vault on.
Refuses  To protect a server or to resume its protection, which is no property: a person does. The vault's settings are
         not applicable to servers that no backup vault protects.
Undo     Write the properties as they were. A locked immutability cannot be taken back.
"""

from shared.condition import OneOf
from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Remediator,
    Revert,
    Severity,
)
from shared.state import Facet, FacetKind, Setting, State
from shared.target import Kind

_DOMAIN = "Resilience & Recovery / Data Resilience (back-up)"
_KINDS = frozenset({Kind.FLEXIBLE, Kind.SINGLE})
_INSTANCES, _VAULTS = Facet(FacetKind.BACKUP_INSTANCES), Facet(FacetKind.BACKUP_VAULTS)
PROTECTED = Control(
    id="long-term-retention-backup",
    title="Server is protected by Azure Backup (long-term retention) where required",
    domain=_DOMAIN,
    severity=Severity.LOW,
    facets=(_INSTANCES,),
    operations=frozenset({"microsoft.dataprotection/backupvaults/backupinstances/write"}),
    permissions=frozenset(),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.NOTIFY,
    revert=Revert.PERSON,
    kinds=_KINDS,
    optional=True,
)
SAFE = Control(
    id="backup-vault-immutability-soft-delete",
    title="Backup vault has soft delete on and immutability enabled",
    domain=_DOMAIN,
    severity=Severity.MEDIUM,
    facets=(_INSTANCES, _VAULTS),
    operations=frozenset({"microsoft.dataprotection/backupvaults/write"}),
    permissions=frozenset({"Microsoft.DataProtection/backupVaults/write"}),
    kinds=_KINDS,
    optional=True,
)
_MEMBERS = {
    "securitySettings.softDeleteSettings.state": OneOf(("On", "AlwaysOn"), bad="Off"),
    "securitySettings.immutabilitySettings.state": OneOf(("Unlocked", "Locked"), bad="Disabled"),
}
_ON = "ProtectionConfigured"


def detect_protection(state: State, _: Parameters) -> Finding:
    """Find a server without a backup that outlives it."""
    instances = state.children.get(FacetKind.BACKUP_INSTANCES)
    if instances is None:
        return NotApplicable("the backup instances were not read")
    if any(one.get("currentProtectionState") == _ON for one in instances.values()):
        return ()
    name, found = next(iter(instances.items()), ("", {}))
    person = "resume the protection of this backup instance" if name else "protect the server with a backup vault"
    place = name or f"/subscriptions/{state.target.subscription}/providers/Microsoft.DataProtection/backupVaults"
    setting = Setting.outside(FacetKind.BACKUP_INSTANCES, place)
    shown = found.get("currentProtectionState", "no backup instance")
    return (Drift(PROTECTED.id, setting, shown, _ON, "backups go with the server", person=person),)


def detect_vaults(state: State, _: Parameters) -> Finding:
    """Find backup vaults of this server whose backups can be deleted."""
    instances, vaults = state.children.get(FacetKind.BACKUP_INSTANCES), state.children.get(FacetKind.BACKUP_VAULTS)
    if instances is None or vaults is None:
        return NotApplicable("the backup vaults were not read")
    ours = {name: one for name, one in vaults.items() if any(_inside(instance, name) for instance in instances)}
    if not ours:
        return NotApplicable("no backup vault protects this server")
    return tuple(
        Drift(
            SAFE.id,
            Setting.outside(FacetKind.BACKUP_VAULTS, vault, member),
            texts.get(member),
            condition.mended(texts.get(member, "")),
            "whoever may delete backups can delete these",
        )
        for vault, texts in ours.items()
        for member, condition in _MEMBERS.items()
        if not condition.holds(texts.get(member, ""))
    )


def _inside(instance: str, vault: str) -> bool:
    return instance.lower().startswith(f"{vault.lower()}/")


REMEDIATORS = (Remediator(PROTECTED, detect_protection), Remediator(SAFE, detect_vaults))
