"""What a look into a real PostgreSQL shows."""

import pytest

from shared.errors import Forbidden, Stop
from shared.sql import databases
from shared.sql.databases import Databases
from shared.state import (
    Facet,
    FacetKind,
    database_role,
    membership,
    override,
    schema_grant,
)
from tests.postgres import HOLDFAST, Cluster, a_token, seen

pytestmark = pytest.mark.postgres

HOSTILE = [
    '"; drop role azure_pg_admin; --',
    "o'brien",
    "rôle/with/slashes",
    "näme\nline",
    "*",
    "%s {role}",
    "Mixed Case",
    "\u202eevil",
]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def test_roles_are_shown_with_what_they_may_do(postgres: Cluster) -> None:
    postgres.run("create role app login createdb valid until '2030-01-02 03:04:05+00'; create role dba bypassrls")
    postgres.server.principal("dba", "Group", "1")
    roles = (await seen(postgres.door(), FacetKind.DATABASE_ROLES)).children[FacetKind.DATABASE_ROLES]
    assert roles["app"] == {
        "login": "yes",
        "superuser": "no",
        "createrole": "no",
        "createdb": "yes",
        "bypassrls": "no",
        "replication": "no",
        "valid_until": "2030-01-02T03:04:05Z",
        "password": "unknown",
        "entra": "no",
    }
    assert (roles["dba"]["login"], roles["dba"]["bypassrls"], roles["dba"]["entra"]) == ("no", "yes", "group")
    assert roles[HOLDFAST]["own"] == "yes"
    assert not [name for name in roles if name.startswith("pg_")]


async def test_a_superuser_sees_of_each_password_only_its_kind(postgres: Cluster) -> None:
    postgres.run(
        f"alter role {HOLDFAST} superuser; create role a password 'secret-a'; create role n;"
        "set password_encryption = 'md5'; create role m password 'secret-m'"
    )
    found = await seen(postgres.door(), FacetKind.DATABASE_ROLES)
    roles = found.children[FacetKind.DATABASE_ROLES]
    assert [roles[name]["password"] for name in "amn"] == ["scram-sha-256", "md5", "none"]
    assert "secret" not in str(found)
    assert "SCRAM-SHA-256$" not in str(found)


async def test_without_azures_own_function_nobody_knows_who_is_in_entra(postgres: Cluster) -> None:
    name = "pg_catalog.pgaadauth_list_principals"
    away = "set allow_system_table_mods = on; alter function {}(boolean) rename to {}"
    postgres.run(away.format(name, "gone"))
    try:
        found = await seen(postgres.door(), FacetKind.DATABASE_ROLES)
        assert found.children[FacetKind.DATABASE_ROLES][HOLDFAST]["entra"] == "unknown"
    finally:
        postgres.run(away.format("pg_catalog.gone", "pgaadauth_list_principals"))


async def test_memberships_overrides_grants_and_sessions_are_shown(postgres: Cluster) -> None:
    postgres.run(
        "create role dba; create role app login password 'x'; grant dba to app with admin option;"
        "alter role app set log_statement = 'none'; alter role app in database postgres set work_mem = '8MB';"
        "alter database postgres set pgaudit.log = 'none'; alter role all set search_path = 'a b', \"$user\";"
        "grant create on schema public to public"
    )
    kinds = (FacetKind.ROLE_MEMBERSHIPS, FacetKind.ROLE_OVERRIDES, FacetKind.SCHEMA_GRANTS, FacetKind.SESSIONS)
    found = (await seen(postgres.door(), *kinds)).children
    assert found[FacetKind.ROLE_MEMBERSHIPS][membership("dba", "app").name] == {"options": "admin"}
    assert found[FacetKind.ROLE_OVERRIDES] == {
        override("app", "", "log_statement").name: {"value": "none"},
        override("app", "postgres", "work_mem").name: {"value": "8MB"},
        override("", "postgres", "pgaudit.log").name: {"value": "none"},
        override("", "", "search_path").name: {"value": '"a b", "$user"'},
    }
    assert found[FacetKind.SCHEMA_GRANTS] == {schema_grant("postgres", "public").name: {"PUBLIC": "create"}}
    assert found[FacetKind.SESSIONS] == {}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_name_is_a_name(postgres: Cluster, name: str) -> None:
    postgres.run(f"create role {quoted(name)}; create database {quoted(name)}")
    postgres.run(f"create schema {quoted(name)}; grant create on schema {quoted(name)} to public", name)
    found = (await seen(postgres.door(), FacetKind.DATABASE_ROLES, FacetKind.SCHEMA_GRANTS)).children
    assert database_role(name).name in found[FacetKind.DATABASE_ROLES]
    assert schema_grant(name, name).name in found[FacetKind.SCHEMA_GRANTS]


