"""What stands around a server in good order, and what can be wrong with it. First values are right."""

import json
from collections.abc import Mapping
from typing import Any

from shared.state import FacetKind

_SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
GROUP = f"{_SUBSCRIPTION}/resourceGroups/rg-platform/providers"
VAULT = f"{GROUP}/Microsoft.KeyVault/vaults/kv-payments"
KEY = f"{VAULT}/keys/postgres"
IDENTITY = f"{_SUBSCRIPTION}/resourceGroups/rg-soc/providers/Microsoft.ManagedIdentity/userAssignedIdentities/keys"
WORKSPACE = f"{GROUP}/Microsoft.OperationalInsights/workspaces/log-payments"
TABLE = f"{WORKSPACE}/tables/AzureDiagnostics"
PLAN = f"{_SUBSCRIPTION}/providers/Microsoft.Security/pricings/OpenSourceRelationalDatabases"
_SECURITY = f"{_SUBSCRIPTION}/providers/Microsoft.Security"
CONTACT = f"{_SECURITY}/securityContacts/default"
ENDPOINT = f"{GROUP}/Microsoft.Network/privateEndpoints/pe-payments"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet-data/subnets/endpoints"
NSG = f"{GROUP}/Microsoft.Network/networkSecurityGroups/nsg-data"
BACKUPS = f"{GROUP}/Microsoft.DataProtection/backupVaults/bv-payments"
GUARDRAIL = (
    "/providers/Microsoft.Management/managementGroups/mg/providers/Microsoft.Authorization/policySetDefinitions/pg"
)
PARTNER = "66666666-6666-4666-8666-666666666666"
PRINCIPAL = "55555555-5555-4555-8555-555555555555"
CRYPTO = f"{_SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/e147488a-f6f5-4113-8e2d-b22465e65bf6"
LOCK = {"level": "CanNotDelete"}

PARAMETERS: dict[str, dict[str, Any]] = {
    "csp-and-foreign-principal-access": {"approved_tenants": [PARTNER]},
    "metric-alerts-present": {"alerts": ["storage-full"]},
    "policy-guardrails-assigned": {"definitions": ["pg"]},
    "private-dns-zone": {},
    "defender-security-contact": {"emails": ["soc@contoso.example"]},
}

FACTS: dict[str, tuple[str | None, ...]] = {
    "dataEncryption.primaryUserAssignedIdentityId": (IDENTITY, None),
    f"identity.userAssignedIdentities.{IDENTITY}.principalId": (PRINCIPAL, None),
    "identity.principalId": (PRINCIPAL, None),
}

type Thing = Mapping[str, str] | None


def _lock(name: str) -> tuple[str, tuple[Thing, ...]]:
    return f"{name}/providers/Microsoft.Authorization/locks/keep", (LOCK, None, {"level": "NotSpecified"})


def _log(on: bool) -> Thing:
    return {"workspaceId": WORKSPACE, "logs": json.dumps([{"categoryGroup": "audit", "enabled": on}])}


_VAULT = {
    "enablePurgeProtection": "true",
    "enableSoftDelete": "true",
    "softDeleteRetentionInDays": "90",
    "enableRbacAuthorization": "true",
    "networkAcls.defaultAction": "Deny",
    "networkAcls.bypass": "AzureServices",
    "publicNetworkAccess": "Enabled",
}
_KEY = {
    "kty": "RSA-HSM",
    "keySize": "2048",
    "attributes.enabled": "true",
    "attributes.exp": "1893456000",
    "rotationPolicy.lifetimeActions": json.dumps([{"action": {"type": "rotate"}}]),
}
_WORKSPACE = {
    "features.enableLogAccessUsingOnlyResourcePermissions": "true",
    "features.disableLocalAuth": "true",
    "publicNetworkAccessForIngestion": "Disabled",
    "publicNetworkAccessForQuery": "Disabled",
}


def _rule(**changes: str) -> Thing:
    rule = {
        "direction": "Inbound",
        "access": "Deny",
        "protocol": "Tcp",
        "sourceAddressPrefix": "Internet",
        "destinationPortRange": "5432",
    }
    return rule | changes


