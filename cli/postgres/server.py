"""Starts a PostgreSQL of its own: TLS by a certificate authority of its own, tokens for passwords, no fsync.

`initdb` refuses root, so root runs it as the user `postgres`, whom the package of every distribution makes.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from cli.errors import CommandFailed
from cli.postgres.entra import PREFIX, SUFFIX, Bouncer

_NEEDED = ("initdb", "pg_ctl", "psql", "postgres")
# Where Debian and Ubuntu put the programs of each version, which are not on the path.
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
_USER = "postgres"
_SUPERUSER = "azuresu"
# Every server of the emulated Azure is somewhere below.
NAMES = ("*.postgres.database.azure.com", "*.postgres.cosmos.azure.com")
_CONFIGURATION = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
max_connections = 60
shared_buffers = '16MB'
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
log_line_prefix = '%m %a '
ssl = on
ssl_cert_file = '{folder}/server.crt'
ssl_key_file = '{folder}/server.key'
password_encryption = 'scram-sha-256'
"""
_RULES = """
local   all all                       trust
hostssl all {entra} 127.0.0.1/32 ldap ldapserver=127.0.0.1 ldapport={port} ldapprefix="{prefix}" ldapsuffix="{suffix}"
hostssl all all     127.0.0.1/32      scram-sha-256
"""
# The roles that Azure makes, and its list of Entra principals: a function in pg_catalog over a table, both made here.
_LIKE_AZURE = """
create role azure_pg_admin nologin createrole createdb;
create schema entra;
create table entra.principals (rolname name, principaltype text, objectid text);
set allow_system_table_mods = on;
create function pg_catalog.pgaadauth_list_principals(isadminvalue boolean)
returns table (rolname name, principaltype text, objectid text, tenantid text, ismfa int, isadmin int)
language sql stable security definer set search_path = pg_catalog
as $$select p.rolname, p.principaltype, p.objectid, 'tenant', 0, 0 from entra.principals p$$;
"""


class NoPostgres(CommandFailed):
    """PostgreSQL is not installed here; the text says what to install."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server. `roots` is the certificate of its authority."""

    folder: Path
    port: int
    roots: Path

    def run(self, statements: str, database: str = "postgres") -> str:
        """Run SQL as the superuser, over the socket; what it prints. Raises CommandFailed."""
        options = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-p", str(self.port)]
        command = [program("psql"), *options, "-U", _SUPERUSER, "-d", database]
        done = subprocess.run(command, input=statements, text=True, capture_output=True, check=False)  # noqa: S603
        if done.returncode:
            raise CommandFailed(f"psql: {done.stderr.strip()[:500]}")
        return done.stdout.strip()

    def principal(self, role: str, kind: str, object_id: str) -> None:
        """Let a role stand for a user, a group or a service in Entra."""
        values = ", ".join(map(_literal, (role, kind, object_id)))
        self.run(f"insert into entra.principals values ({values})")  # noqa: S608 - each is quoted

    def address(self, host: str) -> str:
        """The line of HOLDFAST_SQL_ADDRESSES for a server that is really this one."""
        return f"{host}=127.0.0.1:{self.port}"

    def log(self) -> str:
        """What the server has written down."""
        return (self.folder / "server.log").read_text(errors="replace")


def program(name: str) -> str:
    """A program of PostgreSQL, of the newest version there is. Raises NoPostgres."""
    places = sorted((place for pattern in _PLACES for place in Path("/").glob(pattern[1:])), reverse=True)
    path = os.pathsep.join([*map(str, places), os.environ.get("PATH", "")])
    found = shutil.which(name, path=path)
    if found is None:
        raise NoPostgres(f"needs PostgreSQL, found no {name}: `apt-get install postgresql` installs it")
    return found


@contextmanager
def started(
    bouncer: Bouncer, *, entra: Sequence[str] = ("holdfast",), names: Sequence[str] = NAMES
) -> Iterator[Postgres]:
    """Run a server while the block runs; about the roles of `entra` the bouncer decides. Raises NoPostgres."""
    for needed in _NEEDED:
        program(needed)
    with ExitStack() as held:
        outer = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="holdfast-pg-")))
        folder = outer / "data"
        _owned(outer)
        _call(
            "initdb", "-D", str(folder), "-U", _SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"
        )
        server = Postgres(folder, _free_port(), outer / "ca.pem")
        _configure(server, bouncer, entra, names)
        _call("pg_ctl", "-D", str(folder), "-w", "-t", "30", "-l", str(folder / "server.log"), "start")
        held.callback(_call, "pg_ctl", "-D", str(folder), "-m", "immediate", "-w", "stop")
        server.run(_LIKE_AZURE)
        yield server


def _configure(server: Postgres, bouncer: Bouncer, entra: Sequence[str], names: Sequence[str]) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(server.roots))
    certificate = authority.issue_cert(*names)
    _write(server.folder / "server.crt", b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    _write(server.folder / "server.key", certificate.private_key_pem.bytes())
    with (server.folder / "postgresql.conf").open("a") as file:
        file.write(_CONFIGURATION.format(port=server.port, folder=server.folder))
    who = ",".join(f'"{role}"' for role in entra)
    rules = _RULES.format(entra=who, port=bouncer.port, prefix=PREFIX, suffix=SUFFIX)
    (server.folder / "pg_hba.conf").write_text(rules)


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)
    _owned(path)


def _owned(path: Path) -> None:
    if os.geteuid() == 0:
        account = pwd.getpwnam(_USER)
        os.chown(path, account.pw_uid, account.pw_gid)
        if path.is_dir():
            path.chmod(0o755)


def _call(name: str, *arguments: str) -> None:
    before = ["setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups"] if os.geteuid() == 0 else []
    command = [*before, program(name), *arguments]
    # The server keeps what it is started with: a pipe would never end.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(command, stdout=said, stderr=said, cwd="/", check=False)  # noqa: S603
        if done.returncode:
            said.seek(0)
            raise CommandFailed(f"{name}: {said.read().decode(errors='replace')[-500:]}")


def _free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
