"""A copy and the server that it was made from, for the tests of what is compared."""

from dataclasses import replace
from typing import Any

from shared.state import Parameter, Server, State
from shared.target import Kind, Target
from tests.builders import SUBSCRIPTION, a_server
from tests.test_every_control import a_copy

REPLICA, RESTORED = "replica-config-parity", "restored-server-config-parity"
_NOTHING: dict[str, Any] = {"firewall_rules": (), "parameters": {}, "administrators": (), "children": {}}


def a_one(name: str = "pg-payments", kind: Kind = Kind.FLEXIBLE, **changes: Any) -> State:
    """A server that is open and otherwise bare; `server` are its own properties."""
    own = {"public_access": True, **changes.pop("server", {})}
    bare = Server(**{**_bare(), **own})
    return State(Target(kind, SUBSCRIPTION, "rg-payments", name), **{**_NOTHING, "server": bare, **changes})


def a_pair(ours: State, theirs: State, follows: bool = True) -> State:
    """The first as a copy of the second."""
    return a_copy(ours, theirs, follows)


def chosen(name: str, value: str, **changes: Any) -> Parameter:
    """A parameter that somebody set."""
    return Parameter(name, value, chosen=True, **changes)


def withheld(copy: State, reasons: dict[Any, str]) -> State:
    """The copy, whose original's own controls object to something."""
    assert copy.original is not None
    return replace(copy, original=replace(copy.original, withheld=reasons))


def _bare() -> dict[str, Any]:
    server = a_server(approved_endpoints=0)
    return {name: getattr(server, name) for name in ("virtual_network", "approved_endpoints", "entra_auth")} | {
        "public_access": True,
        "password_auth": server.password_auth,
        "tenant_id": server.tenant_id,
    }
