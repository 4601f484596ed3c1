"""The controls that Holdfast does not hold yet, and why not: a row for each.

Whatever a remediator implements says everything about itself on its card; its row goes when it comes. One that is held
on some kinds of server only has a row in `PARTLY` for the others.
"""

from dataclasses import dataclass

from shared.control import Revert, Severity
from shared.target import Kind


@dataclass(frozen=True, slots=True)
class Missing:
    """A control that nobody has written; `why` says what is in the way."""

    id: str
    title: str
    severity: Severity
    kinds: frozenset[Kind]
    revert: Revert
    why: str


@dataclass(frozen=True, slots=True)
class Partly:
    """A control that is held, but not on these kinds of server, where it has to hold as well."""

    id: str
    kinds: frozenset[Kind]
    why: str


_SINGLE = frozenset({Kind.SINGLE})
_CITUS = frozenset({Kind.CITUS})

MISSING: tuple[Missing, ...] = ()

PARTLY = (
    Partly("entra-admin-is-group", _SINGLE, "Azure does not say what kind of principal administers a single server"),
    Partly("cmk-copy-key-validation", _CITUS, "the key of a Citus cluster is not read"),
    Partly(
        "keyvault-network-trusted-services",
        _CITUS,
        "a Citus cluster reaches its key in a vault that is open to all networks only",
    ),
)
