"""Looks at what stands outside a server, in as many rounds as one thing says where the next is found."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.arm import neighbours
from shared.arm.answers import text
from shared.arm.client import Answer, Call, Pipeline
from shared.arm.graph import rows
from shared.arm.pages import pages
from shared.arm.places import PLACES, vault_names, vault_query
from shared.errors import Forbidden, Gone, Stop
from shared.state import Facet, FacetKind, State


class Surroundings:
    """The neighbours of servers."""

    def __init__(self, client: Pipeline) -> None:
        self._client = client
        # A vault's name is unique in all of Azure, and few of them ever move to another group.
        self._places: dict[str, str] = {}

    async def look(self, state: State, waiting: frozenset[FacetKind]) -> State:
        """Read the neighbours, those first that say where the others are. One that we may not see hides no other."""
        look = _Look(self._client, self._places)
        while waiting:
            ready = sorted(kind for kind in waiting if not set(PLACES[kind].needs) & waiting)
            answers = await asyncio.gather(*(look.neighbours(state, kind) for kind in ready))
            found = dict(zip(ready, answers, strict=True))
            unread = {Facet(kind): answer for kind, answer in found.items() if isinstance(answer, Stop)}
            seen = {kind: answer for kind, answer in found.items() if not isinstance(answer, Stop)}
            state = replace(state, children={**state.children, **seen}, unread={**state.unread, **unread})
            waiting -= set(ready)
        return state


class _Look:
    """One look: what two facets show is read once. `places` are the vaults' ids by name, as far as they are known."""

    def __init__(self, client: Pipeline, places: dict[str, str]) -> None:
        self._client, self._places = client, places
        self._read: dict[str, asyncio.Task[Answer]] = {}

    async def neighbours(self, state: State, kind: FacetKind) -> dict[str, dict[str, str]] | Stop:
        """The neighbours of one facet, or why they cannot be seen: what says where they are may be hidden itself."""
        hidden = [state.unread[Facet(need)] for need in PLACES[kind].needs if Facet(need) in state.unread]
        if hidden:
            return hidden[0]
        try:
            paths = await self._vaults(state) if kind is FacetKind.VAULTS else None
            calls = neighbours.read_calls(kind, state, paths)
            found = await asyncio.gather(*(self._resources(call, listed=PLACES[kind].listed) for call in calls))
        except Stop as error:
            return error
        pairs = [(call.path, one) for call, group in zip(calls, found, strict=True) for one in group]
        return neighbours.neighbour_from(kind, state, pairs)

    async def _resources(self, call: Call, *, listed: bool) -> list[Mapping[str, Any]]:
        try:
            if listed:
                return [row async for row in pages(self._client, call)]
            return [(await self._once(call)).body]
        except Gone:
            return []

    async def _once(self, call: Call) -> Answer:
        if call.address not in self._read:
            self._read[call.address] = asyncio.ensure_future(self._client.send(call))
        return await self._read[call.address]

    async def _vaults(self, state: State) -> list[str]:
        wanted = vault_names(state)
        known = [self._places[name] for name in wanted if name in self._places]
        if len(known) == len(wanted) and await self._stand(state, known):
            return known
        query = vault_query(state)
        found = [text(row.get("id"), "id of a vault") async for row in rows(self._client, query)]
        self._places |= {_name(one): one for one in found}
        # Resource Graph does not refuse, it leaves out what we may not read.
        missing = set(wanted) - set(map(_name, found))
        if missing:
            names, permission = ", ".join(sorted(missing)), PLACES[FacetKind.VAULTS].read_permission
            raise Forbidden(
                f"{permission} is missing on key vault {names}, or there is no such vault: Resource Graph does not show"
                " what holds this server's key. A vault of another tenant is not shown at all",
                permission,
                f"key vault {names}",
            )
        return found

    async def _stand(self, state: State, vaults: Sequence[str]) -> bool:
        """Whether the vaults are where they were. They are read here, and not a second time by who asked."""
        calls = neighbours.read_calls(FacetKind.VAULTS, state, vaults)
        found = await asyncio.gather(*(self._resources(call, listed=False) for call in calls))
        return all(found)


def _name(vault: str) -> str:
    return vault.rpartition("/")[2].lower()
