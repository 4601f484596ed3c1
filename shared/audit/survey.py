"""Reading a server for an audit: what cannot be read is said of each facet, and hides nothing of the others.

All at once first, which costs the fewest calls; where that fails, facet by facet.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from shared.errors import Gone, Retry, Stop, Throttled
from shared.ports import Arm
from shared.state import NEIGHBOURS, Facet, FacetKind, State
from shared.target import Target

_ATTEMPTS = 3
# Azure says itself how long to wait, and in a large fleet it says so often.
_ATTEMPTS_WHILE_THROTTLED = 20
_LONGEST_PAUSE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Survey:
    """What was read, and for every facet that was not, why."""

    state: State
    errors: Mapping[Facet, Retry | Stop] = field(default_factory=dict)


class Surveyor:
    """Reads servers. In a subscription where something was refused once, it does not try all at once again, and where
    Azure asks one reader for a pause, all pause."""

    def __init__(self, arm: Arm, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._arm, self._sleep = arm, sleep
        self._refused: set[str] = set()
        self._pauses: dict[str, asyncio.Future[None]] = {}

    async def survey(self, target: Target, facets: Iterable[Facet]) -> Survey:
        """Read these facets of the server, as far as Azure lets us."""
        wanted = sorted(set(facets))
        if target.subscription not in self._refused:
            try:
                state = await self._observe(target, wanted)
                return Survey(state, state.unread)
            except Retry as error:
                await self._pause(target, error)
            except Gone:
                # The server, or a part that this server does not have: the facets will tell.
                pass
            except Stop:
                self._refused.add(target.subscription)
        groups = await asyncio.gather(*(self._group(target, group) for group in _groups(wanted)))
        pairs = [pair for group in groups for pair in group]
        merged = _merged(target, [answer for _, answer in pairs if isinstance(answer, State)])
        errors = {facet: answer for facets, answer in pairs for facet in facets if not isinstance(answer, State)}
        return Survey(merged, {**merged.unread, **errors})

    async def _group(
        self, target: Target, group: Sequence[Facet]
    ) -> list[tuple[Sequence[Facet], State | Retry | Stop]]:
        """What the facets say together; a neighbour that does not answer must not hide the others."""
        if group[0].kind not in NEIGHBOURS:
            return [(group, await self._read(target, group))]
        try:
            return [(group, await self._observe(target, group))]
        except Stop as error:
            return [(group, error)]
        except Retry:
            found = await asyncio.gather(*(self._read(target, [facet]) for facet in group))
            return [([facet], answer) for facet, answer in zip(group, found, strict=True)]

    async def _read(self, target: Target, facets: Sequence[Facet]) -> State | Retry | Stop:
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._observe(target, facets)
            except Stop as error:
                return error
            except Retry as error:
                if attempt >= (_ATTEMPTS_WHILE_THROTTLED if isinstance(error, Throttled) else _ATTEMPTS):
                    return error
                await self._pause(target, error)

    async def _observe(self, target: Target, facets: Sequence[Facet]) -> State:
        pause = self._pauses.get(target.subscription)
        if pause is not None:
            await asyncio.shield(pause)
        return await self._arm.observe(target, facets)

    async def _pause(self, target: Target, error: Retry) -> None:
        subscription = target.subscription
        if subscription not in self._pauses:
            seconds = min(error.after_seconds, _LONGEST_PAUSE_SECONDS)
            pause = self._pauses[subscription] = asyncio.ensure_future(self._sleep(seconds))
            pause.add_done_callback(lambda _: self._pauses.pop(subscription))
        await asyncio.shield(self._pauses[subscription])


def _groups(facets: Sequence[Facet]) -> list[list[Facet]]:
    """What fails together: all parameters come with one list, and neighbours fail one by one anyway."""
    parameters = [facet for facet in facets if facet.kind is FacetKind.PARAMETER]
    outside = [facet for facet in facets if facet.kind in NEIGHBOURS]
    others = [[facet] for facet in facets if facet not in parameters and facet not in outside]
    return [*others, *filter(None, (parameters, outside))]


def _merged(target: Target, states: Sequence[State]) -> State:
    """One state of several, each of which holds other facets."""
    parts: dict[str, Any] = {}
    for part in (each for each in fields(State) if each.init):
        for value in (found for state in states if (found := getattr(state, part.name)) is not None):
            held = parts.setdefault(part.name, value)
            if isinstance(value, Mapping):
                parts[part.name] = {**held, **value}
    moments = [state.at for state in states if state.at is not None]
    return State(**{**parts, "target": target, "at": min(moments, default=None)})