async def test_what_is_in_force_is_shown(postgres: Cluster) -> None:
    facts = (await seen(postgres.door(), FacetKind.DATABASE_FACTS)).children[FacetKind.DATABASE_FACTS]
    assert facts["server"]["version"].startswith(postgres.run("show server_version").split(" ")[0])
    assert facts["server"] | {"version": ""} == {
        "version": "",
        "password_encryption": "scram-sha-256",
        "pgaudit": "no",
        "in_recovery": "no",
        "shows_hashes": "no",
        "shows_rules": "no",
    }
    assert facts["database/postgres"] == {"pgaudit": "no"}


async def test_a_setting_with_the_name_of_an_extensions_is_no_extension(postgres: Cluster) -> None:
    postgres.run("alter database postgres set pgaudit.log = 'all'")
    facts = (await seen(postgres.door(), FacetKind.DATABASE_FACTS)).children[FacetKind.DATABASE_FACTS]
    assert facts["server"]["pgaudit"] == "no"


async def test_who_may_see_the_rules_of_sign_in_sees_them(postgres: Cluster) -> None:
    postgres.run(f"alter role {HOLDFAST} superuser")
    facts = (await seen(postgres.door(), FacetKind.DATABASE_FACTS)).children[FacetKind.DATABASE_FACTS]
    methods = [texts["method"] for name, texts in facts.items() if name.startswith("pg_hba/")]
    assert sorted(methods) == ["ldap", "scram-sha-256", "trust"]


async def test_a_session_that_reads_cannot_write(postgres: Cluster) -> None:
    from shared.sql.driver import session
    from shared.sql.statement import Statement

    async with session(postgres.door(), await a_token()) as inside:
        with pytest.raises(Stop, match="read-only transaction"):
            await inside.run(Statement("create role nobody"))
        shown = await inside.rows("select current_setting(n) from unnest(array['search_path', 'statement_timeout']) n")
        assert [row[0] for row in shown] == ["pg_catalog", "10s"]


async def test_a_schema_of_the_database_cannot_stand_in_for_the_catalogue(postgres: Cluster) -> None:
    postgres.run("create table public.pg_roles (rolname name); grant all on public.pg_roles to public")
    try:
        found = await seen(postgres.door(), FacetKind.DATABASE_ROLES)
        assert HOLDFAST in found.children[FacetKind.DATABASE_ROLES]
    finally:
        postgres.run("drop table public.pg_roles")


async def test_a_database_that_stays_closed_blinds_only_what_is_in_it(postgres: Cluster) -> None:
    postgres.run("create database shut; revoke connect on database shut from public")
    found = await seen(postgres.door(), FacetKind.DATABASE_ROLES, FacetKind.SCHEMA_GRANTS)
    assert FacetKind.DATABASE_ROLES in found.children
    why = found.unread[Facet(FacetKind.SCHEMA_GRANTS)]
    assert isinstance(why, Forbidden)
    assert why.permission == 'CONNECT on database "shut"'
    named = await Databases(a_token).read(postgres.door(), [FacetKind.SCHEMA_GRANTS], only=["postgres"])
    assert (named.children, named.unread) == ({FacetKind.SCHEMA_GRANTS: {}}, {})


async def test_too_many_databases_are_said_and_not_opened(postgres: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.run("create database one")
    monkeypatch.setattr(databases, "MOST_DATABASES", 1)
    found = await seen(postgres.door(), FacetKind.SCHEMA_GRANTS)
    assert "has 2 databases, at most 1 are opened" in str(found.unread[Facet(FacetKind.SCHEMA_GRANTS)])
