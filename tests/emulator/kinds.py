"""The small bank with one group more, in which there are the other kinds of servers and what stands around them."""

from typing import Any

from emulator.fleet import Fleet, default_fleet
from tests.emulator.arm_client import PRODUCTION

GROUP = f"{PRODUCTION}/resourceGroups/rg-kinds"
_PROVIDER = f"{GROUP}/providers/Microsoft.DBforPostgreSQL"
SINGLE = f"{_PROVIDER}/servers/pg-single"
BASIC = f"{_PROVIDER}/servers/pg-basic"
CLUSTER = f"{_PROVIDER}/serverGroupsv2/pg-citus"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-kinds/subnets/snet-apps"
KEY_VERSION = "3f6ab38018b641ef933b0b7cd4443f57"
ADMIN = "3f0c8f5a-7b1e-4a52-9d15-52f1f7a2c901"

_SINGLE: dict[str, Any] = {
    "name": "pg-single",
    "tags": {"environment": "test"},
    "firewall_rules": {"office": {"start": "192.0.2.10", "end": "192.0.2.14"}},
    "virtual_network_rules": {"apps": SUBNET},
    "private_endpoints": [{"name": "pe-single"}, {"name": "pe-new", "status": "Pending"}],
    "administrator": {"object_id": ADMIN, "name": "sg-dba", "type": "Group"},
    "parameters": {"log_disconnections": "on"},
    "alert_policy": {"state": "Enabled", "emailAccountAdmins": True},
}
_BASIC: dict[str, Any] = {"name": "pg-basic", "sku": "B_Gen5_1", "public_access": "Disabled"}
_CLUSTER: dict[str, Any] = {
    "name": "pg-citus",
    "tags": {"environment": "test"},
    "firewall_rules": {"office": {"start": "192.0.2.10", "end": "192.0.2.14"}},
    "private_endpoints": [{"name": "pe-citus"}, {"name": "pe-citus-new", "status": "Pending"}],
    "entra_roles": {"sg-dba": {"object_id": ADMIN, "type": "group", "admin": True}},
    "parameters": {"log_disconnections": "on"},
}
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log-kinds"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-kinds"
NSG = f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg-apps"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-kinds"
_TENANT = "6b1f3c0e-52d4-4f6a-9b3e-6f0d9a7c2e51"
_DENY = {
    "protocol": "Tcp",
    "sourcePortRange": "*",
    "sourceAddressPrefix": "Internet",
    "destinationPortRange": "5432",
    "destinationAddressPrefix": "*",
    "access": "Deny",
    "priority": 200,
    "direction": "Inbound",
}
_RESOURCES: list[dict[str, Any]] = [
    {"at": "Microsoft.OperationalInsights/workspaces/log-kinds", "properties": {"retentionInDays": 365}},
    {"at": "Microsoft.ManagedIdentity/userAssignedIdentities/id-kinds"},
    {
        "at": "Microsoft.Network/networkSecurityGroups/nsg-apps",
        "properties": {"securityRules": [{"name": "no-internet", "properties": _DENY}]},
    },
    {
        "at": "Microsoft.Network/virtualNetworks/vnet-kinds",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [
                {
                    "name": "snet-apps",
                    "properties": {"addressPrefix": "10.0.1.0/24", "networkSecurityGroup": {"id": NSG}},
                }
            ],
        },
    },
    {
        "at": "Microsoft.KeyVault/vaults/kv-kinds",
        "properties": {
            "tenantId": _TENANT,
            "sku": {"family": "A", "name": "premium"},
            "enableRbacAuthorization": True,
            "enablePurgeProtection": True,
        },
    },
    {
        "at": "Microsoft.KeyVault/vaults/kv-kinds/keys/pg-key",
        "properties": {"kty": "RSA-HSM", "keySize": 3072, "version": KEY_VERSION},
    },
]


def a_fleet(**more: Any) -> Fleet:
    """The bank with the group of this module; `more` are further things in that group."""
    given = default_fleet().model_dump()
    servers = {"single_servers": [_SINGLE, _BASIC], "clusters": [_CLUSTER]}
    group = {"name": "rg-kinds", **servers, "resources": _RESOURCES, **more}
    production = given["subscriptions"][0]
    # without the bank's own, so that a test sees only what stands in this module
    flexible = [one for one in production["resource_groups"] if one["flexible_servers"]]
    production.update(resource_groups=[*flexible, group], resources=[])
    return Fleet.model_validate(given)
