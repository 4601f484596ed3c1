"""Servers in good order, and what can be wrong with them: an entry for each thing that some control looks at.

The laws of all controls build their servers from here. The first value of each entry is right, the others are wrong or
odd; None means that the thing does not exist.
"""

import json
from collections.abc import Mapping
from typing import Any

from remediators.attestations import ROWS as ATTESTED
from shared.state import FacetKind
from shared.target import Kind
from tests.good_neighbours import FACTS as OUTSIDE_FACTS
from tests.good_neighbours import OUTSIDE
from tests.good_neighbours import PARAMETERS as OUTSIDE_PARAMETERS

DBA_GROUP = "33333333-3333-4333-8333-333333333333"
_GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-soc/providers"
WORKSPACE = f"{_GROUP}/Microsoft.OperationalInsights/workspaces/soc"
ENDPOINT = f"{_GROUP}/Microsoft.Network/privateEndpoints/app"
PIPELINE = "55555555-5555-4555-8555-555555555555"
_DBA = {"object_id": DBA_GROUP, "name": "dba-group", "tenant_id": "22222222-2222-4222-8222-222222222222"}

_IDENTITIES = f"{_GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities"
KEY_IDENTITY, GEO_IDENTITY = f"{_IDENTITIES}/keys", f"{_IDENTITIES}/keys-geo"
KEY, GEO_KEY = "https://kv-payments.vault.azure.net/keys/servers", "https://kv-geo.vault.azure.net/keys/servers"
SINGLE_KEY = f"https://kv-payments.vault.azure.net/keys/single/{'a' * 32}"

# What the policy says to the controls that need to be told something.
PARAMETERS: dict[str, dict[str, Any]] = {
    **OUTSIDE_PARAMETERS,
    "firewall-rule-allowlist": {"allowed_ranges": ["203.0.113.0/28"]},
    "entra-admin-allowlist": {"approved_administrators": [DBA_GROUP]},
    "backup-retention-days": {"minimum_days": 14},
    "server-parameter-baseline": {"values": {"log_connections": "on", "wal_level": "replica", "pgaudit.log": "ddl"}},
    "extensions-allowlist": {"approved_extensions": ["credcheck", "pgaudit", "vector"]},
    "cmk-key-uri-unchanged": {"approved_keys": [KEY, f"{KEY}-new", SINGLE_KEY]},
    "cmk-copy-key-validation": {"approved_keys": [KEY, SINGLE_KEY]},
    "cmk-identity-assigned": {"approved_identities": [KEY_IDENTITY]},
    "geo-backup-cmk": {"geo_key": GEO_KEY, "geo_identity": GEO_IDENTITY},
    "atp-email-notifications": {"security_addresses": ["soc@contoso.example"]},
    "diagnostic-settings-logs": {"workspace_id": WORKSPACE},
    "diagnostic-settings-metrics": {"workspace_id": WORKSPACE},
    "diagnostic-settings-destination": {"approved_destinations": [WORKSPACE]},
    "deployment-region-allowed": {"regions": ["West Europe", "northeurope"]},
    "confidential-compute-sku": {"skus": ["Standard_DC4ads_v5"]},
    "vnet-network-mode": {"virtual_network": False},
    "server-name-convention": {"pattern": "pg-[a-z]+"},
    "read-replica-present": {"regions": ["northeurope"]},
    "replica-promotion-event": {"replicas": ["pg-payments-copy"]},
    "retired-deployment-model": {"retiring": False},
    **{
        row.id: {"attested_by": "dana.fields@contoso.example", "evidence": "AUDIT-7", "until": "2099-12-31"}
        for row in ATTESTED
    },
    "private-endpoint-allowlist": {"approved_endpoints": [ENDPOINT]},
    "virtual-endpoint-integrity": {"virtual_endpoints": {"pg-main": ["pg-payments", "pg-replica"]}},
    "rbac-principals-are-groups": {"approved_principals": [PIPELINE]},
    "pg-control-plane-rbac-allowlist": {
        "approved_assignments": [{"role": "Contributor", "principals": [DBA_GROUP, PIPELINE]}]
    },
    "entra-admin-provisioned": {"administrator": _DBA},
    "entra-admin-is-group": {"administrator": _DBA},
    "db-roles-least-privilege": {"allowed_roles": ["dba-group"]},
    "db-admin-members-allowlist": {"allowed_members": ["dba-group"]},
}
# No server of this kind is in good order by this control.
NEVER_GOOD = {("retired-deployment-model", Kind.SINGLE), ("postgres-version-supported", Kind.SINGLE)}

