"""Who may use the key that encrypts a server: by a role at its vault, or by the vault's access policies. Pure.

A vault goes by one of the two models (`enableRbacAuthorization`); the other one's rights count for nothing then.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.condition import elements_of
from shared.encryption import KeyAddress, address_of
from shared.state import FacetKind, Setting, State
from shared.target import Kind

ENCRYPTION_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
# learn.microsoft.com, "Azure built-in roles for Security": a server needs the first, the others can do as much.
ROLES = {
    ENCRYPTION_USER: "Key Vault Crypto Service Encryption User",
    "12338af0-0e69-4776-bea7-57ae8d297424": "Key Vault Crypto User",
    "14b46e9e-c2b7-41b4-b07b-48a6ebf60603": "Key Vault Crypto Officer",
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": "Key Vault Administrator",
}
ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
POLICIES = "accessPolicies"
KEY_PERMISSIONS = "permissions.keys"
# What a server needs, and what Azure's guides have it given.
NEEDED, GIVEN = ("get", "wrapKey", "unwrapKey"), ("get", "list", "unwrapKey", "wrapKey")
_USERS = "identity.userassignedidentities"
_PAIRS = (
    ("dataEncryption.primaryKeyURI", "dataEncryption.primaryUserAssignedIdentityId"),
    ("dataEncryption.geoBackupKeyURI", "dataEncryption.geoBackupUserAssignedIdentityId"),
)

type Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Way:
    """How a server reaches a key: where the vault is (ARM id), which key, and as whom.

    `identity` is the ARM id of a user-assigned identity, empty for the server's own. `principal` is its object id in
    Entra, empty where Azure tells none: then there is no such identity any more.
    """

    vault: str
    address: KeyAddress
    identity: str
    principal: str

    @property
    def key(self) -> str:
        """The ARM id of the key."""
        return f"{self.vault}/keys/{self.address.key}"

    @property
    def policy(self) -> Setting:
        """The entry among the vault's access policies that lets the identity in, or would."""
        return Setting.outside(FacetKind.VAULT_POLICIES, f"{self.vault}/{POLICIES}/{self.principal}")


def ways(state: State) -> list[Way]:
    """How the server reaches each of its keys, as far as it is seen where their vaults are."""
    vaults = {one.rpartition("/")[2].lower(): one for one in state.children.get(FacetKind.VAULTS, {})}
    return [
        Way(vaults[address.vault], address, identity, principal_of(state, identity))
        for address, identity in _addresses(state)
        if address.vault in vaults
    ]


def _addresses(state: State) -> Iterator[tuple[KeyAddress, str]]:
    facts = state.server.facts if state.server else {}
    texts = [(facts.get(uri, ""), facts.get(identity, "")) for uri, identity in _PAIRS]
    if state.target.kind is Kind.SINGLE:
        texts = [(one.get("uri", ""), "") for one in state.children.get(FacetKind.SERVER_KEYS, {}).values()]
    for uri, identity in dict.fromkeys(texts):
        address = address_of(uri)
        if address is not None:
            yield address, identity


def principal_of(state: State, identity: str) -> str:
    """The object id of a user-assigned identity of the server, or of the server's own."""
    facts = state.server.facts if state.server else {}
    if not identity:
        return facts.get("identity.principalId", "")
    wanted = f"{_USERS}.{identity.lower()}.principalid"
    return next((text for name, text in facts.items() if name.lower() == wanted), "")


def by_roles(state: State, vault: str) -> bool:
    """Whether the vault goes by roles; by access policies otherwise."""
    return state.children.get(FacetKind.VAULTS, {}).get(vault, {}).get("enableRbacAuthorization") == "true"


def gives_role(way: Way, assignment: str, texts: Texts, sufficient: Mapping[str, str] = ROLES) -> bool:
    """Whether a role assignment, by id, lets the identity use the key: made at the key, the vault, or above."""
    mine = bool(way.principal) and texts.get("principalId", "").lower() == way.principal.lower()
    scope = scope_of(assignment)
    reaches = f"{way.key.lower()}/".startswith(f"{scope}/")
    return mine and role_of(texts) in sufficient and reaches


def role_of(texts: Texts) -> str:
    """The GUID of the role that an assignment gives, lower case."""
    return texts.get("roleDefinitionId", "").rpartition("/")[2].lower()


def scope_of(assignment: str) -> str:
    """What the assignment was made at, lower case; empty for the whole tenant."""
    return assignment.lower().rpartition(f"/providers/{ASSIGNMENTS.lower()}/")[0]


def permissions_of(texts: Texts) -> list[str]:
    """What an access policy lets somebody do with keys."""
    return [str(one) for one in elements_of(texts.get(KEY_PERMISSIONS))]


def missing_permissions(texts: Texts) -> list[str]:
    """What a server needs of an access policy that does not give it."""
    held = {one.lower() for one in permissions_of(texts)}
    return [] if "all" in held else [one for one in NEEDED if one.lower() not in held]


def with_permissions(texts: Texts, principal: str, tenant: str) -> dict[str, str]:
    """The access policy with what is missing; nothing is taken from it."""
    held = permissions_of(texts)
    low = {one.lower() for one in held}
    more = [one for one in (GIVEN if not held else NEEDED) if one.lower() not in low]
    return {
        "objectId": texts.get("objectId", principal),
        "tenantId": texts.get("tenantId", tenant),
        KEY_PERMISSIONS: json.dumps(sorted([*held, *more])),
    }
