"""A real PostgreSQL for tests, with TLS and tokens for passwords: see `cli.postgres`.

    @pytest.fixture
    def postgres(cluster: Cluster) -> Cluster: ...

One cluster for each xdist worker; `clean` makes it as it was at the start. Where PostgreSQL is missing the test skips
and says why. The token "good" opens the door for `holdfast`, unless a test says otherwise.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from cli.postgres import Bouncer, NoPostgres, Postgres, started
from cli.postgres.server import program
from shared.sql.databases import Databases, Seen
from shared.sql.door import Addresses, Door
from shared.state import FacetKind

HOST = "pg-payments.postgres.database.azure.com"
HOLDFAST, TOKEN = "holdfast", "good"
# Azure makes them; Holdfast's own is made anew.
_OWN_ROLES = ("azuresu", "azure_pg_admin")
_DROP = """
select format('drop database %I with (force)', datname) from pg_database
 where not datistemplate and datname <> 'postgres' \\gexec
"""
_CLEAN = """
do $$ declare one record; begin
  for one in select usename from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() loop
    perform pg_terminate_backend(pid) from pg_stat_activity where usename = one.usename and pid <> pg_backend_pid();
  end loop;
  for one in select rolname from pg_roles where rolname not like 'pg\\_%' and rolname <> all ('{{{roles}}}') loop
    execute format('drop owned by %I cascade', one.rolname);
    execute format('drop role %I', one.rolname);
  end loop;
end $$;
alter role all reset all;
alter database postgres reset all;
revoke create on schema public from public;
truncate entra.principals;
insert into entra.principals values ('holdfast', 'service', '99999999-9999-4999-8999-999999999999');
create role holdfast login createrole in role pg_signal_backend;
grant azure_pg_admin to holdfast;
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server, and who decides about tokens at its door."""

    server: Postgres
    bouncer: Bouncer

    def run(self, statements: str, database: str = "postgres") -> str:
        """Run SQL as the superuser."""
        return self.server.run(statements, database)

    def clean(self) -> None:
        """Forget what tests have made."""
        self.bouncer.accepts = lambda role, token: (role, token) == (HOLDFAST, TOKEN)
        self.run(_DROP)
        self.run(_CLEAN.format(roles=",".join(_OWN_ROLES)))

    def door(self, user: str = HOLDFAST, host: str = HOST) -> Door:
        """The way in."""
        return self.addresses(host).door(host, user, HOLDFAST)

    def addresses(self, *hosts: str) -> Addresses:
        """Where these servers really are."""
        text = ",".join(self.server.address(host) for host in hosts or (HOST,))
        return Addresses.read(text, str(self.server.roots))


def has_postgres() -> bool:
    """Whether PostgreSQL is installed here."""
    try:
        return bool(program("initdb"))
    except NoPostgres:
        return False


async def a_token() -> str:
    return TOKEN


async def seen(door: Door, *facets: FacetKind) -> Seen:
    """What a look at these facets shows."""
    return await Databases(a_token).read(door, facets)


@contextmanager
def start_cluster() -> Iterator[Cluster]:
    """Run a server for the length of the `with` block; skips the test where there is none."""
    with Bouncer(lambda _role, _token: False).listening() as bouncer:
        try:
            with started(bouncer, entra=(HOLDFAST,)) as server:
                yield Cluster(server, bouncer)
        except NoPostgres as error:
            pytest.skip(str(error))
