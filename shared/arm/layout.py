"""Where each kind of server keeps what: paths, api-versions, permissions. One row for one read.

Sources: the REST definitions of each provider at the api-version named here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from shared.state import FacetKind
from shared.target import PROVIDER, Kind

FLEXIBLE_VERSION = "2025-08-01"
SINGLE_VERSION = "2017-12-01"
CITUS_VERSION = "2022-11-08"
# Only the preview knows sign-in methods, Entra roles, geo-redundant backups and encryption keys of Citus clusters.
CITUS_PREVIEW = "2023-03-02-preview"


@dataclass(frozen=True, slots=True)
class Collection:
    """Resources below or attached to a server, read by one list and written one by one.

    `path` and `permission` (the resource type whose `/read`, `/write`, `/delete` are needed) are below the server for
    its own children, whole for other providers. `drops` are properties that Azure shows and does not take back.
    `unsent` are more of them, which controls look at. `query` narrows the list; `only` are properties that a resource
    must have to be of interest. A `bodiless` one is made by a PUT that says nothing but its name.
    """

    path: str
    api_version: str
    permission: str
    drops: frozenset[str] = frozenset()
    unsent: frozenset[str] = frozenset()
    query: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    bodiless: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of server. `properties` gives the server's own properties the names that controls use.

    `reads_at` is the api-version that shows the server whole, where that is not the one its children have. `shown` are
    properties that Azure shows and does not take back, for the kind whose server has to be written whole.
    """

    api_version: str
    collections: dict[FacetKind, Collection]
    properties: dict[str, str] = field(default_factory=dict)
    reads_at: str = ""
    shown: frozenset[str] = frozenset()


def _attached(provider: str, type_name: str, api_version: str, *drops: str) -> Collection:
    whole = f"{provider}/{type_name}"
    return Collection(f"providers/{whole}", api_version, whole, frozenset(drops))


def _child(kind: Kind, name: str, api_version: str, *drops: str) -> Collection:
    return Collection(name, api_version, f"{PROVIDER}/{kind.type_name}/{name}", frozenset(drops))


# Made here or above the server; without it, what hangs on resources below the server is listed as well.
_AT_SCOPE = {"$filter": "atScope()"}
_AROUND = {
    FacetKind.DIAGNOSTIC_SETTINGS: _attached("Microsoft.Insights", "diagnosticSettings", "2021-05-01-preview"),
    FacetKind.LOCKS: replace(_attached("Microsoft.Authorization", "locks", "2020-05-01"), query=_AT_SCOPE),
    FacetKind.ROLE_ASSIGNMENTS: replace(
        _attached(
            "Microsoft.Authorization",
            "roleAssignments",
            "2022-04-01",
            "createdOn",
            "createdBy",
            "updatedOn",
            "updatedBy",
            "scope",
        ),
        query=_AT_SCOPE,
    ),
}


def _endpoints(kind: Kind, api_version: str) -> Collection:
    drops = ("provisioningState", "groupIds", "privateLinkServiceConnectionState.actionsRequired")
    connections = _child(kind, "privateEndpointConnections", api_version, *drops)
    return replace(connections, unsent=frozenset({"privateEndpoint.id"}))


LAYOUTS = {
    Kind.FLEXIBLE: Layout(
        FLEXIBLE_VERSION,
        {
            **_AROUND,
            FacetKind.PRIVATE_ENDPOINTS: _endpoints(Kind.FLEXIBLE, FLEXIBLE_VERSION),
            FacetKind.THREAT_PROTECTION: _child(
                Kind.FLEXIBLE, "advancedThreatProtectionSettings", FLEXIBLE_VERSION, "creationTime"
            ),
            FacetKind.VIRTUAL_ENDPOINTS: _child(
                Kind.FLEXIBLE, "virtualendpoints", FLEXIBLE_VERSION, "virtualEndpoints"
            ),
            # Those that the service makes by itself come and go every day.
            FacetKind.BACKUPS: replace(
                _child(Kind.FLEXIBLE, "backups", FLEXIBLE_VERSION),
                only={"backupType": "Customer On-Demand"},
                bodiless=True,
            ),
            FacetKind.REPLICAS: _child(Kind.FLEXIBLE, "replicas", FLEXIBLE_VERSION),
        },
        {
            "backup.retentionDays": "backup.backupRetentionDays",
            "backup.geoRedundant": "backup.geoRedundantBackup",
        },
    ),
    Kind.SINGLE: Layout(
        SINGLE_VERSION,
        {
            **_AROUND,
            FacetKind.VIRTUAL_NETWORK_RULES: _child(Kind.SINGLE, "virtualNetworkRules", SINGLE_VERSION, "state"),
            FacetKind.PRIVATE_ENDPOINTS: _endpoints(Kind.SINGLE, "2018-06-01"),
            FacetKind.THREAT_PROTECTION: _child(
                Kind.SINGLE, "securityAlertPolicies", SINGLE_VERSION, "storageAccountAccessKey"
            ),
            FacetKind.SERVER_KEYS: _child(Kind.SINGLE, "keys", "2020-01-01", "creationDate"),
            FacetKind.REPLICAS: _child(Kind.SINGLE, "replicas", SINGLE_VERSION),
        },
        {
            "backup.retentionDays": "storageProfile.backupRetentionDays",
            "backup.geoRedundant": "storageProfile.geoRedundantBackup",
            "state": "userVisibleState",
            "storage.autoGrow": "storageProfile.storageAutogrow",
            "tls.enforcement": "sslEnforcement",
            "tls.minimumVersion": "minimalTlsVersion",
        },
    ),
    Kind.CITUS: Layout(
        CITUS_VERSION,
        {
            **_AROUND,
            FacetKind.PRIVATE_ENDPOINTS: _endpoints(Kind.CITUS, CITUS_VERSION),
            FacetKind.ADMINISTRATORS: _child(Kind.CITUS, "roles", CITUS_PREVIEW),
        },
        {
            "backup.geoRedundant": "enableGeoBackup",
            "highAvailability.mode": "enableHa",
            "dataEncryption.primaryKeyURI": "dataEncryption.primaryKeyUri",
            "version": "postgresqlVersion",
        },
        CITUS_PREVIEW,
        frozenset(
            {
                "aadAuthEnabled",
                "administratorLogin",
                "earliestRestoreTime",
                "passwordEnabled",
                "privateEndpointConnections",
                "provisioningState",
                "readReplicas",
                "serverNames",
                "state",
            }
        ),
    ),
}
