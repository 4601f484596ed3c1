"""The words for what can be read and written: facets, settings, values.

A **facet** is what one ARM read gives. A **setting** is one value inside a facet that can be written on its own.
Reading, comparing, planning, undoing and simulating all speak of settings, so a plan is plain data:
this setting, from this value, to that value. The words are the same for all kinds of server; `shared.arm` knows what
each kind calls them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.target import Kind

type Value = str | Mapping[str, str] | None
"""A setting's value: text, a few named texts (a firewall rule's two addresses), or None for "does not exist"."""


class SettingKind(StrEnum):
    """Everything that can be written.

    `PROPERTY` is any property of the server itself, by name (`backup.retentionDays`), `POWER` whether it runs,
    `REPLICATION` whom it follows: it is written by a failover alone, and nothing is remembered of it. `TAG` is one of
    its tags, by name.
    `SERVER_KEY` is the one key of the owner's that a single server is encrypted with, whatever it is called. Below
    `COLLECTIONS` are resources below or attached to the server, each of which is one setting; those in `INSIDE` are in
    its databases, where SQL reads and writes them (`shared.state.inside` has their names and values). `NEIGHBOUR` is
    what stands outside the server: a whole resource, or one property of it.
    """

    PUBLIC_ACCESS = "network.publicNetworkAccess"
    AUTHENTICATION = "authConfig"
    PROPERTY = "properties"
    POWER = "power"
    REPLICATION = "replication"
    TAG = "tags"
    SERVER_KEY = "keys"
    FIREWALL_RULE = "firewallRules"
    PARAMETER = "configurations"
    ADMINISTRATOR = "administrators"
    VIRTUAL_NETWORK_RULE = "virtualNetworkRules"
    PRIVATE_ENDPOINT = "privateEndpointConnections"
    THREAT_PROTECTION = "threatProtection"
    DIAGNOSTIC_SETTING = "diagnosticSettings"
    LOCK = "locks"
    ROLE_ASSIGNMENT = "roleAssignments"
    VIRTUAL_ENDPOINT = "virtualEndpoints"
    BACKUP = "backups"
    DATABASE_ROLE = "databaseRoles"
    ROLE_MEMBERSHIP = "roleMemberships"
    ROLE_OVERRIDE = "roleOverrides"
    SCHEMA_GRANT = "schemaGrants"
    SESSION = "databaseSessions"
    NEIGHBOUR = "neighbours"


class FacetKind(StrEnum):
    """The reads that exist.

    `ORIGINAL` is the server that this one was copied from, and with it everything that both are compared in; of a
    server that is no copy it shows nothing, and costs nothing.
    """

    SERVER = "server"
    FIREWALL_RULES = "firewallRules"
    PARAMETER = "configurations"
    ADMINISTRATORS = "administrators"
    VIRTUAL_NETWORK_RULES = "virtualNetworkRules"
    PRIVATE_ENDPOINTS = "privateEndpointConnections"
    THREAT_PROTECTION = "threatProtection"
    DIAGNOSTIC_SETTINGS = "diagnosticSettings"
    LOCKS = "locks"
    ROLE_ASSIGNMENTS = "roleAssignments"
    VIRTUAL_ENDPOINTS = "virtualEndpoints"
    BACKUPS = "backups"
    REPLICAS = "replicas"
    SERVER_KEYS = "keys"
    ORIGINAL = "original"
    DATABASE_ROLES = "databaseRoles"
    ROLE_MEMBERSHIPS = "roleMemberships"
    ROLE_OVERRIDES = "roleOverrides"
    SCHEMA_GRANTS = "schemaGrants"
    SESSIONS = "databaseSessions"
    DATABASE_FACTS = "databaseFacts"
    VAULTS = "vaults"
    VAULT_KEYS = "vaultKeys"
    VAULT_LOCKS = "vaultLocks"
    VAULT_DIAGNOSTICS = "vaultDiagnostics"
    VAULT_RIGHTS = "vaultRights"
    VAULT_POLICIES = "vaultPolicies"
    IDENTITY_LOCKS = "identityLocks"
    ENDPOINTS = "privateEndpoints"
    SUBNETS = "subnets"
    NETWORK_RULES = "securityRules"
    DNS_ZONE_GROUPS = "dnsZoneGroups"
    WORKSPACES = "workspaces"
    WORKSPACE_TABLES = "workspaceTables"
    PLANS = "defenderPlans"
    CONTACTS = "securityContacts"
    SUPPRESSION_RULES = "suppressionRules"
    ACTIVITY_EXPORTS = "activityExports"
    ACTIVITY_ALERTS = "activityAlerts"
    METRIC_ALERTS = "metricAlerts"
    POLICY_ASSIGNMENTS = "policyAssignments"
    DELEGATIONS = "delegations"
    ROLE_DEFINITIONS = "roleDefinitions"
    BACKUP_VAULTS = "backupVaults"
    BACKUP_INSTANCES = "backupInstances"


# The facets whose resources are read and written alike: named things with texts in them.
COLLECTIONS = {
    SettingKind.VIRTUAL_NETWORK_RULE: FacetKind.VIRTUAL_NETWORK_RULES,
    SettingKind.PRIVATE_ENDPOINT: FacetKind.PRIVATE_ENDPOINTS,
    SettingKind.THREAT_PROTECTION: FacetKind.THREAT_PROTECTION,
    SettingKind.DIAGNOSTIC_SETTING: FacetKind.DIAGNOSTIC_SETTINGS,
    SettingKind.LOCK: FacetKind.LOCKS,
    SettingKind.ROLE_ASSIGNMENT: FacetKind.ROLE_ASSIGNMENTS,
    SettingKind.VIRTUAL_ENDPOINT: FacetKind.VIRTUAL_ENDPOINTS,
    SettingKind.BACKUP: FacetKind.BACKUPS,
    SettingKind.DATABASE_ROLE: FacetKind.DATABASE_ROLES,
    SettingKind.ROLE_MEMBERSHIP: FacetKind.ROLE_MEMBERSHIPS,
    SettingKind.ROLE_OVERRIDE: FacetKind.ROLE_OVERRIDES,
    SettingKind.SCHEMA_GRANT: FacetKind.SCHEMA_GRANTS,
    SettingKind.SESSION: FacetKind.SESSIONS,
}
# What SQL reads, and of it what SQL writes.
DATABASE_FACETS = frozenset(
    {
        FacetKind.DATABASE_ROLES,
        FacetKind.ROLE_MEMBERSHIPS,
        FacetKind.ROLE_OVERRIDES,
        FacetKind.SCHEMA_GRANTS,
        FacetKind.SESSIONS,
        FacetKind.DATABASE_FACTS,
    }
)
INSIDE = frozenset(kind for kind, facet in COLLECTIONS.items() if facet in DATABASE_FACETS)
_FACET_KINDS = tuple(FacetKind)
# What stands outside the server and bears on it: resources named by their ARM ids.
NEIGHBOURS = frozenset(_FACET_KINDS[_FACET_KINDS.index(FacetKind.VAULTS) :])
# The neighbours of which each property is a setting of its own: others look after the rest of the resource.
PIECEWISE = frozenset(
    {
        FacetKind.VAULTS,
        FacetKind.SUBNETS,
        FacetKind.WORKSPACES,
        FacetKind.WORKSPACE_TABLES,
        FacetKind.PLANS,
        FacetKind.CONTACTS,
        FacetKind.BACKUP_VAULTS,
    }
)
# The resource types that ARM calls by another word: below the server, or whole where another provider attaches them.
_ARM_TYPES = {
    SettingKind.THREAT_PROTECTION: {
        Kind.FLEXIBLE: "advancedThreatProtectionSettings",
        Kind.SINGLE: "securityAlertPolicies",
    },
    SettingKind.ADMINISTRATOR: {Kind.CITUS: "roles"},
    SettingKind.DIAGNOSTIC_SETTING: dict.fromkeys(Kind, "Microsoft.Insights/diagnosticSettings"),
    SettingKind.LOCK: dict.fromkeys(Kind, "Microsoft.Authorization/locks"),
    SettingKind.ROLE_ASSIGNMENT: dict.fromkeys(Kind, "Microsoft.Authorization/roleAssignments"),
}
# A single server has one administrator at most, under this name.
ONLY_ADMINISTRATOR = "activeDirectory"
# A Citus cluster has each parameter once for its coordinator and once for its workers; here it is named after where it
# counts, as in `coordinator/log_connections`, and there it is written where these say.
COORDINATOR, WORKERS = "coordinator", "workers"
CITUS_PARAMETERS = {COORDINATOR: "coordinatorConfigurations", WORKERS: "nodeConfigurations"}
_KIND_OF = {facet: kind for kind, facet in COLLECTIONS.items()}
_FACETS = {
    SettingKind.FIREWALL_RULE: FacetKind.FIREWALL_RULES,
    SettingKind.ADMINISTRATOR: FacetKind.ADMINISTRATORS,
    SettingKind.SERVER_KEY: FacetKind.SERVER_KEYS,
    **COLLECTIONS,
}
ON_SERVER = frozenset(
    {
        SettingKind.PUBLIC_ACCESS,
        SettingKind.AUTHENTICATION,
        SettingKind.PROPERTY,
        SettingKind.POWER,
        SettingKind.REPLICATION,
        SettingKind.TAG,
    }
)
RUNNING, STOPPED = "running", "stopped"


@dataclass(frozen=True, slots=True, order=True)
class Facet:
    """One ARM read; `name` is the parameter's name where the read is of one parameter.

    Of the original it is the id of the server that the copy was made from, where the copy itself does not tell.
    """

    kind: FacetKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}" if self.name else self.kind.value


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """One value that can be written on its own; `name` is empty where there is only one of its kind.

    What is inherited from a group or a subscription is named by its whole ARM id: it can be seen here, and written only
    where it was made.
    """

    kind: SettingKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}" if self.name else self.kind.value

    @classmethod
    def parse(cls, text: str) -> "Setting":
        """The reverse of `str()`."""
        kind, _, name = text.partition("/")
        return cls(SettingKind(kind), name)

    @property
    def facet(self) -> Facet:
        """The facet whose read shows this setting."""
        if self.kind is SettingKind.PARAMETER:
            return Facet(FacetKind.PARAMETER, self.name)
        if self.kind is SettingKind.NEIGHBOUR:
            return Facet(self.neighbour[0])
        return SERVER if self.kind in ON_SERVER else Facet(_FACETS[self.kind])

    @property
    def neighbour(self) -> tuple[FacetKind, str, str]:
        """Of a neighbour: its facet, its ARM id, and the property, empty for the whole resource."""
        facet, _, rest = self.name.partition(":")
        resource, _, member = rest.partition("#")
        return FacetKind(facet), resource, member

    @classmethod
    def outside(cls, facet: FacetKind, resource: str, member: str = "") -> "Setting":
        """The setting of a neighbour: of one of its properties, or the whole resource."""
        return cls(SettingKind.NEIGHBOUR, f"{facet}:{resource}{'#' if member else ''}{member}")

    @property
    def on_server(self) -> bool:
        """Whether it is a property of the server resource itself."""
        return self.kind in ON_SERVER

    @property
    def inherited(self) -> bool:
        """Whether it was made above the server."""
        return self.name.startswith("/")

    def path(self, kind: Kind) -> str:
        """Where ARM keeps the resource that holds it, below a server of this kind, lower case; empty for the server.

        For what stands outside, it is the whole id; a vault holds its access policies in itself. The resource of a
        Citus administrator has the name of a role, which is not known here: only its collection is right.
        """
        if self.on_server:
            return ""
        if self.kind is SettingKind.NEIGHBOUR:
            return self.neighbour[1].lower().partition("/accesspolicies/")[0]
        word, name = _ARM_TYPES.get(self.kind, {}).get(kind, self.kind.value), self.name
        if self.kind is SettingKind.ADMINISTRATOR and kind is Kind.SINGLE:
            name = ONLY_ADMINISTRATOR
        if self.kind is SettingKind.PARAMETER and kind is Kind.CITUS:
            role, name = role_and_name(self.name)
            word = CITUS_PARAMETERS.get(role, word)
        return f"{'providers/' if '.' in word else ''}{word}/{name}".rstrip("/").lower()


SERVER = Facet(FacetKind.SERVER)
FIREWALL_RULES = Facet(FacetKind.FIREWALL_RULES)
ADMINISTRATORS = Facet(FacetKind.ADMINISTRATORS)
ROLE_ASSIGNMENTS = Facet(FacetKind.ROLE_ASSIGNMENTS)
ORIGINAL = Facet(FacetKind.ORIGINAL)
EVERY_PARAMETER = Facet(FacetKind.PARAMETER, "*")


def parameter(name: str) -> Facet:
    """The facet of one server parameter."""
    return Facet(FacetKind.PARAMETER, name)


def parameter_names(kind: Kind, name: str) -> tuple[str, ...]:
    """How a parameter is named where it counts: a Citus cluster has it twice."""
    return (f"{COORDINATOR}/{name}", f"{WORKERS}/{name}") if kind is Kind.CITUS else (name,)


def kind_of(facet: FacetKind) -> SettingKind | None:
    """The kind of setting that a collection holds; None for a facet that is only read, or no collection."""
    return _KIND_OF.get(facet)


def role_and_name(parameter_name: str) -> tuple[str, str]:
    """Where a parameter counts, and its own name; it counts everywhere, which is empty, but on Citus clusters."""
    role, _, name = parameter_name.rpartition("/")
    return role, name