def _zone(name: str) -> Thing:
    zone = f"{GROUP}/Microsoft.Network/privateDnsZones/{name}"
    configs = [{"name": "one", "properties": {"privateDnsZoneId": zone}}]
    if name.startswith("privatelink"):
        zone = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.postgres.cosmos.azure.com"
        configs.append({"name": "two", "properties": {"privateDnsZoneId": zone}})
    return {"privateDnsZoneConfigs": json.dumps(configs)}


def _export(*categories: str) -> Thing:
    logs = [{"category": category, "enabled": True} for category in categories]
    return {"workspaceId": WORKSPACE, "logs": json.dumps(logs)}


def _safe(deletes: str, immutable: str) -> Thing:
    return {
        "securitySettings.softDeleteSettings.state": deletes,
        "securitySettings.immutabilitySettings.state": immutable,
    }


_CONTACT = {
    "isEnabled": "true",
    "emails": "soc@contoso.example",
    "notificationsByRole.state": "On",
    "notificationsByRole.roles": '["Owner"]',
    "notificationsSources": '[{"minimalSeverity": "Medium", "sourceType": "Alert"}]',
}


def _entry(*permissions: str) -> Thing:
    return {"objectId": PRINCIPAL, "tenantId": PARTNER, "permissions.keys": json.dumps(permissions)}


