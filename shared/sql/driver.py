"""The one place that knows psycopg: sessions, composition of SQL, and errors in our own words.

A session is TLS with the server's name checked (verify-full), the Entra token as its password, a fixed search path, and
time limits on both sides: the server's own for statements, and one here for a server that says nothing any more. A
session that only reads is read-only by the server's own word. Nothing that the server or the driver says is passed on
but the first line of a message: tokens, statements and values stay here.
"""

import asyncio
import gc
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, LiteralString

import certifi
import psycopg
from psycopg import sql

from shared.errors import Busy, Forbidden, HoldfastError, Rejected, Unreachable
from shared.sql.door import Door
from shared.sql.statement import Name, Part, Statement, Text

_CONNECT_SECONDS = 5
_STATEMENT_SECONDS = 10
_SESSION_SECONDS = 20.0
_AGAIN_SECONDS = 10.0
_OPTIONS = {
    "search_path": "pg_catalog",
    "statement_timeout": f"{_STATEMENT_SECONDS}s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
}
# What libpq and the server say, in the languages that Azure runs them in; anything else is an address without answer.
_CERTIFICATE = ("certificate", "does not support SSL", "SSL error")
_REFUSED = ("authentication failed", "pg_hba.conf", "is not permitted to log in", "access token", "does not exist")
_NO_PATH = ("translate host name", "refused", "No route", "unreachable", "Name or service", "resolve")
_FULL = ("too many", "remaining connection slots", "starting up", "shutting down")


