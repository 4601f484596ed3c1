"""Changes inside a real PostgreSQL: made, taken back, and refused where they would lock Holdfast out."""

import asyncio
from dataclasses import replace

import psycopg
import pytest

from shared.control import Change, Source
from shared.errors import Forbidden, Rejected
from shared.sql.databases import Databases
from shared.sql.driver import shown
from shared.sql.writing import listed_names, statements
from shared.state import (
    Facet,
    FacetKind,
    Setting,
    SettingKind,
    State,
    Value,
    database_role,
    membership,
    override,
    schema_grant,
    sessions,
)
from tests.builders import a_target
from tests.postgres import HOLDFAST, Cluster, a_token
from tests.sql.test_reading import HOSTILE, quoted

postgres_only = pytest.mark.postgres
LOGIN = {"login": "yes", "superuser": "no", "createrole": "no", "createdb": "no", "bypassrls": "no"} | {
    "replication": "no",
    "valid_until": "",
}
NO_LOGIN = {**LOGIN, "login": "no"}


def to(setting: Setting, before: Value, after: Value) -> Change:
    return Change(setting, before, after, Source.POLICY)


async def value(postgres: Cluster, setting: Setting) -> Value:
    """The setting's value, read as the product reads it."""
    found = await Databases(a_token).read(postgres.door(), [setting.facet.kind])
    assert not found.unread
    return State(a_target(), children=found.children).value(setting)


async def made(postgres: Cluster, change: Change) -> None:
    await Databases(a_token).write(postgres.door(), change)


@postgres_only
@pytest.mark.parametrize("name", HOSTILE)
async def test_a_login_is_taken_and_given_back_whatever_its_name(postgres: Cluster, name: str) -> None:
    postgres.run(f"create role {quoted(name)} login valid until '2030-01-01 00:00:00+00'")
    change = to(database_role(name), {**LOGIN, "valid_until": "2030-01-01T00:00:00Z"}, NO_LOGIN)
    await made(postgres, change)
    assert await value(postgres, change.setting) == change.after
    await made(postgres, change.undo())
    assert await value(postgres, change.setting) == change.before


@postgres_only
@pytest.mark.parametrize("name", HOSTILE)
async def test_everything_else_is_taken_away_and_put_back_whatever_its_name(postgres: Cluster, name: str) -> None:
    postgres.run(
        f"create role {quoted(name)} login; grant azure_pg_admin to {quoted(name)} with admin option;"
        f"alter role {quoted(name)} set work_mem = '7MB'; create database {quoted(name)} owner {HOLDFAST}"
    )
    postgres.run(
        f"create schema {quoted(name)} authorization {HOLDFAST}; grant create on schema {quoted(name)} to public", name
    )
    for setting in (
        membership("azure_pg_admin", name),
        override(name, "", "work_mem"),
        schema_grant(name, name),
    ):
        before = await value(postgres, setting)
        assert before is not None
        change = to(setting, before, None)
        await made(postgres, change)
        assert await value(postgres, setting) is None
        await made(postgres, change.undo())
        assert await value(postgres, setting) == before


@postgres_only
@pytest.mark.parametrize(
    ("role", "database", "parameter", "text"),
    [
        ("app", "", "search_path", '"$user", "a, b", public'),
        ("app", "postgres", "pgaudit.log", "ddl"),
        ("", "postgres", "work_mem", "6MB"),
        ("", "", "application_name", "it's; drop"),
        ("app", "", "temp_tablespaces", '""'),
    ],
)
async def test_an_override_comes_back_with_the_value_it_had(
    postgres: Cluster, role: str, database: str, parameter: str, text: str
) -> None:
    postgres.run(f"alter role {HOLDFAST} superuser; create role app login")
    change = to(override(role, database, parameter), {"value": text}, None)
    await made(postgres, change.undo())
    assert await value(postgres, change.setting) == change.before
    await made(postgres, change)
    assert await value(postgres, change.setting) is None


@postgres_only
async def test_the_sessions_of_a_role_end_and_those_of_others_go_on(postgres: Cluster) -> None:
    postgres.run("create role app login password 'x'; create role other login password 'x'")
    door = postgres.door()
    given = {"host": door.host, "hostaddr": door.address, "port": door.port, "password": "x", "dbname": "postgres"}
    secure = {"sslmode": "verify-full", "sslrootcert": door.roots}
    async with (
        await psycopg.AsyncConnection.connect(**given, **secure, user="app") as app,  # type: ignore[arg-type]
        await psycopg.AsyncConnection.connect(**given, **secure, user="other") as other,  # type: ignore[arg-type]
    ):
        assert await value(postgres, sessions("app")) == "open"
        await made(postgres, to(sessions("app"), "open", None))
        assert await value(postgres, sessions("app")) is None
        with pytest.raises(psycopg.OperationalError):
            await app.execute("select 1")
        assert await value(postgres, sessions("other")) == "open"
        await other.execute("select 1")


@postgres_only
@pytest.mark.parametrize(
    "change",
    [
        to(database_role(HOLDFAST), LOGIN, NO_LOGIN),
        to(membership("azure_pg_admin", HOLDFAST), {"options": "none"}, None),
        to(sessions(HOLDFAST), "open", None),
    ],
    ids=lambda change: str(change.setting),
)
async def test_it_never_locks_itself_out(postgres: Cluster, change: Change) -> None:
    before = await value(postgres, database_role(HOLDFAST))
    with pytest.raises(Rejected, match="does not take its own login anything away"):
        await made(postgres, change)
    assert await value(postgres, database_role(HOLDFAST)) == before


