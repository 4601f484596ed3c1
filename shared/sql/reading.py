"""The queries: what each facet is in the catalogue of PostgreSQL, and how its rows become named texts.

Every name is qualified, so that no schema of a database can put something of its own in between. Hashes of passwords
are classified by the server; they never leave it. Sources: postgresql.org, "System Catalogs" and "System Views";
learn.microsoft.com, "Manage Microsoft Entra roles in Azure Database for PostgreSQL" (`pgaadauth_list_principals`).
"""

from collections.abc import Mapping
from typing import Any, LiteralString, Protocol

from shared.state import NO, PUBLIC_CREATES, YES, FacetKind, database_role, membership, override, schema_grant, sessions

type Texts = dict[str, dict[str, str]]

SERVER, DATABASE = "server", "database"
UNKNOWN = "unknown"
LOADED = "loaded"
# From here on a membership may be granted by several, each with options of its own.
_MANY_GRANTORS = 160000
_MOST_RULES = 500

_ROLES: LiteralString = """
select r.rolname, r.rolcanlogin, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolbypassrls, r.rolreplication,
       case when pg_catalog.isfinite(r.rolvaliduntil)
            then pg_catalog.to_char(r.rolvaliduntil at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') else '' end,
       r.rolname in (current_user, session_user)
  from pg_catalog.pg_roles r
 where r.rolname not like 'pg\\_%'
"""
_SEES_HASHES: LiteralString = "select pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'select')"
_HASHES: LiteralString = """
select a.rolname, case when a.rolpassword is null then 'none' when a.rolpassword like 'SCRAM-SHA-256$%'
                       then 'scram-sha-256' when a.rolpassword ~ '^md5[0-9a-f]{32}$' then 'md5' else 'unknown' end
  from pg_catalog.pg_authid a
"""
_KNOWS_ENTRA: LiteralString = "select pg_catalog.to_regprocedure('pg_catalog.pgaadauth_list_principals(boolean)')"
_ENTRA: LiteralString = "select * from pg_catalog.pgaadauth_list_principals(false)"
_MEMBERSHIPS: LiteralString = """
select r.rolname, m.rolname, '', a.admin_option, false, false
  from pg_catalog.pg_auth_members a
  join pg_catalog.pg_roles r on r.oid = a.roleid
  join pg_catalog.pg_roles m on m.oid = a.member
"""
_GRANTED_MEMBERSHIPS: LiteralString = """
select r.rolname, m.rolname, pg_catalog.pg_get_userbyid(a.grantor), a.admin_option, a.inherit_option, a.set_option
  from pg_catalog.pg_auth_members a
  join pg_catalog.pg_roles r on r.oid = a.roleid
  join pg_catalog.pg_roles m on m.oid = a.member
"""
_OVERRIDES: LiteralString = """
select coalesce(r.rolname, ''), coalesce(d.datname, ''), c.setting
  from pg_catalog.pg_db_role_setting s
  left join pg_catalog.pg_roles r on r.oid = s.setrole
  left join pg_catalog.pg_database d on d.oid = s.setdatabase
 cross join lateral pg_catalog.unnest(s.setconfig) c(setting)
"""
_SESSIONS: LiteralString = """
select a.usename, pg_catalog.count(*)
  from pg_catalog.pg_stat_activity a
 where a.usename is not null and a.datid is not null and a.pid <> pg_catalog.pg_backend_pid()
 group by a.usename
"""
_DATABASES: LiteralString = """
select d.datname from pg_catalog.pg_database d
 where d.datallowconn and not d.datistemplate and d.datname not in ('azure_maintenance', 'azure_sys')
 order by d.datname
"""
_PUBLIC_CREATES: LiteralString = """
select n.nspname from pg_catalog.pg_namespace n
 cross join lateral pg_catalog.aclexplode(n.nspacl) a
 where a.grantee = 0 and a.privilege_type = 'CREATE' and n.nspname not like 'pg\\_%'
"""
# A setting of an extension's stands there only while its library is loaded: no right is needed to see that.
_SERVER_FACTS: LiteralString = """
select pg_catalog.current_setting('server_version'), pg_catalog.current_setting('password_encryption'),
       exists (select from pg_catalog.pg_settings s where s.name = 'pgaudit.log'),
       pg_catalog.pg_is_in_recovery()
"""
_EXTENSION: LiteralString = "select e.extversion from pg_catalog.pg_extension e where e.extname = 'pgaudit'"
_SEES_RULES: LiteralString = """
select pg_catalog.has_table_privilege('pg_catalog.pg_hba_file_rules', 'select')
   and pg_catalog.has_function_privilege('pg_catalog.pg_hba_file_rules()', 'execute')
"""
_RULES: LiteralString = """
select h.line_number, h.type, pg_catalog.array_to_string(h.database, ' '),
       pg_catalog.array_to_string(h.user_name, ' '), coalesce(h.address, ''), h.auth_method
  from pg_catalog.pg_hba_file_rules h where h.error is null order by h.line_number limit %s
"""
_ATTRIBUTES = ("login", "superuser", "createrole", "createdb", "bypassrls", "replication")