class Session:
    """An open session. Raises Forbidden, Busy, Unreachable or Rejected."""

    def __init__(self, connection: psycopg.AsyncConnection[tuple[Any, ...]], door: Door) -> None:
        self._connection, self._door = connection, door
        self.silent = False

    @property
    def version(self) -> int:
        """The server's version as PostgreSQL counts it: 150004."""
        return self._connection.info.server_version

    async def rows(self, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """What a query of ours answers; values go beside it, never into it."""
        try:
            async with self._connection.cursor() as cursor:
                await cursor.execute(query, values or None)
                return await cursor.fetchall()
        except psycopg.Error as error:
            raise self._told(error, "") from error

    async def run(self, statement: Statement) -> None:
        """Carry a statement out, whole or not at all."""
        try:
            await self._connection.execute(composed(statement))
        except psycopg.Error as error:
            raise self._told(error, statement.right) from error

    def hang_up(self) -> None:
        """End the session from outside: whoever waits for the server sees a closed connection."""
        self.silent = True
        with suppress(OSError), socket.socket(fileno=os.dup(self._connection.pgconn.socket)) as line:
            line.shutdown(socket.SHUT_RDWR)

    def _told(self, error: psycopg.Error, right: str) -> HoldfastError:
        if self.silent:
            return Unreachable(f"{self._door} did not answer within {_SESSION_SECONDS:g} s", _AGAIN_SECONDS)
        return _of_statement(error, self._door, right)


@asynccontextmanager
async def session(door: Door, token: str, *, writes: bool = False) -> AsyncIterator[Session]:
    """A session through this door, for at most as long as a session may last. Raises as Session does."""
    connection = await _connected(door, token, writes)
    opened = Session(connection, door)
    watch = asyncio.get_running_loop().call_later(_SESSION_SECONDS, opened.hang_up)
    try:
        yield opened
    finally:
        watch.cancel()
        await connection.close()


async def _connected(door: Door, token: str, writes: bool) -> psycopg.AsyncConnection[tuple[Any, ...]]:
    try:
        return await psycopg.AsyncConnection.connect(**_arguments(door, token, writes), autocommit=True)
    except psycopg.Error as error:
        failure = _of_connection(error, door)
    # The driver leaves the line of an attempt that timed out to the collector; a server that hangs would gather them.
    gc.collect()
    # Not from the driver's error: that one holds the line open for as long as somebody holds ours.
    raise failure


def composed(statement: Statement) -> sql.Composed:
    """The statement with its names and values in their places, quoted by the driver."""
    parts = {place: _quoted(part) for place, part in statement.parts.items()}
    # The text is one of ours; its parts come from elsewhere.
    return sql.SQL(statement.text).format(**parts)


def shown(statement: Statement) -> str:
    """The statement as it is sent, for people."""
    return composed(statement).as_string()


def _quoted(part: Part) -> sql.Composable:
    match part:
        case Name(parts):
            return sql.Identifier(*parts)
        case Text(text):
            return sql.Literal(text)
        case _:
            return sql.SQL(", ").join(map(sql.Literal, part.texts))


def _arguments(door: Door, token: str, writes: bool) -> dict[str, Any]:
    options = _OPTIONS | {"default_transaction_read_only": "off" if writes else "on"}
    return {
        "host": door.host,
        **({"hostaddr": door.address} if door.address else {}),
        "port": door.port,
        "dbname": door.database,
        "user": door.user,
        "password": token,
        "sslmode": "verify-full",
        "sslrootcert": door.roots or certifi.where(),
        "gssencmode": "disable",
        "connect_timeout": _CONNECT_SECONDS,
        "application_name": door.label,
        "client_encoding": "utf8",
        "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
    }


def _of_connection(error: psycopg.Error, door: Door) -> HoldfastError:
    """Why the door stayed closed. libpq gives no code here, only words."""
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return Unreachable(f"{door} did not answer within {_CONNECT_SECONDS} s", _AGAIN_SECONDS)
    words = _reason(str(error))
    if _any(_CERTIFICATE, words):
        return Rejected(f"the certificate of {door.host} is not valid for it: {words}", "Certificate")
    if "permission denied for database" in words:
        return Forbidden(f"{door.user} may not connect to {door}", f'CONNECT on database "{door.database}"', str(door))
    if _any(_REFUSED, words):
        text = f"{door} refused the sign-in of {door.user}: {words}"
        return Forbidden(text, "a role of this name for Holdfast's identity in Entra", str(door))
    if _any(_FULL, words):
        return Unreachable(f"{door} takes no connection now: {words}", _AGAIN_SECONDS)
    if _any(_NO_PATH, words):
        text = f"there is no way from here to {door.host}, port {door.port}: {words}"
        return Unreachable(f"{text}. A private server is reached from inside its network only", _AGAIN_SECONDS)
    return Unreachable(f"{door} could not be opened: {words}", _AGAIN_SECONDS)


def _of_statement(error: psycopg.Error, door: Door, right: str) -> HoldfastError:
    words, code = _reason(error.diag.message_primary or str(error)), error.sqlstate or ""
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return Forbidden(f"{door}: {words}{f'; it needs {right}' if right else ''}", right or "a right", str(door))
    if isinstance(error, psycopg.errors.LockNotAvailable):
        return Busy(f"{door}: {words}", _AGAIN_SECONDS)
    if isinstance(error, psycopg.errors.QueryCanceled):
        return Unreachable(f"{door} did not finish a statement within {_STATEMENT_SECONDS} s", _AGAIN_SECONDS)
    if isinstance(error, psycopg.OperationalError):
        # The connection is gone: whether a write arrived, only another look tells.
        return Unreachable(f"{door} dropped the connection: {words}", _AGAIN_SECONDS)
    return Rejected(f"{door}: {words}", code)


def _reason(message: str) -> str:
    """The last cause that the first paragraph of a message names, without what libpq says around it."""
    lines = [line.strip(" -\t") for line in message.splitlines() if line.strip()]
    line = next((one for one in lines if "failed:" in one or "error:" in one.lower()), lines[0] if lines else "")
    return line.rpartition("failed: ")[2].removeprefix("FATAL:").strip()[:300] or "no reason given"


def _any(words: Sequence[str], text: str) -> bool:
    return any(word.lower() in text.lower() for word in words)
