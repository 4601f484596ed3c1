"""The controls that Holdfast does not hold yet, and why not: a row for each.

Whatever a remediator implements says everything about itself on its card; its row goes when it comes. One that is held
on some kinds of server only has a row in `PARTLY` for the others.
"""

from dataclasses import dataclass

from shared.control import Revert, Severity
from shared.target import Kind


@dataclass(frozen=True, slots=True)
class Missing:
    """A control that nobody has written; `why` says what is in the way."""

    id: str
    title: str
    severity: Severity
    kinds: frozenset[Kind]
    revert: Revert
    why: str


@dataclass(frozen=True, slots=True)
class Partly:
    """A control that is held, but not on these kinds of server, where it has to hold as well."""

    id: str
    kinds: frozenset[Kind]
    why: str


_EVERY = frozenset(Kind)
_SINGLE = frozenset({Kind.SINGLE})
_SINGLE_CITUS = frozenset({Kind.SINGLE, Kind.CITUS})
_SINGLE_FLEXIBLE = frozenset({Kind.SINGLE, Kind.FLEXIBLE})

MISSING = (
    Missing(
        "lock-administrator-custom-role",
        "A custom role for administering resource locks exists and lock rights are limited to it",
        Severity.LOW,
        _EVERY,
        Revert.PERSON,
        "role definitions are not read",
    ),
    Missing(
        "policy-guardrails-assigned",
        "Azure Policy assignments for PostgreSQL stay in place, enforced and without unapproved exemptions",
        Severity.MEDIUM,
        _EVERY,
        Revert.RISKY,
        "assignments of Azure Policy are read for exemptions only",
    ),
    Missing(
        "private-dns-zone",
        "Private DNS zone / zone group of the endpoint equals the approved one",
        Severity.MEDIUM,
        _EVERY,
        Revert.RISKY,
        "private endpoints and their DNS zone groups are not read",
    ),
    Missing(
        "private-endpoint-nsg-policies",
        "Network policies (NSG/UDR) are enabled on the private endpoint subnet and an NSG is attached",
        Severity.MEDIUM,
        _EVERY,
        Revert.RISKY,
        "subnets and network security groups are not read",
    ),
    Missing(
        "nsg-deny-internet-to-postgres",
        "The NSG of the server subnet has no rule that lets the Internet reach port 5432",
        Severity.HIGH,
        _EVERY,
        Revert.RISKY,
        "subnets and network security groups are not read",
    ),
    Missing(
        "metric-alerts-present",
        "Baseline metric alerts exist (availability, CPU, storage, connections)",
        Severity.LOW,
        _EVERY,
        Revert.IN_PLACE,
        "alert rules are not read",
    ),
    Missing(
        "defender-security-contact",
        "Security contact with e-mail, owner role and high-severity notifications is set",
        Severity.MEDIUM,
        _EVERY,
        Revert.IN_PLACE,
        "the subscription's Defender settings are not read",
    ),
    Missing(
        "defender-alert-suppression",
        "No suppression rule hides PostgreSQL threat alerts",
        Severity.MEDIUM,
        _EVERY,
        Revert.IN_PLACE,
        "the subscription's Defender settings are not read",
    ),
    Missing(
        "activity-log-alert-postgres-ops",
        "Activity Log alerts exist for PostgreSQL server, firewall and configuration writes/deletes",
        Severity.MEDIUM,
        _EVERY,
        Revert.IN_PLACE,
        "alert rules are not read",
    ),
    Missing(
        "activity-log-exported",
        "Subscription Activity Log is exported to the approved workspace",
        Severity.MEDIUM,
        _EVERY,
        Revert.IN_PLACE,
        "the subscription's diagnostic settings are not read",
    ),
    Missing(
        "long-term-retention-backup",
        "Server is protected by Azure Backup (long-term retention) where required",
        Severity.LOW,
        _SINGLE_FLEXIBLE,
        Revert.IN_PLACE,
        "backup vaults are not read",
    ),
    Missing(
        "backup-vault-immutability-soft-delete",
        "Backup vault has soft delete on and immutability enabled",
        Severity.MEDIUM,
        _SINGLE_FLEXIBLE,
        Revert.IN_PLACE,
        "backup vaults are not read",
    ),
    Missing(
        "csp-and-foreign-principal-access",
        (
            "No foreign tenant (Lighthouse delegation, guest, external service "
            "principal) has rights on PostgreSQL scopes outside the list"
        ),
        Severity.HIGH,
        _EVERY,
        Revert.RISKY,
        "delegations to other tenants are not read",
    ),
)

PARTLY = (
    Partly("entra-admin-is-group", _SINGLE, "Azure does not say what kind of principal administers a single server"),
    Partly("cmk-key-uri-unchanged", _SINGLE, "the keys of single servers are not read"),
    Partly("cmk-copy-key-validation", _SINGLE_CITUS, "only a flexible server shows its key and its source together"),
    Partly(
        "keyvault-network-trusted-services",
        frozenset({Kind.CITUS}),
        "a Citus cluster reaches its key in a vault that is open to all networks only",
    ),
)
