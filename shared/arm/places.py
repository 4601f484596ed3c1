"""What stands outside a server and bears on it: where it is found, and how it is written. One row of `PLACES` each.

A neighbour is found from what was read before: the vault from the key that encrypts the server, the subnet's rules from
the subnet. Nothing an event says is ever an address here; an id that ARM did not give us is checked before it becomes
part of a path. Sources: the REST definitions of each provider at the api-version named here.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shared.arm.policies import entries_of
from shared.encryption import key_addresses
from shared.state import FacetKind, State

# The tables that hold what a server logs: the common one, and those of resource-specific settings.
TABLES = ("AzureDiagnostics", "PGSQLServerLogs", "AzureActivity")
_POSTGRES_PLAN = "OpenSourceRelationalDatabases"


class How(StrEnum):
    """How a neighbour is written: a whole resource, or some properties of one.

    Either way of writing properties reads first: an object is sent with every member that it has (whether a PATCH
    merges objects is not documented alike for all resources). `PUT` sends the rest of the resource, too.
    """

    NEVER = "never"
    WHOLE = "whole"
    PATCH = "patch"
    PUT = "put"
    ENTRY = "entry"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One facet. `find` gives the paths to read from what `needs` showed; each is one resource, or a `listed` one.

    `type` is the resource type whose `/read`, `/write`, `/delete` are needed. `keeps` are the properties that count
    (empty: all), `keep` which resources of a list do. `outer` are members beside `properties`, `drops` those that
    Azure shows and does not take back. `inside` takes the resources out of the one that holds them; `reads` is that
    one's type.
    """

    type: str
    api_version: str
    find: Callable[[State], Iterable[str]]
    how: How = How.NEVER
    needs: tuple[FacetKind, ...] = ()
    listed: bool = False
    query: Mapping[str, str] = field(default_factory=dict)
    keeps: frozenset[str] = frozenset()
    keep: Callable[[State, Mapping[str, Any]], bool] = lambda _state, _body: True
    outer: tuple[str, ...] = ()
    drops: frozenset[str] = frozenset()
    inside: Callable[[Mapping[str, Any]], Iterable[Mapping[str, Any]]] | None = None
    reads: str = ""

    @property
    def read_permission(self) -> str:
        """The ARM action that shows it."""
        return f"{self.reads or self.type}/read"


def vault_names(state: State) -> list[str]:
    """The vaults with a key that encrypts the server, lower case."""
    return sorted({one.vault for one in key_addresses(state)})


def vault_query(state: State) -> str:
    """The Resource Graph query for the ids of the vaults; empty where no key is the owner's."""
    names = vault_names(state)
    if not names:
        return ""
    quoted = ", ".join(f"'{name}'" for name in names)
    return (
        f"resources | where type =~ 'microsoft.keyvault/vaults' and name in~ ({quoted}) | project id | order by id asc"
    )


def _ids(*names: FacetKind) -> Callable[[State], Iterable[str]]:
    return lambda state: [one for name in names for one in state.children.get(name, {})]


def _below(facet: FacetKind, path: str) -> Callable[[State], Iterable[str]]:
    return lambda state: [f"{one}/{path}" for one in state.children.get(facet, {})]


def _subscription(path: str) -> Callable[[State], Iterable[str]]:
    return lambda state: [f"/subscriptions/{state.target.subscription}/providers/{path}"]


def _keys(state: State) -> list[str]:
    vaults = {one.rsplit("/", 1)[1].lower(): one for one in state.children.get(FacetKind.VAULTS, {})}
    found = (one for one in key_addresses(state) if one.vault in vaults)
    return list(dict.fromkeys(f"{vaults[one.vault]}/keys/{one.key}" for one in found))


def _identities(state: State) -> list[str]:
    text = state.server.facts.get("identity.userAssignedIdentities", "[]") if state.server else "[]"
    return [f"{one}/providers/Microsoft.Authorization/locks" for one in json.loads(text)]


def _texts(facet: FacetKind, name: str) -> Callable[[State], list[str]]:
    """The ids that a property of the facet's resources names."""
    return lambda state: sorted({one[name] for one in state.children.get(facet, {}).values() if one.get(name)})


