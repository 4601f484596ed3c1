"""Looks at what stands outside a server, in as many rounds as one thing says where the next is found."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shared.arm import neighbours
from shared.arm.answers import text
from shared.arm.client import Call, Pipeline
from shared.arm.graph import rows
from shared.arm.pages import pages
from shared.arm.places import PLACES, vault_names, vault_query
from shared.errors import Forbidden, Gone, Stop
from shared.state import Facet, FacetKind, State


class Surroundings:
    """The neighbours of servers."""

    def __init__(self, client: Pipeline) -> None:
        self._client = client

    async def look(self, state: State, waiting: frozenset[FacetKind]) -> State:
        """Read the neighbours, those first that say where the others are. One that we may not see hides no other."""
        while waiting:
            ready = sorted(kind for kind in waiting if not set(PLACES[kind].needs) & waiting)
            answers = await asyncio.gather(*(self._neighbours(state, kind) for kind in ready))
            found = dict(zip(ready, answers, strict=True))
            unread = {Facet(kind): answer for kind, answer in found.items() if isinstance(answer, Stop)}
            seen = {kind: answer for kind, answer in found.items() if not isinstance(answer, Stop)}
            state = replace(state, children={**state.children, **seen}, unread={**state.unread, **unread})
            waiting -= set(ready)
        return state

    async def _neighbours(self, state: State, kind: FacetKind) -> dict[str, dict[str, str]] | Stop:
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
            return [(await self._client.send(call)).body]
        except Gone:
            return []

    async def _vaults(self, state: State) -> list[str]:
        query = vault_query(state)
        found = [text(row.get("id"), "id of a vault") async for row in rows(self._client, query)] if query else []
        # Resource Graph does not refuse, it leaves out what we may not read.
        missing = set(vault_names(state)) - {one.rsplit("/", 1)[1].lower() for one in found}
        if missing:
            names, permission = ", ".join(sorted(missing)), f"{PLACES[FacetKind.VAULTS].type}/read"
            raise Forbidden(
                f"{permission} is missing on key vault {names}, or there is no such vault: Resource Graph does not show"
                " what holds this server's key",
                permission,
                f"key vault {names}",
            )
        return found
