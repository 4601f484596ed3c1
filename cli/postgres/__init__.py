"""A real PostgreSQL on this machine, made to look like one of Azure's: for the demo and the tests."""

from cli.postgres.entra import Bouncer
from cli.postgres.server import NoPostgres, Postgres, started

__all__ = ["Bouncer", "NoPostgres", "Postgres", "started"]
