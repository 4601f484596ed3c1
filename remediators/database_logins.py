"""db-login-entra-only, db-entra-groups-only, workload-managed-identity: who signs in to the database, and how.

Why      A login with a password outlives whoever left, knows no second factor, and no Entra log shows it. Of persons in
         the database everybody has to be taken off every server; a group is changed once.
Fix      Take a login that is not Entra's, and that the policy does not name, its right to sign in (NOLOGIN). What it
         owns and may do stays. A person approves, since its clients are shut out; sessions that are open go on.
Refuses  Azure's own roles and Holdfast's own login are never touched; a role whose name looks like Azure's is for a
         person to judge. A person in Entra is told of, never changed: a group's role has to be granted first. Not
         applicable where the server does not say who is in Entra. Where SQL is not opened, nothing is seen.
Undo     Give the login its right to sign in again; its password was never touched.
"""

from functools import partial

from pydantic import Field

from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Remediator,
    Revert,
    Severity,
)
from shared.logins import in_entra, is_azures_own, is_own, may_be_azures, roles
from shared.sql_rights import WRITES
from shared.state import NO, SERVER, YES, Facet, FacetKind, SettingKind, State, database_role
from shared.target import Kind

_AUTHENTICATION = "Identity & Access Management / Authentication"
_FACETS = (SERVER, Facet(FacetKind.DATABASE_ROLES))
# SQL leaves no event; who changes the administrators may well have changed logins, too.
_OPERATIONS = frozenset({"administrators/write", "administrators/delete", "roles/write", "roles/delete"})
_KINDS = frozenset(Kind)


class Logins(Parameters):
    """`allowed_roles`: names of roles, as they are in the database, that may be as they are."""

    allowed_roles: tuple[str, ...] = Field(default=(), examples=[("legacy_batch",)])


ENTRA_ONLY = Control(
    id="db-login-entra-only",
    title="Only Entra principals sign in to the database, but for an allow-list",
    domain=_AUTHENTICATION,
    severity=Severity.HIGH,
    facets=_FACETS,
    operations=_OPERATIONS,
    permissions=frozenset(),
    rights=frozenset({WRITES[SettingKind.DATABASE_ROLE]}),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.APPROVAL,
    revert=Revert.RISKY,
    kinds=_KINDS,
    parameters=Logins,
    optional=True,
)
GROUPS_ONLY = Control(
    id="db-entra-groups-only",
    title="Entra roles in the database are groups and applications, not individual users",
    domain=_AUTHENTICATION,
    severity=Severity.MEDIUM,
    facets=_FACETS,
    operations=_OPERATIONS,
    permissions=frozenset(),
    fresh=Disposition.NOTIFY,
    first_sight=Disposition.NOTIFY,
    revert=Revert.PERSON,
    kinds=_KINDS,
    parameters=Logins,
    optional=True,
)
MANAGED_IDENTITY = Control(
    id="workload-managed-identity",
    title="Applications sign in with managed identities, not stored passwords",
    domain=_AUTHENTICATION,
    severity=Severity.LOW,
    facets=_FACETS,
    operations=_OPERATIONS,
    permissions=frozenset(),
    fresh=Disposition.NOTIFY,
    first_sight=Disposition.NOTIFY,
    revert=Revert.PERSON,
    kinds=_KINDS,
    parameters=Logins,
    optional=True,
)
_LOOKS_LIKE_AZURES = (
    "its name looks as if Azure had made it: find out who did, then name it in allowed_roles, or take its login away"
)


def _outside_entra(control: str, why: str, person: str, state: State, given: Logins) -> Finding:
    """Each login with a password that nobody has allowed; `person` says who mends it where no write does."""
    found = roles(state)
    if found is None:
        return NotApplicable("the roles of the database were not read")
    drifts = []
    for role, texts in found.items():
        if texts.get("login") != YES or is_azures_own(role) or is_own(texts) or role in given.allowed_roles:
            continue
        known = in_entra(state, texts)
        if known is None:
            return NotApplicable("the server does not say which roles stand for somebody in Entra")
        if not known and not (person and texts.get("password") == "none"):
            setting = database_role(role)
            value = state.value(setting)
            wanted = {**value, "login": NO} if isinstance(value, dict) else value
            by_hand = _LOOKS_LIKE_AZURES if may_be_azures(role) else person
            drifts.append(Drift(control, setting, value, wanted, why, person=by_hand))
    return tuple(drifts)


def _users(state: State, given: Logins) -> Finding:
    found = roles(state)
    if found is None:
        return NotApplicable("the roles of the database were not read")
    return tuple(
        Drift(
            GROUPS_ONLY.id,
            database_role(role),
            "an individual user in Entra",
            "a group",
            "everybody who leaves has to be taken off every server one by one",
            person="make a role for an Entra group, grant it what this one has, then drop this one",
        )
        for role, texts in found.items()
        if texts.get("entra") == "user" and not is_own(texts) and role not in given.allowed_roles
    )


REMEDIATORS = (
    Remediator(ENTRA_ONLY, partial(_outside_entra, ENTRA_ONLY.id, "it signs in with a password, past Entra", "")),
    Remediator(GROUPS_ONLY, _users),
    Remediator(
        MANAGED_IDENTITY,
        partial(
            _outside_entra,
            MANAGED_IDENTITY.id,
            "its password is stored wherever its application is",
            "give the application a managed identity, and that one a role in the database; then take this login away",
        ),
    ),
)
