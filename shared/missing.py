"""The kinds of server on which a control is not held yet, though it has to hold there, and why not.

A control that Holdfast cannot see at all says so on its card.
"""

from dataclasses import dataclass

from shared.target import Kind


@dataclass(frozen=True, slots=True)
class Partly:
    """A control that is held, but not on these kinds of server."""

    id: str
    kinds: frozenset[Kind]
    why: str


_CITUS = frozenset({Kind.CITUS})
PARTLY = (
    Partly(
        "entra-admin-is-group",
        frozenset({Kind.SINGLE}),
        "Azure does not say what kind of principal administers a single server",
    ),
    Partly(
        "keyvault-network-trusted-services",
        _CITUS,
        "a Citus cluster reaches its key in a vault that is open to all networks only",
    ),
)
