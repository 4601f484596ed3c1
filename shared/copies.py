"""Copies of servers: what tells that a server is one, what both are compared in, and the reading of both.

A replica says whose it is (Azure's definitions: `sourceServerResourceId` of a flexible server, `masterServerId` of a
single one, `sourceResourceId` of a Citus cluster). A restored server does not: whoever saw its creation has to tell,
and the facet's name then holds the source's id.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from shared.errors import Gone, MalformedEvent, Stop, Unreachable
from shared.state import (
    ADMINISTRATORS,
    EVERY_PARAMETER,
    FIREWALL_RULES,
    ORIGINAL,
    SERVER,
    Facet,
    FacetKind,
    Server,
    State,
)
from shared.target import Kind, Target, parse_target

type Observe = Callable[[Target, Iterable[Facet]], Awaitable[State]]

_SOURCES = ("sourceServerResourceId", "masterServerId", "sourceResourceId")
_ROLE = "replicationRole"
_FOLLOWING = frozenset({"asyncreplica", "geoasyncreplica", "replica"})
_EVERYWHERE = frozenset(
    {
        SERVER,
        FIREWALL_RULES,
        EVERY_PARAMETER,
        ADMINISTRATORS,
        Facet(FacetKind.PRIVATE_ENDPOINTS),
        Facet(FacetKind.DIAGNOSTIC_SETTINGS),
        Facet(FacetKind.LOCKS),
        Facet(FacetKind.METRIC_ALERTS),
    }
)
COMPARED = {
    Kind.FLEXIBLE: _EVERYWHERE | {Facet(FacetKind.THREAT_PROTECTION)},
    Kind.SINGLE: _EVERYWHERE | {Facet(FacetKind.THREAT_PROTECTION), Facet(FacetKind.VIRTUAL_NETWORK_RULES)},
    Kind.CITUS: _EVERYWHERE,
}


def followed_by(server: Server) -> str:
    """The ARM id of the server that this one replicates; empty where it follows none."""
    role = server.facts.get(_ROLE, "").lower()
    if role and role not in _FOLLOWING:
        return ""
    return next((server.facts[name] for name in _SOURCES if server.facts.get(name)), "")


def expanded(kind: Kind, facets: Iterable[Facet]) -> frozenset[Facet]:
    """The facets with everything that the original stands for."""
    found = frozenset(facets)
    asks = any(facet.kind is FacetKind.ORIGINAL for facet in found)
    kept = frozenset(facet for facet in found if facet.kind is not FacetKind.ORIGINAL)
    return kept | COMPARED[kind] if asks else kept


async def with_original(observe: Observe, target: Target, facets: Iterable[Facet]) -> State:
    """Read these facets, the original among them; what belongs to it is read of copies only.

    A source that we may not or cannot see leaves the original unread, with the reason.
    """
    wanted = frozenset(facets)
    named = next((facet.name for facet in wanted if facet.kind is FacetKind.ORIGINAL and facet.name), "")
    plain = frozenset(facet for facet in wanted if facet.kind is not FacetKind.ORIGINAL) | {SERVER}
    state = await observe(target, plain)
    source = (followed_by(state.server) if state.server else "") or named
    if not source:
        return state
    more, original = await asyncio.gather(observe(target, COMPARED[target.kind] - plain), _original(observe, source))
    both = _joined(state, more)
    if isinstance(original, Stop):
        return replace(both, unread={**both.unread, ORIGINAL: original})
    if original.target == target:
        return both
    return replace(both, original=original)


async def _original(observe: Observe, source: str) -> State | Stop:
    try:
        target = parse_target(source)
        return await observe(target, COMPARED[target.kind])
    except MalformedEvent as error:
        return Stop(f"the source of this copy is not a server that Holdfast knows: {error}")
    except Gone as error:
        return Gone(f"the source of this copy does not exist any more: {error}")
    except (Stop, Unreachable) as error:
        # A region that is down must not keep its copies from being looked after.
        return Stop(f"the source of this copy cannot be read: {error}")


def _joined(state: State, more: State) -> State:
    """One state of two, each of which holds other facets."""
    return replace(
        state,
        firewall_rules=state.firewall_rules if more.firewall_rules is None else more.firewall_rules,
        administrators=state.administrators if more.administrators is None else more.administrators,
        parameters={**state.parameters, **more.parameters},
        children={**state.children, **more.children},
        unread={**state.unread, **more.unread},
    )
