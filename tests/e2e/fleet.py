"""The fleet of the end-to-end tests: many servers of a few kinds, so that each test has one for itself."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from emulator.fleet import DEFAULT_FLEET, made_id
from shared.target import Kind, Target

SUBSCRIPTION = "9c1d7e42-0b5f-4d38-8a66-1f2e3d4c5b6a"
DBA_GROUP = "3f0c8f5a-7b1e-4a52-9d15-52f1f7a2c901"
_SUBSCRIPTION = f"/subscriptions/{SUBSCRIPTION}"
_NETWORK = f"{_SUBSCRIPTION}/resourceGroups/rg-network/providers/Microsoft.Network"
# Where Holdfast may write, and where somebody forgot to give it the role.
HELD, READ_ONLY = "rg-held", "rg-read-only"
ENCRYPTION_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
# A subscription of its own, under another management group.
SANDBOX_SUBSCRIPTION, SANDBOX = "2e7a9b10-6c3d-4e5f-b1a2-7d8c9e0f1a2b", "rg-sandbox"


type _Group = Mapping[str, list[dict[str, Any]]]


class Sort(StrEnum):
    """What is special about a server; the value begins its name."""

    PUBLIC = "public"
    PRIVATE = "private"
    INJECTED = "injected"
    WITHOUT_TLS_SWITCH = "bare"
    BOTH_SIGN_INS = "mixed"
    PASSWORDS_ONLY = "passwords"
    READ_ONLY = "watched"
    SANDBOX = "sandbox"
    ENCRYPTED = "encrypted"
    SINGLE = "single"
    CITUS = "citus"


# Where a fleet file has the servers of a kind.
_FLEXIBLE = "flexible_servers"
_LISTED = {Sort.SINGLE: (Kind.SINGLE, "single_servers"), Sort.CITUS: (Kind.CITUS, "clusters")}
_ADMINISTRATOR = {"object_id": DBA_GROUP, "name": "sg-dba-production", "type": "Group"}
_PUBLIC: dict[str, Any] = {
    "public_access": "Enabled",
    "firewall_rules": {
        "office": {"start": "192.0.2.10", "end": "192.0.2.14"},
        "gateway": {"start": "198.51.100.40", "end": "198.51.100.40"},
    },
}
_PRIVATE: dict[str, Any] = {"public_access": "Disabled", "private_endpoints": [{"name": "pe"}]}
_SPECIAL: Mapping[Sort, dict[str, Any]] = {
    Sort.PUBLIC: _PUBLIC,
    Sort.PRIVATE: _PRIVATE,
    Sort.INJECTED: {
        "delegated_subnet": f"{_NETWORK}/virtualNetworks/vnet-core/subnets/snet-postgres",
        "private_dns_zone": f"{_NETWORK}/privateDnsZones/e2e.private.postgres.database.azure.com",
    },
    Sort.WITHOUT_TLS_SWITCH: {**_PRIVATE, "without_parameters": ["require_secure_transport"]},
    Sort.BOTH_SIGN_INS: {**_PRIVATE, "password_auth": "Enabled"},
    Sort.PASSWORDS_ONLY: {**_PRIVATE, "entra_auth": "Disabled", "password_auth": "Enabled", "administrators": []},
    Sort.READ_ONLY: _PRIVATE,
    Sort.SANDBOX: _PRIVATE,
    Sort.SINGLE: {
        **_PUBLIC,
        "minimal_tls": "TLS1_2",
        "administrator": _ADMINISTRATOR,
        "parameters": {"log_checkpoints": "on"},
    },
    Sort.CITUS: {
        "coordinator_public_access": True,
        "firewall_rules": _PUBLIC["firewall_rules"],
        "entra_auth": "enabled",
        "entra_roles": {"sg-dba-production": {"object_id": DBA_GROUP, "type": "group", "admin": True}},
    },
}
_HOW_MANY: Mapping[Sort, int] = {
    Sort.PUBLIC: 16,
    Sort.PRIVATE: 80,
    Sort.INJECTED: 2,
    Sort.WITHOUT_TLS_SWITCH: 2,
    Sort.BOTH_SIGN_INS: 3,
    Sort.PASSWORDS_ONLY: 2,
    Sort.READ_ONLY: 3,
    Sort.SINGLE: 8,
    Sort.CITUS: 8,
}
SMALL: Mapping[Sort, int] = {Sort.PUBLIC: 4, Sort.PRIVATE: 12}


class Fleet:
    """The fleet file, and who has which server."""

    def __init__(self, path: Path, how_many: Mapping[Sort, int] = _HOW_MANY) -> None:
        self.path = path
        self._free: dict[Sort, Iterator[str]] = defaultdict(lambda: iter(()))
        groups: dict[str, _Group] = {name: defaultdict(list) for name in (HELD, READ_ONLY, SANDBOX)}
        for sort, count in how_many.items():
            servers = [_server(sort, number) for number in range(count)]
            groups[_group(sort)][_LISTED.get(sort, (Kind.FLEXIBLE, _FLEXIBLE))[1]] += servers
            if sort is Sort.ENCRYPTED:
                groups[_group(sort)]["resources"] += [one for server in servers for one in _around(server["name"])]
            self._free[sort] = iter([server["name"] for server in servers])
        path.write_text(json.dumps(_document(groups)), encoding="utf-8")

    def take(self, sort: Sort) -> Target:
        """A server that no other test has."""
        name = next(self._free[sort], None)
        assert name is not None, f"the fleet has no {sort} server left: make more of them"
        kind, _ = _LISTED.get(sort, (Kind.FLEXIBLE, _FLEXIBLE))
        return Target(kind, _subscription(_group(sort)), _group(sort), name)


def _group(sort: Sort) -> str:
    return {Sort.READ_ONLY: READ_ONLY, Sort.SANDBOX: SANDBOX, Sort.ENCRYPTED: SANDBOX}.get(sort, HELD)


def _subscription(group: str) -> str:
    return SANDBOX_SUBSCRIPTION if group == SANDBOX else SUBSCRIPTION


def _server(sort: Sort, number: int) -> dict[str, Any]:
    administrators = {} if sort in _LISTED else {"administrators": [_ADMINISTRATOR]}
    name = f"{sort}-{number:02}"
    own = _encrypted(name) if sort is Sort.ENCRYPTED else _SPECIAL[sort]
    return {"name": name, **administrators, **own}


def _encrypted(name: str) -> dict[str, Any]:
    """A server with a key of its own, in a vault of its own."""
    place = f"/subscriptions/{SANDBOX_SUBSCRIPTION}/resourceGroups/{SANDBOX}/providers"
    identity = f"{place}/Microsoft.ManagedIdentity/userAssignedIdentities/id-{name}"
    encryption = {
        "type": "AzureKeyVault",
        "primaryKeyURI": f"https://kv-{name}.vault.azure.net/keys/postgres",
        "primaryUserAssignedIdentityId": identity,
    }
    return {**_PRIVATE, "user_assigned_identities": [identity], "properties": {"dataEncryption": encryption}}


def _around(name: str) -> list[dict[str, Any]]:
    """What such a server stands on."""
    vault = f"Microsoft.KeyVault/vaults/kv-{name}"
    properties = {
        "tenantId": "6b1f3c0e-52d4-4f6a-9b3e-6f0d9a7c2e51",
        "sku": {"family": "A", "name": "premium"},
        "enablePurgeProtection": True,
        "enableRbacAuthorization": True,
        "networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": [{"value": "192.0.2.10/32"}]},
    }
    return [
        {"at": f"Microsoft.ManagedIdentity/userAssignedIdentities/id-{name}"},
        {"at": vault, "tags": {"owner": "platform"}, "properties": properties},
        {"at": f"{vault}/keys/postgres", "properties": {"kty": "RSA-HSM", "keySize": 3072}},
        {
            "at": f"{vault}/providers/Microsoft.Authorization/locks/keep",
            "properties": {"level": "CanNotDelete", "notes": "Servers are lost with their key."},
        },
        {
            "at": f"{vault}/providers/Microsoft.Authorization/roleAssignments/{made_id('role at', name)}",
            "properties": {
                "roleDefinitionId": f"/subscriptions/{SANDBOX_SUBSCRIPTION}/providers/Microsoft.Authorization"
                f"/roleDefinitions/{ENCRYPTION_USER}",
                "principalId": principal_of(name),
                "principalType": "ServicePrincipal",
            },
        },
    ]


def principal_of(name: str) -> str:
    """The object id of the identity with which an encrypted server reaches its key."""
    group = f"/subscriptions/{SANDBOX_SUBSCRIPTION}/resourceGroups/{SANDBOX}"
    return made_id("identity", f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-{name}".lower())


def _document(groups: Mapping[str, _Group]) -> dict[str, Any]:
    """The people and roles of the small bank; Holdfast's own role ends where somebody forgot to assign it."""
    bank: dict[str, Any] = YAML(typ="safe").load(DEFAULT_FLEET)
    bank["roles"].append(
        {
            "name": "Holdfast Everywhere",
            "actions": ["*/read"],
            "data_actions": ["Microsoft.EventGrid/events/send/action"],
        }
    )
    scopes = [f"{_SUBSCRIPTION}/resourceGroups/{HELD}", f"/subscriptions/{SANDBOX_SUBSCRIPTION}"]
    bank["principals"]["holdfast"]["assignments"] = [
        *({"role": "Holdfast Remediator", "scope": scope} for scope in scopes),
        {"role": "Holdfast Everywhere", "scope": "/"},
    ]
    bank["subscriptions"] = [
        _bank_part(SUBSCRIPTION, "mg-production", {name: groups[name] for name in (HELD, READ_ONLY)}),
        _bank_part(SANDBOX_SUBSCRIPTION, "mg-sandbox", {SANDBOX: groups[SANDBOX]}),
    ]
    return bank


def _bank_part(id_: str, management_group: str, groups: Mapping[str, _Group]) -> dict[str, Any]:
    resource_groups = [{"name": name, **listed} for name, listed in groups.items() if listed]
    plan = {
        "at": "Microsoft.Security/pricings/OpenSourceRelationalDatabases",
        "properties": {"pricingTier": "Standard"},
    }
    return {
        "id": id_,
        "name": "Contoso Bank",
        "management_group": management_group,
        "resource_groups": resource_groups,
        "resources": [plan],
    }