OUTSIDE: dict[FacetKind, dict[str, tuple[Thing, ...]]] = {
    FacetKind.VAULTS: {
        VAULT: (
            _VAULT,
            None,
            {},
            _VAULT | {"enablePurgeProtection": "false", "networkAcls.defaultAction": "Allow"},
            _VAULT | {"networkAcls.bypass": "None", "enableRbacAuthorization": "false"},
            _VAULT | {"networkAcls.bypass": "None", "networkAcls.defaultAction": "Allow"},
            _VAULT | {"softDeleteRetentionInDays": "7"},
        )
    },
    FacetKind.VAULT_KEYS: {
        KEY: (
            _KEY,
            None,
            {},
            _KEY | {"attributes.enabled": "false", "kty": "EC"},
            _KEY | {"attributes.exp": "1"},
            _KEY | {"attributes.nbf": "1893456000", "rotationPolicy.lifetimeActions": "[1, {}]"},
            _KEY | {"rotationPolicy.lifetimeActions": "{"},
        )
    },
    FacetKind.VAULT_LOCKS: dict([_lock(VAULT)]),
    FacetKind.IDENTITY_LOCKS: dict([_lock(IDENTITY)]),
    FacetKind.VAULT_DIAGNOSTICS: {
        f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings/audit": (_log(True), None, _log(False), {})
    },
    FacetKind.VAULT_RIGHTS: {
        f"{VAULT}/providers/Microsoft.Authorization/roleAssignments/77777777-7777-4777-8777-777777777777": (
            {"principalId": PRINCIPAL, "principalType": "ServicePrincipal", "roleDefinitionId": CRYPTO},
            None,
            {"principalId": PRINCIPAL, "principalType": "ServicePrincipal", "roleDefinitionId": f"{CRYPTO}0"},
        )
    },
    FacetKind.VAULT_POLICIES: {
        f"{VAULT}/accessPolicies/{PRINCIPAL}": (
            _entry("get", "list", "unwrapKey", "wrapKey"),
            None,
            _entry("get", "sign"),
            _entry("all"),
            {},
        )
    },
    FacetKind.WORKSPACES: {
        WORKSPACE: (_WORKSPACE, None, {}, _WORKSPACE | {"features.disableLocalAuth": "false"}),
    },
    FacetKind.WORKSPACE_TABLES: {
        TABLE: (
            {"retentionInDays": "365", "totalRetentionInDays": "730"},
            None,
            {"retentionInDays": "-1"},
            {"retentionInDays": "30", "totalRetentionInDays": "30"},
        )
    },
    FacetKind.PLANS: {PLAN: ({"pricingTier": "Standard"}, None, {"pricingTier": "Free"})},
    FacetKind.ENDPOINTS: {ENDPOINT: ({"subnet.id": SUBNET}, None, {})},
    FacetKind.SUBNETS: {
        SUBNET: (
            {"privateEndpointNetworkPolicies": "Enabled", "networkSecurityGroup.id": NSG},
            None,
            {"privateEndpointNetworkPolicies": "Disabled", "networkSecurityGroup.id": NSG},
            {},
        )
    },
    FacetKind.NETWORK_RULES: {
        f"{NSG}/securityRules/data": (
            _rule(),
            None,
            _rule(access="Allow"),
            _rule(access="Allow", sourceAddressPrefix="0.0.0.0/0", destinationPortRange="5000-6000"),
            _rule(access="Allow", destinationPortRange="x-1", destinationPortRanges='["*"]'),
            _rule(access="Allow", destinationPortRange="443", destinationPortRanges="{"),
        )
    },
    FacetKind.DNS_ZONE_GROUPS: {
        f"{ENDPOINT}/privateDnsZoneGroups/default": (
            _zone("privatelink.postgres.database.azure.com"),
            None,
            _zone("elsewhere.example"),
            {"privateDnsZoneConfigs": "[1, {}]"},
        )
    },
    FacetKind.CONTACTS: {
        CONTACT: (
            _CONTACT,
            None,
            {},
            _CONTACT | {"isEnabled": "false", "notificationsByRole.roles": '["Contributor"]'},
            _CONTACT | {"notificationsSources": '[{"sourceType": "Alert", "minimalSeverity": "?"}, 1]', "emails": ""},
        )
    },
    FacetKind.SUPPRESSION_RULES: {
        f"{_SECURITY}/alertsSuppressionRules/quiet": (
            {"alertType": "VM_Login", "state": "Enabled"},
            None,
            {"alertType": "SQL.PostgreSQL_BruteForce", "state": "Enabled"},
            {"alertType": "*", "state": "Enabled", "expirationDateUtc": "2020-01-01T00:00:00Z"},
            {"alertType": "*", "state": "Enabled", "expirationDateUtc": "never"},
        )
    },
    FacetKind.ACTIVITY_EXPORTS: {
        f"{_SUBSCRIPTION}/providers/Microsoft.Insights/diagnosticSettings/activity": (
            _export("Administrative", "Security", "Alert", "Policy"),
            None,
            _export("Administrative"),
        )
    },
    FacetKind.ACTIVITY_ALERTS: {
        f"{GROUP}/Microsoft.Insights/activityLogAlerts/postgres": (
            {"enabled": "true", "condition.allOf": '[{"field": "category", "equals": "Administrative"}]'},
            None,
            {"enabled": "false"},
            {"enabled": "true", "condition.allOf": json.dumps([{"field": "operationName", "equals": "x/write"}])},
            {"enabled": "true", "condition.allOf": "{"},
        )
    },
    FacetKind.METRIC_ALERTS: {
        f"{GROUP}/Microsoft.Insights/metricAlerts/storage-full": ({"enabled": "true"}, None, {"enabled": "false"})
    },
    FacetKind.POLICY_ASSIGNMENTS: {
        f"{_SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments/postgres": (
            {"policyDefinitionId": GUARDRAIL, "enforcementMode": "Default"},
            None,
            {"policyDefinitionId": GUARDRAIL, "enforcementMode": "DoNotEnforce"},
            {"policyDefinitionId": GUARDRAIL, "parameters.effect.value": "Disabled"},
        )
    },
    FacetKind.ROLE_DEFINITIONS: {
        f"{_SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/locks": (
            {"permissions": json.dumps([{"actions": ["Microsoft.Authorization/locks/*"]}])},
            None,
            {"permissions": json.dumps([{"actions": ["*"]}, 1])},
            {"permissions": "["},
        )
    },
    FacetKind.BACKUP_VAULTS: {
        BACKUPS: (_safe("On", "Unlocked"), _safe("AlwaysOn", "Locked"), _safe("Off", "Disabled"), {}, None)
    },
    FacetKind.BACKUP_INSTANCES: {
        f"{BACKUPS}/backupInstances/pg": (
            {"currentProtectionState": "ProtectionConfigured"},
            None,
            {"currentProtectionState": "ProtectionStopped"},
        )
    },
    FacetKind.DELEGATIONS: {
        f"{_SUBSCRIPTION}/providers/Microsoft.ManagedServices/registrationAssignments/partner": (
            {"registrationDefinition.properties.managedByTenantId": PARTNER},
            None,
            {"registrationDefinition.properties.managedByTenantId": f"{PARTNER[:-1]}0"},
            {},
        )
    },
}
