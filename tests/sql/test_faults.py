"""Doors that stay closed: nothing hangs, nothing is guessed, and no token stands in any text."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from shared.errors import Busy, Forbidden, LeaseLost, NoAnswer, Rejected, Stop, Unreachable
from shared.guard import hold
from shared.sql import driver
from shared.sql.databases import Databases
from shared.sql.door import Door
from shared.sql.driver import session
from shared.sql.statement import Statement
from shared.state import Facet, FacetKind, database_role
from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore
from tests.postgres import TOKEN, Cluster, a_token
from tests.sql.test_writing import LOGIN, NO_LOGIN, to

pytestmark = pytest.mark.postgres
ROLES = Facet(FacetKind.DATABASE_ROLES)


async def why_unread(door: Door, token: str = TOKEN) -> Stop:
    async def shown() -> str:
        return token

    found = await Databases(shown).read(door, [FacetKind.DATABASE_ROLES, FacetKind.SCHEMA_GRANTS])
    assert not found.children
    assert len({str(why) for why in found.unread.values()}) == 1
    assert token not in str(found.unread)
    return found.unread[ROLES]


@asynccontextmanager
async def a_door_to(
    postgres: Cluster, answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
) -> AsyncIterator[Door]:
    """The door of the server, behind which something else answers."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield replace(postgres.door(), port=server.sockets[0].getsockname()[1])


async def test_a_token_that_is_refused(postgres: Cluster) -> None:
    why = await why_unread(postgres.door(), token="a-stolen-token")
    assert isinstance(why, Forbidden)
    assert "refused the sign-in of holdfast" in str(why)


async def test_a_role_that_does_not_exist(postgres: Cluster) -> None:
    assert isinstance(await why_unread(postgres.door("nobody")), Forbidden)


async def test_a_certificate_of_another_name(postgres: Cluster) -> None:
    why = await why_unread(replace(postgres.door(), host="pg-payments.elsewhere.example"))
    assert isinstance(why, Rejected)
    assert 'does not match host name "pg-payments.elsewhere.example"' in str(why)


async def test_a_certificate_of_nobody_we_know(postgres: Cluster) -> None:
    why = await why_unread(replace(postgres.door(), roots=""))
    assert isinstance(why, Rejected)
    assert "certificate verify failed" in str(why)


async def test_a_server_without_a_way_there(postgres: Cluster) -> None:
    why = await why_unread(replace(postgres.door(), port=1))
    assert isinstance(why, NoAnswer)
    assert "reached from inside its network only" in str(why)


async def test_a_name_that_dns_does_not_know(postgres: Cluster) -> None:
    why = await why_unread(replace(postgres.door(), address="", host="pg.invalid"))
    assert isinstance(why, NoAnswer)
    assert "there is no way from here to pg.invalid" in str(why)


async def test_a_server_that_takes_the_call_and_says_nothing(
    postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    # libpq waits two seconds at least
    monkeypatch.setattr(driver, "_CONNECT_SECONDS", 2)

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with a_door_to(postgres, hang) as door:
        began = time.monotonic()
        why = await why_unread(door)
        assert time.monotonic() - began < 4
    assert isinstance(why, NoAnswer)
    assert "did not answer within 2 s" in str(why)


async def test_a_server_that_falls_silent_in_the_middle(postgres: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "_SESSION_SECONDS", 0.5)
    gag = asyncio.Event()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if gag.is_set():
                continue
            writer.write(data)
        writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, before = await asyncio.open_connection("127.0.0.1", postgres.server.port)
        await asyncio.gather(pass_on(reader, before), pass_on(behind, writer))

    async with a_door_to(postgres, relay) as door, session(door, TOKEN) as inside:
        await inside.rows("select 1")
        gag.set()
        with pytest.raises(Unreachable, match=r"did not answer within 0\.5 s"):
            await inside.rows("select 2")


async def test_a_connection_that_is_cut_in_the_middle_of_a_statement(postgres: Cluster) -> None:
    async with session(postgres.door(), TOKEN) as inside:
        asyncio.get_running_loop().call_later(
            0.2,
            postgres.run,
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'holdfast'",
        )
        with pytest.raises(Unreachable, match="dropped the connection"):
            await inside.rows("select pg_sleep(9)")


async def test_a_statement_that_takes_too_long(postgres: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(driver._OPTIONS, "statement_timeout", "100ms")
    async with session(postgres.door(), TOKEN) as inside:
        with pytest.raises(Unreachable, match="did not finish a statement"):
            await inside.rows("select pg_sleep(9)")


async def test_a_lock_that_somebody_else_holds(postgres: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(driver._OPTIONS, "lock_timeout", "100ms")
    postgres.run("create table public.held (); alter table public.held owner to holdfast")
    door = postgres.door()
    async with (
        session(door, TOKEN, writes=True) as one,
        session(door, TOKEN, writes=True) as two,
    ):
        await one.run(Statement("begin"))
        await one.run(Statement("lock table public.held"))
        with pytest.raises(Busy):
            await two.run(Statement("drop table public.held"))


async def test_a_write_that_was_cut_off_counts_as_perhaps_made(postgres: Cluster) -> None:
    postgres.run("create role app login")

    async def cut(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with a_door_to(postgres, cut) as door:
        with pytest.raises(Unreachable):
            await Databases(a_token).write(door, to(database_role("app"), LOGIN, NO_LOGIN))


@pytest.mark.parametrize(("frozen_seconds", "written"), [(0, True), (60, False)])
async def test_a_worker_frozen_on_its_way_in_changes_nothing(
    postgres: Cluster, frozen_seconds: float, written: bool
) -> None:
    postgres.run("create role mallory login")
    clock = FakeClock()

    async def slowly() -> str:
        clock.advance(frozen_seconds)
        return TOKEN

    change = to(database_role("mallory"), LOGIN, NO_LOGIN)
    async with hold(MemoryStore(clock), "a", clock):
        if written:
            await Databases(slowly).write(postgres.door(), change)
        else:
            with pytest.raises(LeaseLost):
                await Databases(slowly).write(postgres.door(), change)
    found = await Databases(a_token).read(postgres.door(), [FacetKind.DATABASE_ROLES])
    assert (found.children[FacetKind.DATABASE_ROLES]["mallory"]["login"] == "no") is written
