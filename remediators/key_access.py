"""cmk-identity-access: the server's identity may get, wrap and unwrap with its key.

Why      A server that loses its key refuses every connection: a single server within ten minutes, a flexible one within
         the hour. Nothing that Holdfast mends is more urgent.
Fix      In a vault that goes by roles, put the role assignment back that was there, if it was made at the vault or the
         key; else make one at the vault, narrower than one above it that is gone. In a vault that goes by access
         policies, add what is missing to the identity's own entry, and touch no other. Who has changed the vault from
         one model to the other has taken the right, too: it is given in the new one.
Refuses  Servers that no key of a vault encrypts: not applicable. An identity that does not exist any more has no rights
         to give back: a person makes another. Rights that come by way of a group are not seen; custom roles count where
         the policy names them.
Undo     Take away what was given.
"""

import uuid
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.control import Control, Drift, Finding, NotApplicable, Parameters, Remediator, Severity
from shared.encryption import ENCRYPTION
from shared.key_rights import (
    ASSIGNMENTS,
    ENCRYPTION_USER,
    ROLES,
    Way,
    by_roles,
    gives_role,
    missing_permissions,
    scope_of,
    ways,
    with_permissions,
)
from shared.state import SERVER, Facet, FacetKind, Setting, State, Value
from shared.target import Kind

RoleId = Annotated[
    str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"), AfterValidator(str.lower)
]


class Roles(Parameters):
    """`more_roles`: GUIDs of custom roles that let their holder get, wrap and unwrap with a key."""

    more_roles: tuple[RoleId, ...] = ()


CONTROL = Control(
    id="cmk-identity-access",
    title="The server identity holds get/wrap/unwrap on the key",
    domain="Encryption & Secure Data Management / BYOK/HYOK Management",
    severity=Severity.CRITICAL,
    facets=(SERVER, Facet(FacetKind.VAULTS), Facet(FacetKind.VAULT_RIGHTS), Facet(FacetKind.VAULT_POLICIES)),
    operations=frozenset(
        {
            "microsoft.authorization/roleassignments/write",
            "microsoft.authorization/roleassignments/delete",
            # Which model a vault goes by is one of its properties.
            "microsoft.keyvault/vaults/write",
            "microsoft.keyvault/vaults/accesspolicies/write",
        }
    ),
    # Deleting, and the write of the vault itself, are needed only to take back what was given.
    permissions=frozenset(
        {
            f"{ASSIGNMENTS}/write",
            f"{ASSIGNMENTS}/delete",
            "Microsoft.KeyVault/vaults/accessPolicies/write",
            "Microsoft.KeyVault/vaults/write",
        }
    ),
    kinds=frozenset(Kind),
    parameters=Roles,
    optional=True,
)
_WHY = "the server loses its key, and with it every connection, within the hour"
_GONE = (
    "the identity {} does not exist any more, or Azure does not tell its object id: make one of the same name (az "
    "identity create), give it the role Key Vault Crypto Service Encryption User at the vault, and attach it to the "
    "server again"
)


def detect(state: State, given: Roles) -> Finding:
    """Find keys of the server that its identity may not use."""
    if FacetKind.VAULT_RIGHTS not in state.children or FacetKind.VAULT_POLICIES not in state.children:
        return NotApplicable("the rights at the vault were not read")
    found = ways(state)
    if not found:
        return NotApplicable("no key of a vault encrypts this server")
    # Two keys in one vault, reached as one identity, are one finding.
    return tuple({drift.setting: drift for way in found for drift in _drifts(state, way, given)}.values())


def _drifts(state: State, way: Way, given: Roles) -> Iterator[Drift]:
    if not way.principal:
        person = _GONE.format(way.identity.rpartition("/")[2] or "of the server")
        found = state.value(ENCRYPTION)
        yield Drift(CONTROL.id, ENCRYPTION, found, found, _WHY, person=person)
    elif by_roles(state, way.vault):
        yield from _without_role(state, way, {**ROLES, **dict.fromkeys(given.more_roles, "")})
    else:
        yield from _without_policy(state, way)


def _without_role(state: State, way: Way, sufficient: Mapping[str, str]) -> Iterator[Drift]:
    held = state.children[FacetKind.VAULT_RIGHTS]
    if any(gives_role(way, name, texts, sufficient) for name, texts in held.items()):
        return
    lost = [
        (setting, texts)
        for setting, texts in state.remembered(FacetKind.VAULT_RIGHTS)
        if gives_role(way, setting.neighbour[1], texts, sufficient)
    ]
    for setting, texts in lost:
        if scope_of(setting.neighbour[1]).startswith(way.vault.lower()):
            yield _drift(state, way, setting, texts)
            return
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{way.vault.lower()}|{way.principal}|{ENCRYPTION_USER}")
    setting = Setting.outside(FacetKind.VAULT_RIGHTS, f"{way.vault}/providers/{ASSIGNMENTS}/{name}")
    subscription = "/".join(way.vault.split("/")[:3])
    made = {
        "principalId": way.principal,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{ENCRYPTION_USER}",
    }
    # What was lost above the vault makes it somebody's change, and not how it always was.
    yield _drift(state, way, setting, made, *(one for one, _ in lost))


def _without_policy(state: State, way: Way) -> Iterator[Drift]:
    facet, resource, _ = way.policy.neighbour
    held = state.children[facet].get(resource, {})
    if missing_permissions(held):
        tenant = state.children[FacetKind.VAULTS][way.vault].get("tenantId", "")
        yield _drift(state, way, way.policy, with_permissions(held, way.principal, tenant))


def _drift(state: State, way: Way, setting: Setting, wanted: Value, *more: Setting) -> Drift:
    facet, resource, _ = setting.neighbour
    found = state.children[facet].get(resource)
    model = Setting.outside(FacetKind.VAULTS, way.vault, "enableRbacAuthorization")
    return Drift(CONTROL.id, setting, found, wanted, _WHY, parts=(setting, model, *more))


REMEDIATORS = (Remediator(CONTROL, detect),)
