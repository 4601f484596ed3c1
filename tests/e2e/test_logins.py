"""A database behind a running Holdfast: what it refuses blinds nothing else, and people can read why."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cli.azure import Person
from cli.postgres import Bouncer, NoPostgres, Postgres, started
from cli.postgres.entra import tokens_of
from cli.stack import Stack, stack
from cli.stories.drift import PAYMENTS
from cli.stories.login import POLICY
from shared.journal import Stage
from shared.target import parse_target
from tests.e2e.processes import HOLDFAST, ended
from tests.e2e.waiting import until

pytestmark = pytest.mark.postgres

ADA = Person("ada")
SERVER = parse_target(PAYMENTS)
HOST = "pg-payments.postgres.database.azure.com"
ROLES = "create role holdfast login"
DRIFTER = "create role drifter login password 'x'"


@asynccontextmanager
async def running(folder: Path, host: str = HOST, accepts: bool = True) -> AsyncIterator[tuple[Stack, Postgres]]:
    """Holdfast before a database that takes its identity's token, or does not."""
    with Bouncer(lambda _role, _token: False).listening() as bouncer:
        try:
            with started(bouncer) as server:
                server.run(ROLES)
                settings = {
                    "HOLDFAST_SQL_ADDRESSES": server.address(host),
                    "HOLDFAST_SQL_ROOT_CERTIFICATES": str(server.roots),
                }
                async with stack(policy=POLICY, settings=settings, folder=folder, quiet=True) as found:
                    identity = found.azure.address["principals"]["holdfast"]["object_id"]
                    server.principal("holdfast", "service", identity)
                    bouncer.accepts = tokens_of({"holdfast": identity if accepts else "somebody else"})
                    (folder / "up.json").write_text(json.dumps(found.line()))
                    yield found, server
        except NoPostgres as error:
            pytest.skip(str(error))


async def errors(found: Stack) -> str:
    """What went wrong at the server, as its records say."""
    return "\n".join(entry.report.error for entry in await found.store.history(SERVER, 500))


async def roles_were_seen(found: Stack) -> bool:
    return "databaseRoles" in (await found.store.load(SERVER)).memory.seen


async def test_a_login_is_found_by_the_sweep_and_waits_for_a_person(tmp_path: Path) -> None:
    async with running(tmp_path) as (found, server):
        await found.sweep()
        await until(lambda: roles_were_seen(found), "the database is looked into")
        server.run(DRIFTER)
        await found.sweep()

        async def asked() -> bool:
            return any(entry.stage is Stage.ASKED for entry in await found.store.history(SERVER, 500))

        await until(asked, "somebody is asked about the login")
        assert server.run("select rolcanlogin from pg_roles where rolname = 'drifter'") == "t"
        _, plan = await ended(HOLDFAST, "approvals", "list", "--connect", tmp_path / "up.json", "--as", "ada")
        assert "drifter" in plan


async def test_a_database_that_refuses_the_token_blinds_nothing_that_azure_shows(tmp_path: Path) -> None:
    async with running(tmp_path, accepts=False) as (found, _):
        await found.sweep()
        opened = {"properties": {"network": {"publicNetworkAccess": "Enabled"}}}
        await found.azure.call(ADA, "PATCH", PAYMENTS, opened)

        async def closed() -> bool:
            return any(entry.stage is Stage.PROVEN for entry in await found.store.history(SERVER, 500))

        await until(closed, "the server is closed again")

        async def told() -> bool:
            return "refused the sign-in of holdfast" in await errors(found)

        await until(told, "people are told that the database refuses the token")


async def test_an_audit_says_what_it_could_not_see(tmp_path: Path) -> None:
    async with running(tmp_path, accepts=False):
        control = ("--control", "db-login-entra-only")
        words = ("pg-payments", "--connect", tmp_path / "up.json", "--as", "auditor", *control)
        _, printed = await ended(HOLDFAST, "audit", *words, "--format", "json")
        (finding,) = json.loads(printed)["servers"][0]["findings"]
        assert finding["status"] == "ERROR"
        assert "refused the sign-in" in finding["reason"]