class Session(Protocol):
    """What is asked of a session."""

    @property
    def version(self) -> int:
        """The server's version as PostgreSQL counts it."""

    async def rows(self, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """What the query answers."""


async def databases(session: Session) -> list[str]:
    """The databases that take connections, Azure's own left out."""
    return [row[0] for row in await session.rows(_DATABASES)]


async def roles(session: Session, holdfast: str) -> Texts:
    """Every role but PostgreSQL's own, with the kinds of its password and of its principal in Entra, as far as shown.

    Those as which Holdfast signs in are its `own`.
    """
    hashes = await _hashes(session)
    kinds = await _principals(session)
    found = {}
    for role, *attributes, valid_until, own in await session.rows(_ROLES):
        texts = {name: _word(flag) for name, flag in zip(_ATTRIBUTES, attributes, strict=True)}
        texts["valid_until"] = valid_until.replace(".000000", "")
        texts["password"] = hashes.get(role, UNKNOWN)
        texts["entra"] = UNKNOWN if kinds is None else kinds.get(role, NO)
        found[database_role(role).name] = texts | ({"own": YES} if own or role == holdfast else {})
    return found


async def memberships(session: Session) -> Texts:
    """Who is a member of what. From PostgreSQL 16 on, by whom that was granted, each with its own options."""
    many = session.version >= _MANY_GRANTORS
    found: Texts = {}
    for role, member, grantor, *options in await session.rows(_GRANTED_MEMBERSHIPS if many else _MEMBERSHIPS):
        words = [word for word, flag in zip(("admin", "inherit", "set"), options, strict=True) if flag]
        texts = found.setdefault(membership(role, member).name, {})
        texts[f"granted by {grantor}" if many else "options"] = ", ".join(words) or "none"
    return {name: dict(sorted(texts.items())) for name, texts in found.items()}


async def overrides(session: Session) -> Texts:
    """Parameters with a value of their own for a role, a database, or both."""
    found = {}
    for role, database, text in await session.rows(_OVERRIDES):
        parameter, _, value = text.partition("=")
        found[override(role, database, parameter).name] = {"value": value}
    return found


async def open_sessions(session: Session) -> Texts:
    """How many sessions each role has open, this one left out."""
    return {sessions(role).name: {"open": str(count)} for role, count in await session.rows(_SESSIONS)}


async def public_creates(session: Session, database: str) -> Texts:
    """The schemas of this database in which everybody may create objects."""
    rows = await session.rows(_PUBLIC_CREATES)
    return {schema_grant(database, schema).name: dict(PUBLIC_CREATES) for (schema,) in rows}


async def server_facts(session: Session) -> Texts:
    """What is in force in the server as a whole, and the rules of pg_hba.conf where they are shown."""
    ((version, encryption, audited, recovering),) = await session.rows(_SERVER_FACTS)
    ((hashes,),) = await session.rows(_SEES_HASHES)
    ((rules,),) = await session.rows(_SEES_RULES)
    facts = {
        "version": version,
        "password_encryption": encryption,
        "pgaudit": LOADED if audited else NO,
        "in_recovery": _word(recovering),
        "shows_hashes": _word(hashes),
        "shows_rules": _word(rules),
    }
    found = {SERVER: facts}
    if rules:
        for line, kind, where, who, address, method in await session.rows(_RULES, _MOST_RULES):
            texts = {"type": kind, "database": where, "user": who, "address": address, "method": method}
            found[f"pg_hba/{line}"] = texts
    return found


async def database_facts(session: Session, name: str) -> Texts:
    """What is in force in one database."""
    rows = await session.rows(_EXTENSION)
    return {f"{DATABASE}/{name}": {"pgaudit": rows[0][0] if rows else NO}}


async def _hashes(session: Session) -> dict[str, str]:
    ((visible,),) = await session.rows(_SEES_HASHES)
    return {row[0]: row[1] for row in await session.rows(_HASHES)} if visible else {}


async def _principals(session: Session) -> dict[str, str] | None:
    """Of each role that stands for somebody in Entra what that is; None where the server has no such function."""
    ((known,),) = await session.rows(_KNOWS_ENTRA)
    if known is None:
        return None
    # The first columns are the role's name and its kind: user, group or service.
    return {row[0]: str(row[1]).lower() for row in await session.rows(_ENTRA)}


def _word(flag: object) -> str:
    return YES if flag else NO


CLUSTER: Mapping[FacetKind, Any] = {
    FacetKind.ROLE_MEMBERSHIPS: memberships,
    FacetKind.ROLE_OVERRIDES: overrides,
    FacetKind.SESSIONS: open_sessions,
}
"""What one session with any database shows of all of them."""
EACH: Mapping[FacetKind, Any] = {
    FacetKind.SCHEMA_GRANTS: public_creates,
    FacetKind.DATABASE_FACTS: database_facts,
}
"""What each database shows of itself only."""
