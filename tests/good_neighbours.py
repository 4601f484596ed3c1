"""What stands around a server in good order, and what can be wrong with it. First values are right."""

import json
from collections.abc import Mapping

from shared.state import FacetKind

_SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
GROUP = f"{_SUBSCRIPTION}/resourceGroups/rg-platform/providers"
VAULT = f"{GROUP}/Microsoft.KeyVault/vaults/kv-payments"
KEY = f"{VAULT}/keys/postgres"
IDENTITY = f"{_SUBSCRIPTION}/resourceGroups/rg-soc/providers/Microsoft.ManagedIdentity/userAssignedIdentities/keys"
WORKSPACE = f"{GROUP}/Microsoft.OperationalInsights/workspaces/log-payments"
TABLE = f"{WORKSPACE}/tables/AzureDiagnostics"
PLAN = f"{_SUBSCRIPTION}/providers/Microsoft.Security/pricings/OpenSourceRelationalDatabases"
PRINCIPAL = "55555555-5555-4555-8555-555555555555"
CRYPTO = f"{_SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/e147488a-f6f5-4113-8e2d-b22465e65bf6"
LOCK = {"level": "CanNotDelete"}

FACTS: dict[str, tuple[str | None, ...]] = {
    "dataEncryption.primaryUserAssignedIdentityId": (IDENTITY, None),
    f"identity.userAssignedIdentities.{IDENTITY}.principalId": (PRINCIPAL, None),
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
}
