"""Looking at a primary and its replicas before a failover. Reads only, and as much as can be: in an outage half of it
does not answer, and the checks say what that means."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from shared.copies import COMPARED
from shared.errors import Gone, Refused, Retry, Stop
from shared.failover import roles
from shared.failover.book import failover_of
from shared.failover.model import Seen, Survey
from shared.orders import Orders
from shared.policy import Policy
from shared.ports import Arm, Lag, Store
from shared.scene import break_glass, place_under
from shared.scope import Place
from shared.standing import orders_of
from shared.state import SERVER, Facet, FacetKind, State
from shared.target import Kind, Target, parse_target

# What copies are compared in, and the names that lead to a flexible server.
FACETS = {**COMPARED, Kind.FLEXIBLE: COMPARED[Kind.FLEXIBLE] | {Facet(FacetKind.VIRTUAL_ENDPOINTS)}}
_REPLICAS = Facet(FacetKind.REPLICAS)


class Surveyor:
    """Looks at servers with the rights of one identity."""

    def __init__(self, arm: Arm, store: Store, policy: Policy) -> None:
        self._arm, self._store, self._policy = arm, store, policy

    async def survey(self, primary: Target, only: Target | None, at: datetime, failover: str = "") -> Survey:
        """What there is to know about the primary and its replicas, or this one of them.

        A failover that is under way and is this very one (its id) does not stand in its own way.
        """
        facets = FACETS[primary.kind]
        seen = await self.look(primary, facets | {_REPLICAS})
        listed = seen.state is not None and _REPLICAS not in seen.unseen
        found = roles.replicas_listed(seen.state) if seen.state else ()
        wanted = tuple(dict.fromkeys((*([only] if only else ()), *found)))
        replicas = await asyncio.gather(*(self.look(one, facets, lagging=True) for one in wanted))
        orders = await orders_of(self._store)
        named = await asyncio.gather(*(self._placed(one, orders, at, failover) for one in (seen, *replicas)))
        exemptions = (*self._policy.exemptions, *orders.exemptions)
        return Survey(at, named[0], tuple(named[1:]), listed, orders, exemptions, self._policy.failover)

    async def pair(self, old: Target, new: Target) -> tuple[Seen, Seen]:
        """Both servers, without what people have ordered."""
        facets = FACETS[old.kind]
        first, second = await asyncio.gather(*(self.look(one, facets) for one in (old, new)))
        return first, second

    async def look(self, target: Target, facets: Iterable[Facet], *, lagging: bool = False) -> Seen:
        """One server, as far as it can be read."""
        wanted = frozenset(facets)
        lag = await self._arm.lag(target) if lagging else Lag()
        try:
            return Seen(target, await self._arm.observe(target, wanted), lag=lag)
        except (Stop, Retry) as error:
            if isinstance(error, Gone):
                return Seen(target, None, str(error), lag=lag)
        return await self._piecemeal(target, wanted, lag)

    async def _piecemeal(self, target: Target, wanted: frozenset[Facet], lag: Lag) -> Seen:
        """What can be read of a server of which not everything can."""
        try:
            state = await self._arm.observe(target, [SERVER])
        except (Stop, Retry) as error:
            return Seen(target, None, str(error), lag=lag)
        unseen: dict[Facet, str] = {}
        parts = await asyncio.gather(*(self._part(target, facet) for facet in sorted(wanted - {SERVER})))
        for facet, part in zip(sorted(wanted - {SERVER}), parts, strict=True):
            if isinstance(part, State):
                state = _together(state, part)
            else:
                unseen[facet] = part
        return Seen(target, state, unseen=unseen, lag=lag)

    async def _part(self, target: Target, facet: Facet) -> State | str:
        try:
            return await self._arm.observe(target, [facet])
        except (Stop, Retry) as error:
            return str(error)

    async def _placed(self, seen: Seen, orders: Orders, at: datetime, failover: str) -> Seen:
        """What was seen, with what Holdfast remembers and what people have ordered there."""
        memory = (await self._store.load(seen.target)).memory
        server = seen.state.server if seen.state else None
        place = Place(seen.target, server.tags if server else {})
        try:
            place = await place_under(self._arm, self._policy, place, orders)
        except (Stop, Retry) as error:
            raise Refused(f"whether anybody holds {seen.name} cannot be seen: {error}") from error
        until, _ = break_glass(self._policy, place, at)
        busy = await self._busy(seen.target, memory.failover, failover)
        return replace(seen, memory=memory, place=place, break_glass_until=until, busy=busy)

    async def _busy(self, target: Target, primary: str, failover: str) -> str:
        """Which other failover the server takes part in."""
        found = await failover_of(self._store, parse_target(primary) if primary else target)
        if found is None or found.over or found.id == failover or target not in found.members:
            return ""
        return f"{found.named}, since {found.begun_at:%Y-%m-%d %H:%M} UTC, asked for by {found.by.name}"


def _together(state: State, part: State) -> State:
    return replace(
        state,
        firewall_rules=state.firewall_rules if part.firewall_rules is None else part.firewall_rules,
        administrators=state.administrators if part.administrators is None else part.administrators,
        parameters={**state.parameters, **part.parameters},
        children={**state.children, **part.children},
    )