# Properties and facts of the server itself, by the names that controls use.
_EVERYWHERE: dict[str, tuple[str | None, ...]] = {
    "location": ("westeurope", "East US", None),
    "backup.geoRedundant": ("Enabled", "Disabled", None),
    "state": ("Ready", "Inaccessible", "Updating", None),
    "version": ("17", "11", "9.6", "13", "99", "", None),
}
_WINDOW: dict[str, tuple[str | None, ...]] = {
    "maintenanceWindow.customWindow": ("Enabled", "Disabled", None),
    "maintenanceWindow.dayOfWeek": ("0", "3"),
    "maintenanceWindow.startHour": ("2", "14"),
    "maintenanceWindow.startMinute": ("0", "30"),
}
_ENCRYPTION: dict[str, tuple[str | None, ...]] = {
    "backup.geoRedundant": ("Enabled", "Disabled"),
    "dataEncryption.type": ("AzureKeyVault", "SystemManaged"),
    "dataEncryption.primaryKeyURI": (KEY, f"{KEY}/0123456789abcdef", f"{KEY}-other", "x", None),
    "dataEncryption.primaryUserAssignedIdentityId": (KEY_IDENTITY, f"{KEY_IDENTITY}-other", None),
    "dataEncryption.primaryEncryptionKeyStatus": ("Valid", "Invalid"),
    "dataEncryption.geoBackupKeyURI": (GEO_KEY, None),
    "dataEncryption.geoBackupUserAssignedIdentityId": (GEO_IDENTITY, None),
    "dataEncryption.geoBackupEncryptionKeyStatus": ("Valid", "Invalid"),
    "identity.type": ("UserAssigned", "SystemAssigned", None),
    "identity.userAssignedIdentities": (json.dumps([KEY_IDENTITY, GEO_IDENTITY]), json.dumps([GEO_IDENTITY]), None),
}
FACTS: dict[Kind, dict[str, tuple[str | None, ...]]] = {
    Kind.FLEXIBLE: {
        **_EVERYWHERE,
        **_ENCRYPTION,
        "backup.retentionDays": ("14", "7", "x", None),
        "cluster.clusterSize": (None, "2"),
        "highAvailability.mode": ("ZoneRedundant", "Disabled", "SameZone", None),
        "network.delegatedSubnetResourceId": (None, "/subscriptions/s/subnets/pg"),
        "replicationRole": ("Primary", "AsyncReplica", "GeoAsyncReplica", None),
        "sku.name": ("Standard_DC4ads_v5", "Standard_D4ds_v5", None),
        "sku.tier": ("GeneralPurpose", "Burstable", None),
        "storage.autoGrow": ("Enabled", "Disabled", None),
        "storage.type": ("Premium_LRS", "UltraSSD_LRS"),
        **_WINDOW,
    },
    Kind.SINGLE: {
        **_EVERYWHERE,
        "backup.retentionDays": ("14", "7"),
        "byokEnforcement": ("Enabled", "Disabled", None),
        "infrastructureEncryption": ("Enabled", "Disabled", None),
        "replicationRole": ("Master", "Replica", "None", None),
        "storage.autoGrow": ("Enabled", "Disabled"),
        "version": ("11", "9.6", "10", None),
        "tls.enforcement": ("Enabled", "Disabled", None),
        "tls.minimumVersion": ("TLS1_2", "TLS1_0", "TLSEnforcementDisabled", None),
    },
    Kind.CITUS: {
        "dataEncryption.type": ("AzureKeyVault", None),
        "dataEncryption.primaryKeyURI": (KEY, f"{KEY}-other"),
        **_EVERYWHERE,
        "highAvailability.mode": ("true", "false"),
        "sourceResourceId": (None, "/subscriptions/s/serverGroupsv2/first"),
        **_WINDOW,
    },
}

for _kind, _facts in FACTS.items():
    FACTS[_kind] = OUTSIDE_FACTS | _facts

type Thing = Mapping[str, str] | None