def _subnets(state: State) -> list[str]:
    own = state.server.facts.get("network.delegatedSubnetResourceId", "") if state.server else ""
    return sorted({*_texts(FacetKind.ENDPOINTS, "subnet.id")(state), *([own] if own else [])})


def _network_rules(state: State) -> list[str]:
    return [f"{one}/securityRules" for one in _texts(FacetKind.SUBNETS, "networkSecurityGroup.id")(state)]


def _zone_groups(state: State) -> list[str]:
    return [f"{one}/privateDnsZoneGroups" for one in state.children.get(FacetKind.ENDPOINTS, {})]


def _workspaces(state: State) -> list[str]:
    return _texts(FacetKind.DIAGNOSTIC_SETTINGS, "workspaceId")(state)


def _tables(state: State) -> list[str]:
    return [f"{one}/tables/{name}" for one in _workspaces(state) for name in TABLES]


def _about_us(state: State, body: Mapping[str, Any]) -> bool:
    """Whether an alert watches this server, by itself or through what it is in."""
    scopes = ((body.get("properties") or {}).get("scopes")) or ()
    target = state.target.id.lower()
    return any(
        target == scope.lower() or target.startswith(f"{scope.lower().rstrip('/')}/") for scope in map(str, scopes)
    )


def _of_this_server(state: State, body: Mapping[str, Any]) -> bool:
    source = ((body.get("properties") or {}).get("dataSourceInfo")) or {}
    return str(source.get("resourceID", "")).lower() == state.target.id.lower()


def _of_its_identities(member: str) -> Callable[[State, Mapping[str, Any]], bool]:
    """Whether it is about an identity of the server; `member` says whom it is about."""

    def keep(state: State, body: Mapping[str, Any]) -> bool:
        facts = state.server.facts if state.server else {}
        ours = {text for name, text in facts.items() if name.startswith("identity.") and name.endswith(".principalId")}
        ours.add(facts.get("identity.principalId", ""))
        return (body.get("properties") or {}).get(member) in ours - {""}

    return keep


_VAULT = "Microsoft.KeyVault/vaults"
_AUTHORIZATION, _INSIGHTS = "Microsoft.Authorization", "Microsoft.Insights"
_SECURITY, _NETWORK = "Microsoft.Security", "Microsoft.Network"
_AT_SCOPE = {"$filter": "atScope()"}