@postgres_only
async def test_a_right_that_is_missing_is_named(postgres: Cluster) -> None:
    postgres.run(f"alter role {HOLDFAST} nocreaterole; create role app login")
    with pytest.raises(Forbidden, match="CREATEROLE") as caught:
        await made(postgres, to(database_role("app"), LOGIN, NO_LOGIN))
    assert "CREATEROLE" in caught.value.permission


@postgres_only
async def test_what_is_gone_is_refused_in_the_servers_words(postgres: Cluster) -> None:
    with pytest.raises(Rejected, match='role "gone" does not exist'):
        await made(postgres, to(database_role("gone"), LOGIN, NO_LOGIN))


@postgres_only
async def test_the_servers_own_log_names_the_record(postgres: Cluster) -> None:
    postgres.run("create role app login; alter system set log_statement = 'ddl'; select pg_reload_conf()")
    door = replace(postgres.door(), label="holdfast 2026-record")
    await asyncio.sleep(0.2)
    await Databases(a_token).write(door, to(database_role("app"), LOGIN, NO_LOGIN))
    postgres.run("alter system reset log_statement; select pg_reload_conf()")
    assert 'holdfast 2026-record LOG:  statement: ALTER ROLE "app" NOLOGIN' in postgres.server.log()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (to(database_role('a"b'), LOGIN, NO_LOGIN), 'ALTER ROLE "a""b" NOLOGIN'),
        (
            to(database_role("a"), NO_LOGIN, {**LOGIN, "valid_until": "2030-01-01T00:00:00Z"}),
            "ALTER ROLE \"a\" LOGIN VALID UNTIL '2030-01-01T00:00:00Z'",
        ),
        (
            to(database_role("a"), {**LOGIN, "valid_until": "2030-01-01T00:00:00Z"}, LOGIN),
            "ALTER ROLE \"a\" VALID UNTIL 'infinity'",
        ),
        (to(membership("r", "m"), {"options": "admin"}, None), 'REVOKE "r" FROM "m"'),
        (to(membership("r", "m"), None, {"options": "admin"}), 'GRANT "r" TO "m" WITH ADMIN OPTION'),
        (to(membership("r", "m"), None, {"options": "none"}), 'GRANT "r" TO "m"'),
        (to(membership("r", "m"), {"granted by x": "set"}, None), 'REVOKE "r" FROM "m" GRANTED BY "x"'),
        (
            to(membership("r", "m"), None, {"granted by x": "admin, set"}),
            'GRANT "r" TO "m" WITH ADMIN TRUE, INHERIT FALSE, SET TRUE GRANTED BY "x"',
        ),
        (to(override("a", "", "p.q"), {"value": "1"}, None), 'ALTER ROLE "a" RESET "p"."q"'),
        (to(override("a", "d", "p"), {"value": "1"}, None), 'ALTER ROLE "a" IN DATABASE "d" RESET "p"'),
        (to(override("", "d", "p"), None, {"value": "x'y"}), "ALTER DATABASE \"d\" SET \"p\" TO 'x''y'"),
        (
            to(override("", "", "search_path"), None, {"value": 'a, "B c"'}),
            "ALTER ROLE ALL SET \"search_path\" TO 'a', 'B c'",
        ),
        (to(schema_grant("d", "s"), {"PUBLIC": "create"}, None), 'REVOKE CREATE ON SCHEMA "s" FROM PUBLIC'),
        (to(schema_grant("d", "s"), None, {"PUBLIC": "create"}), 'GRANT CREATE ON SCHEMA "s" TO PUBLIC'),
    ],
)  # fmt: skip
def test_a_change_is_a_statement(change: Change, text: str) -> None:
    assert [shown(one) for one in statements(change)] == [text]


def test_what_two_granted_is_revoked_of_both() -> None:
    change = to(membership("r", "m"), {"granted by a": "set", "granted by b": "admin"}, None)
    assert [shown(one)[-3:] for one in statements(change)] == ['"a"', '"b"']


@pytest.mark.parametrize(
    "change",
    [
        to(database_role("a"), LOGIN, None),
        to(database_role("a"), None, LOGIN),
        to(sessions("a"), None, "open"),
    ],
    ids=lambda change: str(change.setting),
)
def test_what_cannot_be_taken_back_is_refused(change: Change) -> None:
    with pytest.raises(Rejected):
        statements(change)


def test_a_role_that_is_already_so_needs_no_statement() -> None:
    assert statements(to(database_role("a"), LOGIN, {**LOGIN})) == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("a", ["a"]),
        ('"$user", public', ["$user", "public"]),
        ('"a, b","c ""d""", e', ["a, b", 'c "d"', "e"]),
        ('""', [""]),
    ],
)
def test_a_list_is_its_names(text: str, names: list[str]) -> None:
    assert listed_names(text) == names


def test_every_kind_that_stands_inside_has_a_facet_of_its_own() -> None:
    assert Setting(SettingKind.SESSION, "a").facet == Facet(FacetKind.SESSIONS)