# What stands below and around the server: by facet, by name.
_REPLICAS: dict[str, tuple[Thing, ...]] = {"pg-copy": ({"location": "North Europe"}, {"location": "westus"}, {}, None)}
_LOGS = '[{"category": "PostgreSQLLogs", "enabled": true}]'
_METRICS = '[{"category": "AllMetrics", "enabled": true}]'
_STORAGE = f"{_GROUP}/Microsoft.Storage/storageAccounts/elsewhere"


def _assignment(role: str, principal: str, kind: str) -> Thing:
    definition = f"/subscriptions/11111111-1111-4111-8111-111111111111/providers/roleDefinitions/{role}"
    return {"roleDefinitionId": definition, "principalId": principal, "principalType": kind}


def _connection(status: str, endpoint: str) -> Thing:
    return {"privateEndpoint.id": endpoint, "privateLinkServiceConnectionState.status": status}


_ROLE = {"login": "no", "superuser": "no", "createrole": "no", "createdb": "no", "bypassrls": "no"} | {
    "replication": "no",
    "valid_until": "",
    "password": "none",
    "entra": "no",
}
_LOGIN = {**_ROLE, "login": "yes", "password": "unknown"}
# What stands inside the databases.
_INSIDE: dict[FacetKind, dict[str, tuple[Thing, ...]]] = {
    FacetKind.DATABASE_ROLES: {
        "azure_pg_admin": ({**_ROLE, "createrole": "yes", "createdb": "yes"},),
        "holdfast": ({**_LOGIN, "createrole": "yes", "entra": "service", "own": "yes"},),
        "dba-group": ({**_LOGIN, "createdb": "yes", "entra": "group"}, None),
        "app": (None, _LOGIN, {**_LOGIN, "password": "md5"}, {**_ROLE, "bypassrls": "yes"}),
        "azure_helper": (None, {**_LOGIN, "superuser": "yes"}),
        "dana": (None, {**_LOGIN, "entra": "user"}, {**_LOGIN, "entra": "unknown"}),
    },
    FacetKind.ROLE_MEMBERSHIPS: {
        "azure_pg_admin/holdfast": ({"options": "none"},),
        "azure_pg_admin/dba-group": ({"options": "admin"}, None),
        "azure_pg_admin/app": (None, {"options": "none"}),
        "dba-group/dana": (None, {"options": "none"}),
        "azure_pg_admin/azure_helper": (None, {"options": "none"}),
    },
    FacetKind.ROLE_OVERRIDES: {
        "app/*/work_mem": (None, {"value": "8MB"}),
        "app/*/log_connections": (None, {"value": "off"}),
        "*/shop/pgaudit.log": (None, {"value": "none"}),
    },
    FacetKind.SCHEMA_GRANTS: {"shop/public": (None, {"PUBLIC": "create"})},
    FacetKind.SESSIONS: {"app": (None, {"open": "3"})},
    FacetKind.DATABASE_FACTS: {
        "server": (
            {"password_encryption": "scram-sha-256", "pgaudit": "loaded"},
            {"password_encryption": "md5", "pgaudit": "no"},
        ),
        "database/shop": ({"pgaudit": "1.7"}, {"pgaudit": "no"}, None),
        "pg_hba/9": (None, {"type": "host", "method": "md5", "user": "all"}),
    },
}
_AROUND: dict[FacetKind, dict[str, tuple[Thing, ...]]] = {
    **_INSIDE,
    FacetKind.DIAGNOSTIC_SETTINGS: {
        "to-soc": (
            {"workspaceId": WORKSPACE, "logs": _LOGS, "metrics": _METRICS},
            {"workspaceId": WORKSPACE.upper(), "metrics": _METRICS},
            {"workspaceId": f"{WORKSPACE}-of-others", "logs": _LOGS, "metrics": _METRICS},
            None,
        ),
        "holdfast": (
            None,
            {"workspaceId": WORKSPACE, "logs": '[{"categoryGroup": "audit", "enabled": true}]'},
            {"storageAccountId": _STORAGE, "logs": '[{"categoryGroup": "other", "enabled": true}]'},
            {"workspaceId": f"{WORKSPACE}-of-others", "storageAccountId": _STORAGE},
        ),
    },
    FacetKind.LOCKS: {
        "keep": ({"level": "CanNotDelete"}, {"level": "NotSpecified"}, {"level": "ReadOnly"}, None),
        f"{_GROUP}/Microsoft.Authorization/locks/keep": (None, {"level": "CanNotDelete"}, {"level": "ReadOnly"}),
    },
    FacetKind.ROLE_ASSIGNMENTS: {
        "00000000-0000-4000-8000-00000000000a": (
            _assignment("b24988ac-6180-42a0-ab88-20f7382dd24c", DBA_GROUP, "Group"),
            _assignment("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", PIPELINE, "ServicePrincipal"),
            _assignment("acdd72a7-3385-48ef-bd42-f606fba81ae7", "44444444-4444-4444-8444-444444444444", "User"),
            None,
        ),
        "00000000-0000-4000-8000-00000000000c": (
            None,
            _assignment("acdd72a7-3385-48ef-bd42-f606fba81ae7", "44444444-4444-4444-8444-444444444444", "ForeignGroup"),
        ),
        f"{_GROUP}/Microsoft.Authorization/roleAssignments/b": (
            None,
            _assignment("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "44444444-4444-4444-8444-444444444444", "User"),
        ),
    },
    FacetKind.PRIVATE_ENDPOINTS: {
        "app": (
            _connection("Approved", ENDPOINT),
            _connection("Pending", ENDPOINT),
            _connection("Rejected", ENDPOINT),
            None,
        ),
        "stranger": (None, _connection("Approved", f"{ENDPOINT}-of-others"), _connection("Pending", f"{ENDPOINT}-x")),
    },
}
_ALERTS = {"state": "Enabled", "emailAccountAdmins": "true", "emailAddresses": '["soc@contoso.example"]'}
CHILDREN: dict[Kind, dict[FacetKind, dict[str, tuple[Thing, ...]]]] = {
    Kind.FLEXIBLE: {
        **_AROUND,
        **OUTSIDE,
        FacetKind.REPLICAS: _REPLICAS,
        FacetKind.THREAT_PROTECTION: {"Default": ({"state": "Enabled"}, {"state": "Disabled"})},
        FacetKind.VIRTUAL_ENDPOINTS: {
            "pg-main": (
                {"endpointType": "ReadWrite", "members": '["pg-payments", "pg-replica"]'},
                {"endpointType": "ReadWrite", "members": '["pg-payments", "pg-other"]'},
                None,
            ),
            "nobodys": (None, {"endpointType": "ReadWrite", "members": '["pg-payments"]'}),
        },
        FacetKind.BACKUPS: {
            "before-upgrade": (
                {"backupType": "Customer On-Demand", "completedTime": "2026-02-27T12:00:00Z"},
                {"backupType": "Customer On-Demand", "completedTime": "2020-02-27T12:00:00Z"},
                None,
            ),
        },
    },
    Kind.SINGLE: {
        **_AROUND,
        **OUTSIDE,
        FacetKind.SERVER_KEYS: {
            "key": (
                {"serverKeyType": "AzureKeyVault", "uri": SINGLE_KEY, "thumbprint": "A1"},
                {"serverKeyType": "AzureKeyVault", "uri": f"{SINGLE_KEY[:-1]}b"},
                {"serverKeyType": "ServiceManaged", "uri": "x"},
                None,
            )
        },
        FacetKind.REPLICAS: _REPLICAS,
        FacetKind.THREAT_PROTECTION: {
            "Default": (
                {**_ALERTS, "disabledAlerts": "[]"},
                {**_ALERTS, "state": "Disabled", "emailAddresses": '["dba@contoso.example"]'},
                {"state": "Disabled", "emailAccountAdmins": "false", "disabledAlerts": '["Access_Anomaly"]'},
                {"state": "Disabled", "storageEndpoint": "https://contoso.blob.core.windows.net"},
            )
        },
        FacetKind.VIRTUAL_NETWORK_RULES: {"app": (None, {"virtualNetworkSubnetId": f"{_GROUP}/subnets/app"})},
    },
    Kind.CITUS: {**_AROUND, **OUTSIDE, FacetKind.REPLICAS: {"pg-copy": ({"id": "/subscriptions/s/copy"}, None)}},
}


def good_facts(kind: Kind) -> dict[str, str]:
    """The server's properties, all right."""
    return {name: values[0] for name, values in FACTS[kind].items() if values[0] is not None}


def good_children(kind: Kind) -> dict[FacetKind, dict[str, Mapping[str, str]]]:
    """Everything around the server, all right."""
    return {
        facet: {name: things[0] for name, things in named.items() if things[0] is not None}
        for facet, named in CHILDREN[kind].items()
    }
