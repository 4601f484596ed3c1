"""db-roles-least-privilege, db-admin-members-allowlist, db-public-create-revoked: nobody has more than was meant.

Why      Who may make roles, replicate, or pass by row security needs no other right. A member of azure_pg_admin
         administers the server, whatever ARM says of its administrators. Who may create objects in a schema that others
         search can put a function of their own in front of theirs.
Fix      Take the attribute away, revoke the membership, revoke CREATE from PUBLIC. A person approves.
Refuses  Azure's own roles are left as they are, so is whoever ARM or Azure itself made an administrator (those are
         judged by entra-admin-allowlist). Nothing that Holdfast's own login has its rights from is revoked. Where SQL
         is not opened, nothing is seen.
Undo     Give the attribute, the membership with its options, or the right back.
"""

from collections.abc import Mapping

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
from shared.logins import ADMINISTRATION, AZURES_OWN, is_azures_own, is_own, may_be_azures, own_lineage, reach, roles
from shared.sql_rights import WRITES
from shared.state import (
    ADMINISTRATORS,
    NO,
    SERVER,
    YES,
    Facet,
    FacetKind,
    SettingKind,
    State,
    database_role,
    membership,
    names_in,
    schema_grant,
)
from shared.target import Kind

_AUTHORIZATION = "Identity & Access Management / Authorization"
_ROLES, _MEMBERSHIPS = Facet(FacetKind.DATABASE_ROLES), Facet(FacetKind.ROLE_MEMBERSHIPS)
_GRANTS = Facet(FacetKind.SCHEMA_GRANTS)
_OPERATIONS = frozenset({"administrators/write", "administrators/delete", "roles/write", "roles/delete"})
_KINDS = frozenset(Kind)
_MIGHTY = ("superuser", "createrole", "createdb", "bypassrls", "replication")
# Each of these leads to the files of the machine, and so past every right in the database.
_FILES = ("pg_execute_server_program", "pg_read_server_files", "pg_write_server_files")


class Roles(Parameters):
    """`allowed_roles`: names of roles, as they are in the database, that may be as they are."""

    allowed_roles: tuple[str, ...] = Field(default=(), examples=[("dba",)])


class Members(Parameters):
    """`allowed_members`: roles that may be members of those that administer. `roles`: more roles to guard so."""

    allowed_members: tuple[str, ...] = Field(default=(), examples=[("dba",)])
    roles: tuple[str, ...] = ()


class Schemas(Parameters):
    """`allowed_schemas`: `DATABASE/SCHEMA`, in which everybody may create objects."""

    allowed_schemas: tuple[str, ...] = Field(default=(), examples=[("shop/scratch",)])


LEAST = Control(
    id="db-roles-least-privilege",
    title="Database roles are custom, least privileged and mapped to Entra groups",
    domain=_AUTHORIZATION,
    severity=Severity.MEDIUM,
    facets=(_ROLES,),
    operations=_OPERATIONS,
    permissions=frozenset(),
    rights=frozenset({WRITES[SettingKind.DATABASE_ROLE]}),
    fresh=Disposition.NOTIFY,
    first_sight=Disposition.NOTIFY,
    revert=Revert.RISKY,
    kinds=_KINDS,
    parameters=Roles,
    optional=True,
)
ADMINISTRATORS_ONLY = Control(
    id="db-admin-members-allowlist",
    title="Only approved roles are members of azure_pg_admin and of what comes near it",
    domain=_AUTHORIZATION,
    severity=Severity.HIGH,
    facets=(SERVER, ADMINISTRATORS, _ROLES, _MEMBERSHIPS),
    operations=_OPERATIONS,
    permissions=frozenset(),
    rights=frozenset({WRITES[SettingKind.ROLE_MEMBERSHIP]}),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.APPROVAL,
    revert=Revert.RISKY,
    kinds=_KINDS,
    parameters=Members,
    optional=True,
)
NO_PUBLIC_CREATE = Control(
    id="db-public-create-revoked",
    title="In no schema may everybody create objects",
    domain=_AUTHORIZATION,
    severity=Severity.MEDIUM,
    facets=(_GRANTS,),
    operations=_OPERATIONS,
    permissions=frozenset(),
    rights=frozenset({WRITES[SettingKind.SCHEMA_GRANT]}),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.APPROVAL,
    revert=Revert.RISKY,
    kinds=_KINDS,
    parameters=Schemas,
    optional=True,
)
_LOOKS_LIKE_AZURES = (
    "its name looks as if Azure had made it: find out who did, then name it in the policy, or take its rights away"
)


def _mighty(state: State, given: Roles) -> Finding:
    found = roles(state)
    if found is None:
        return NotApplicable("the roles of the database were not read")
    drifts = []
    for role, texts in found.items():
        might = [name for name in _MIGHTY if texts.get(name) == YES]
        if not might or is_azures_own(role) or is_own(texts) or role in given.allowed_roles:
            continue
        setting = database_role(role)
        value = state.value(setting)
        wanted = {**value, **dict.fromkeys(might, NO)} if isinstance(value, Mapping) else value
        person = _LOOKS_LIKE_AZURES if may_be_azures(role) else ""
        drifts.append(Drift(LEAST.id, setting, value, wanted, f"it may {', '.join(might)}", person=person))
    return tuple(drifts)


def _members(state: State, given: Members) -> Finding:
    if roles(state) is None or FacetKind.ROLE_MEMBERSHIPS not in state.children:
        return NotApplicable("the roles of the database and their members were not read")
    own, allowed = own_lineage(state), _allowed(state, given)
    drifts = []
    for role, member in reach(state, (*ADMINISTRATION, *_FILES, *given.roles), allowed | own):
        if is_azures_own(member):
            continue
        setting = membership(role, member)
        person = _LOOKS_LIKE_AZURES if may_be_azures(member) else ""
        why = f"{member} has all that {role} may do"
        drifts.append(Drift(ADMINISTRATORS_ONLY.id, setting, state.value(setting), None, why, person=person))
    return tuple(drifts)


def _allowed(state: State, given: Members) -> frozenset[str]:
    """Whom the policy names, whom ARM shows as administrator, and Azure's own."""
    facts = state.server.facts if state.server is not None else {}
    shown = {admin.name for admin in state.administrators or ()} | {facts.get("administratorLogin", "")}
    return frozenset(given.allowed_members) | shown | AZURES_OWN


def _public_creates(state: State, given: Schemas) -> Finding:
    found = state.children.get(FacetKind.SCHEMA_GRANTS)
    if found is None:
        return NotApplicable("the schemas of the databases were not read")
    places = [names_in(name) for name in found]
    return tuple(
        Drift(
            NO_PUBLIC_CREATE.id,
            schema_grant(database, schema),
            state.value(schema_grant(database, schema)),
            None,
            "everybody who may connect can put objects of their own in front of others'",
        )
        for database, schema in sorted(places)
        if f"{database}/{schema}" not in given.allowed_schemas
    )


REMEDIATORS = (
    Remediator(LEAST, _mighty),
    Remediator(ADMINISTRATORS_ONLY, _members),
    Remediator(NO_PUBLIC_CREATE, _public_creates),
)