PLACES: Mapping[FacetKind, Neighbour] = {
    FacetKind.VAULTS: Neighbour(
        _VAULT,
        "2023-07-01",
        # Found through Resource Graph: a key's address names the vault, and not where it is.
        lambda _: (),
        How.PATCH,
        needs=(FacetKind.SERVER, FacetKind.SERVER_KEYS),
        keeps=frozenset(
            {
                "tenantId",
                "enablePurgeProtection",
                "enableSoftDelete",
                "softDeleteRetentionInDays",
                "enableRbacAuthorization",
                "publicNetworkAccess",
                "networkAcls.defaultAction",
                "networkAcls.bypass",
            }
        ),
    ),
    FacetKind.VAULT_KEYS: Neighbour(
        "Microsoft.KeyVault/vaults/keys",
        "2023-07-01",
        _keys,
        needs=(FacetKind.VAULTS,),
        keeps=frozenset(
            {
                "kty",
                "keySize",
                "attributes.enabled",
                "attributes.exp",
                "attributes.nbf",
                "attributes.created",
                "keyUriWithVersion",
                "rotationPolicy.lifetimeActions",
            }
        ),
    ),
    FacetKind.VAULT_LOCKS: Neighbour(
        f"{_AUTHORIZATION}/locks",
        "2020-05-01",
        _below(FacetKind.VAULTS, "providers/Microsoft.Authorization/locks"),
        How.WHOLE,
        needs=(FacetKind.VAULTS,),
        listed=True,
        query=_AT_SCOPE,
    ),
    FacetKind.VAULT_DIAGNOSTICS: Neighbour(
        f"{_INSIGHTS}/diagnosticSettings",
        "2021-05-01-preview",
        _below(FacetKind.VAULTS, "providers/Microsoft.Insights/diagnosticSettings"),
        How.WHOLE,
        needs=(FacetKind.VAULTS,),
        listed=True,
    ),
    FacetKind.VAULT_RIGHTS: Neighbour(
        f"{_AUTHORIZATION}/roleAssignments",
        "2022-04-01",
        _below(FacetKind.VAULTS, "providers/Microsoft.Authorization/roleAssignments"),
        How.WHOLE,
        needs=(FacetKind.SERVER, FacetKind.VAULTS),
        listed=True,
        # What is granted at a key below it counts as well, so the list is not narrowed to the vault.
        keep=_of_its_identities("principalId"),
        keeps=frozenset({"principalId", "principalType", "roleDefinitionId"}),
    ),
    FacetKind.VAULT_POLICIES: Neighbour(
        f"{_VAULT}/accessPolicies",
        "2023-07-01",
        _ids(FacetKind.VAULTS),
        How.ENTRY,
        needs=(FacetKind.SERVER, FacetKind.VAULTS),
        keep=_of_its_identities("objectId"),
        keeps=frozenset({"objectId", "tenantId", "permissions.keys"}),
        inside=entries_of,
        reads=_VAULT,
    ),
    FacetKind.IDENTITY_LOCKS: Neighbour(
        f"{_AUTHORIZATION}/locks",
        "2020-05-01",
        _identities,
        How.WHOLE,
        needs=(FacetKind.SERVER,),
        listed=True,
        query=_AT_SCOPE,
    ),
    FacetKind.ENDPOINTS: Neighbour(
        f"{_NETWORK}/privateEndpoints",
        "2024-05-01",
        _texts(FacetKind.PRIVATE_ENDPOINTS, "privateEndpoint.id"),
        needs=(FacetKind.PRIVATE_ENDPOINTS,),
        keeps=frozenset({"subnet.id"}),
    ),
    FacetKind.SUBNETS: Neighbour(
        f"{_NETWORK}/virtualNetworks/subnets",
        "2024-05-01",
        _subnets,
        How.PUT,
        needs=(FacetKind.SERVER, FacetKind.ENDPOINTS),
        keeps=frozenset({"privateEndpointNetworkPolicies", "networkSecurityGroup.id"}),
    ),
    FacetKind.NETWORK_RULES: Neighbour(
        f"{_NETWORK}/networkSecurityGroups/securityRules",
        "2024-05-01",
        _network_rules,
        How.WHOLE,
        needs=(FacetKind.SUBNETS,),
        listed=True,
    ),
    FacetKind.DNS_ZONE_GROUPS: Neighbour(
        f"{_NETWORK}/privateEndpoints/privateDnsZoneGroups",
        "2024-05-01",
        _zone_groups,
        How.WHOLE,
        needs=(FacetKind.ENDPOINTS,),
        listed=True,
        keeps=frozenset({"privateDnsZoneConfigs"}),
    ),
    FacetKind.WORKSPACES: Neighbour(
        "Microsoft.OperationalInsights/workspaces",
        "2023-09-01",
        _workspaces,
        How.PATCH,
        needs=(FacetKind.DIAGNOSTIC_SETTINGS,),
        keeps=frozenset(
            {
                "features.enableLogAccessUsingOnlyResourcePermissions",
                "features.disableLocalAuth",
                "publicNetworkAccessForIngestion",
                "publicNetworkAccessForQuery",
            }
        ),
    ),
    FacetKind.WORKSPACE_TABLES: Neighbour(
        "Microsoft.OperationalInsights/workspaces/tables",
        "2023-09-01",
        _tables,
        How.PATCH,
        needs=(FacetKind.DIAGNOSTIC_SETTINGS,),
        keeps=frozenset({"retentionInDays", "totalRetentionInDays"}),
    ),
    FacetKind.PLANS: Neighbour(
        f"{_SECURITY}/pricings",
        "2024-01-01",
        _subscription(f"{_SECURITY}/pricings/{_POSTGRES_PLAN}"),
        How.PUT,
        keeps=frozenset({"pricingTier"}),
        drops=frozenset(
            {
                "freeTrialRemainingTime",
                "enablementTime",
                "deprecated",
                "replacedBy",
                "inherited",
                "inheritedFrom",
                "resourcesCoverageStatus",
            }
        ),
    ),
    FacetKind.CONTACTS: Neighbour(
        f"{_SECURITY}/securityContacts",
        "2023-12-01-preview",
        _subscription(f"{_SECURITY}/securityContacts/default"),
        How.PUT,
        keeps=frozenset(
            {"isEnabled", "emails", "notificationsByRole.roles", "notificationsByRole.state", "notificationsSources"}
        ),
    ),
    FacetKind.SUPPRESSION_RULES: Neighbour(
        f"{_SECURITY}/alertsSuppressionRules",
        "2019-01-01-preview",
        _subscription(f"{_SECURITY}/alertsSuppressionRules"),
        How.WHOLE,
        listed=True,
    ),
    FacetKind.ACTIVITY_EXPORTS: Neighbour(
        f"{_INSIGHTS}/diagnosticSettings",
        "2021-05-01-preview",
        _subscription(f"{_INSIGHTS}/diagnosticSettings"),
        How.WHOLE,
        listed=True,
    ),
    FacetKind.ACTIVITY_ALERTS: Neighbour(
        f"{_INSIGHTS}/activityLogAlerts",
        "2020-10-01",
        _subscription(f"{_INSIGHTS}/activityLogAlerts"),
        How.WHOLE,
        listed=True,
        keep=_about_us,
        outer=("location", "tags"),
    ),
    FacetKind.METRIC_ALERTS: Neighbour(
        f"{_INSIGHTS}/metricAlerts",
        "2018-03-01",
        _subscription(f"{_INSIGHTS}/metricAlerts"),
        How.WHOLE,
        listed=True,
        keep=_about_us,
        outer=("location", "tags"),
    ),
    FacetKind.POLICY_ASSIGNMENTS: Neighbour(
        f"{_AUTHORIZATION}/policyAssignments",
        "2023-04-01",
        lambda state: [f"{state.target.id}/providers/{_AUTHORIZATION}/policyAssignments"],
        listed=True,
        keeps=frozenset({"policyDefinitionId", "enforcementMode", "parameters.effect.value", "displayName"}),
    ),
    FacetKind.DELEGATIONS: Neighbour(
        "Microsoft.ManagedServices/registrationAssignments",
        "2022-10-01",
        _subscription("Microsoft.ManagedServices/registrationAssignments"),
        How.WHOLE,
        listed=True,
        query={"$expandRegistrationDefinition": "true"},
    ),
    FacetKind.ROLE_DEFINITIONS: Neighbour(
        f"{_AUTHORIZATION}/roleDefinitions",
        "2022-04-01",
        _subscription(f"{_AUTHORIZATION}/roleDefinitions"),
        listed=True,
        query={"$filter": "type eq 'CustomRole'"},
        keeps=frozenset({"roleName", "permissions"}),
    ),
    FacetKind.BACKUP_VAULTS: Neighbour(
        "Microsoft.DataProtection/backupVaults",
        "2025-07-01",
        _subscription("Microsoft.DataProtection/backupVaults"),
        How.PATCH,
        listed=True,
        keeps=frozenset(
            {
                "securitySettings.softDeleteSettings.state",
                "securitySettings.softDeleteSettings.retentionDurationInDays",
                "securitySettings.immutabilitySettings.state",
            }
        ),
    ),
    FacetKind.BACKUP_INSTANCES: Neighbour(
        "Microsoft.DataProtection/backupVaults/backupInstances",
        "2025-07-01",
        _below(FacetKind.BACKUP_VAULTS, "backupInstances"),
        needs=(FacetKind.BACKUP_VAULTS,),
        listed=True,
        keep=_of_this_server,
        keeps=frozenset({"currentProtectionState"}),
    ),
}
