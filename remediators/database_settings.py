"""db-parameter-overrides, db-pgaudit-in-force, db-passwords-scram: what ARM shows of the server is what counts inside.

Why      ALTER ROLE ... SET and ALTER DATABASE ... SET beat the server parameter, and ARM shows nothing of them. A
         library that waits for a restart, or an extension that nobody created, audits nothing. A hash of MD5 that was
         stored before SCRAM was asked for stays MD5.
Fix      Take the override of a parameter back (RESET), where one of your controls is about that parameter. It counts
         for new sessions.
Refuses  An extension and a new password are for a person. Overrides of Azure's own roles are left. Where the server
         does not show hashes (on Azure it does not), only how new ones are made is judged. Where SQL is not opened,
         nothing is seen.
Undo     Set the override with the value it had.
"""

from collections.abc import Iterator, Mapping

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
from shared.logins import is_azures_own, roles
from shared.sql_rights import WRITES
from shared.state import SERVER, Facet, FacetKind, Setting, SettingKind, State, database_role, names_in, override
from shared.target import Kind

_MONITORING = "Logging & Monitoring / Security Monitoring & Alerting"
_AUTHENTICATION = "Identity & Access Management / Authentication"
_ROLES, _OVERRIDES = Facet(FacetKind.DATABASE_ROLES), Facet(FacetKind.ROLE_OVERRIDES)
_FACTS = Facet(FacetKind.DATABASE_FACTS)
_OPERATIONS = frozenset({"administrators/write", "administrators/delete", "roles/write", "roles/delete"})
_KINDS = frozenset(Kind)
_SCRAM = "scram-sha-256"
# What lets a password through in another form, or nobody's at all.
_WEAK_METHODS = ("md5", "password", "trust")


class Overrides(Parameters):
    """`allowed_overrides`: `ROLE/DATABASE/PARAMETER`, with `*` for every role or database."""

    allowed_overrides: tuple[str, ...] = Field(default=(), examples=[("etl/*/log_statement",)])


class Scram(Parameters):
    """`allowed_roles`: names of roles whose password may be what it is."""

    allowed_roles: tuple[str, ...] = ()


NO_OVERRIDES = Control(
    id="db-parameter-overrides",
    title="No role and no database overrides a parameter that a control holds",
    domain=_MONITORING,
    severity=Severity.HIGH,
    facets=(_OVERRIDES,),
    operations=_OPERATIONS,
    permissions=frozenset(),
    rights=frozenset({WRITES[SettingKind.ROLE_OVERRIDE]}),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.APPROVAL,
    kinds=_KINDS,
    parameters=Overrides,
    optional=True,
)
AUDITED = Control(
    id="db-pgaudit-in-force",
    title="pgaudit is loaded in the running server, and created in every database",
    domain=_MONITORING,
    severity=Severity.HIGH,
    facets=(SERVER, _FACTS),
    operations=_OPERATIONS,
    permissions=frozenset(),
    fresh=Disposition.NOTIFY,
    first_sight=Disposition.NOTIFY,
    revert=Revert.PERSON,
    kinds=_KINDS,
    optional=True,
)
HASHED = Control(
    id="db-passwords-scram",
    title="Passwords in the database are kept and taken as SCRAM-SHA-256 only",
    domain=_AUTHENTICATION,
    severity=Severity.MEDIUM,
    facets=(SERVER, _ROLES, _FACTS),
    operations=_OPERATIONS,
    permissions=frozenset(),
    fresh=Disposition.NOTIFY,
    first_sight=Disposition.NOTIFY,
    revert=Revert.PERSON,
    kinds=_KINDS,
    parameters=Scram,
    optional=True,
)


def _overrides(state: State, given: Overrides) -> Finding:
    found = state.children.get(FacetKind.ROLE_OVERRIDES)
    if found is None:
        return NotApplicable("the overrides in the database were not read")
    drifts = []
    for name in sorted(found):
        role, database, parameter = names_in(name)
        allowed = f"{role or '*'}/{database or '*'}/{parameter}" in given.allowed_overrides
        if parameter.lower() not in state.guarded or allowed or (role and is_azures_own(role)):
            continue
        setting = override(role, database, parameter)
        why = f"it beats the server's own {parameter}, which a control holds, and ARM does not show it"
        drifts.append(Drift(NO_OVERRIDES.id, setting, state.value(setting), None, why))
    return tuple(drifts)


def _audited(state: State, _: Parameters) -> Finding:
    found = state.children.get(FacetKind.DATABASE_FACTS)
    if not found or "server" not in found:
        return NotApplicable("what is in force in the database was not read")
    if found["server"].get("pgaudit") != "loaded":
        person = "preload pgaudit by the server parameter (pgaudit-loaded), and restart the server"
        return (_fact(AUDITED.id, "pgaudit", "not loaded", "loaded", "nothing is audited", person),)
    return tuple(
        _fact(
            AUDITED.id,
            f"pgaudit.{name.partition('/')[2]}",
            "not created",
            "created",
            "objects are not audited there",
            f"run CREATE EXTENSION pgaudit in the database {name.partition('/')[2]}",
        )
        for name, texts in sorted(found.items())
        if name.startswith("database/") and texts.get("pgaudit", "no") == "no"
    )


def _hashed(state: State, given: Scram) -> Finding:
    facts, found = state.children.get(FacetKind.DATABASE_FACTS), roles(state)
    if facts is None or found is None or "server" not in facts:
        return NotApplicable("the roles of the database, and what is in force there, were not read")
    weak = (
        Drift(
            HASHED.id,
            database_role(role),
            f"a password kept as {texts['password']}",
            f"kept as {_SCRAM}",
            "whoever reads the hash can sign in with it, or find the password",
            person="set a new password while password_encryption is scram-sha-256, or take the password away",
        )
        for role, texts in found.items()
        if texts.get("password") == "md5" and not is_azures_own(role) and role not in given.allowed_roles
    )
    return (*weak, *_ways_in(facts))


def _ways_in(facts: Mapping[str, Mapping[str, str]]) -> Iterator[Drift]:
    """How new passwords are kept, and which rules of sign-in take them in another form, where these are shown."""
    encryption = facts["server"].get("password_encryption", "")
    if encryption != _SCRAM:
        person = "set the server parameter password_encryption to scram-sha-256 (password-encryption-scram)"
        yield _fact(HASHED.id, "password_encryption", encryption or "nothing", _SCRAM, "new hashes are weak", person)
    for name, rule in sorted(facts.items()):
        if name.startswith("pg_hba/") and rule.get("type") != "local" and rule.get("method") in _WEAK_METHODS:
            found = f"{rule['method']} for {rule.get('user', '')}"
            person = "Azure writes pg_hba.conf: see azure.accepted_password_auth_method (scram-only-password-auth)"
            yield _fact(HASHED.id, name.replace("/", "."), found, _SCRAM, "a weaker way in", person)


def _fact(control: str, name: str, found: str, wanted: str, why: str, person: str) -> Drift:
    return Drift(control, Setting(SettingKind.PROPERTY, f"database.{name}"), found, wanted, why, person=person)


REMEDIATORS = (Remediator(NO_OVERRIDES, _overrides), Remediator(AUDITED, _audited), Remediator(HASHED, _hashed))
