"""An Azure that really changes: it holds states, applies writes, and fails when told to. No HTTP, no waiting."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from shared.arm.servers import grouped
from shared.control import Change
from shared.copies import with_original
from shared.errors import Forbidden, Gone, Stop
from shared.ports import Accepted, Creation, Lag, Progress, Waiver
from shared.state import (
    ADMINISTRATORS,
    COLLECTIONS,
    DATABASE_FACETS,
    EVERY_PARAMETER,
    FIREWALL_RULES,
    NEIGHBOURS,
    ROLE_ASSIGNMENTS,
    SERVER,
    Facet,
    FacetKind,
    Setting,
    State,
    Value,
)
from shared.target import Target

IDENTITY = "99999999-9999-4999-8999-999999999999"


class FakeArm:
    """`calls` lists every read and write. `on_write` and `on_read` may raise, before the call has any effect (of what
    stands outside the server or in its databases, a `Stop` leaves only that unread);
    `after_write` may raise after it had (a dropped answer). `operations` scripts the polls of the next writes.

    `groups` are the management groups above a subscription; one that is missing is none of ours (Forbidden).
    `activity` is the log: when, the child written, by whom; `waived` says which exemptions a server has,
    `creations` how it was made, `lags` how far replicas lag (else a second); `on_ask` may raise before these are
    answered, by the name of the call. Other tasks may run before and after each call, and `meanwhile` is what others do
    while a write is on its way.
    """

    def __init__(self, *states: State) -> None:
        self.states = {state.target: state for state in states}
        self.calls: list[str] = []
        self.correlations: list[str] = []
        self.on_read: Callable[[Target, Facet], None] = lambda _target, _facet: None
        self.on_write: Callable[[Target, Sequence[Change]], None] = lambda _target, _group: None
        self.after_write: Callable[[], None] = lambda: None
        self.ignore_writes = False
        self.accepted = Accepted()
        self.operations: list[Progress] = []
        self.groups: dict[str, tuple[str, ...]] = {}
        self.activity: list[tuple[datetime, str, frozenset[str]]] = []
        self.lags: dict[Target, Lag] = {}
        self.creations: dict[Target, Creation] = {}
        self.waived: dict[Target, tuple[Waiver, ...]] = {}
        self.on_ask: Callable[[str], None] = lambda _what: None
        self.meanwhile: Callable[[], Awaitable[None]] = _nothing

    def set(self, target: Target, setting: Setting, value: Value) -> None:
        """Somebody changes a setting."""
        self.states[target] = self.states[target].with_value(setting, value)

    def for_many(self) -> "FakeArm":
        return self

    async def observe(self, target: Target, facets: Iterable[Facet]) -> State:
        await asyncio.sleep(0)
        wanted, unread = frozenset(facets), dict[Facet, Stop]()
        if any(facet.kind is FacetKind.ORIGINAL for facet in wanted):
            return await with_original(self.observe, target, wanted)
        for facet in sorted(wanted):
            self.calls.append(f"read {facet}")
            try:
                self.on_read(target, facet)
            except Stop as error:
                if facet.kind not in NEIGHBOURS | DATABASE_FACETS:
                    raise
                unread[facet] = error
        if target not in self.states:
            raise Gone(f"{target} was not found")
        return replace(_only(self.states[target], wanted - unread.keys()), unread=unread)

    def requests(self, target: Target, changes: Sequence[Change]) -> list[tuple[Change, ...]]:
        return grouped(target, changes)

    async def write(self, target: Target, group: Sequence[Change], correlation_id: str) -> Accepted:
        self.calls.append("write " + ", ".join(str(change.setting) for change in group))
        self.correlations.append(correlation_id)
        await self.meanwhile()
        await asyncio.sleep(0)
        self.on_write(target, group)
        if not self.ignore_writes:
            for change in group:
                self.set(target, change.setting, change.after)
        self.after_write()
        await asyncio.sleep(0)
        return self.accepted

    async def progress(self, operation: str) -> Progress:
        self.calls.append("poll")
        return self.operations.pop(0) if self.operations else Progress(done=True)

    async def management_groups(self, subscription: str) -> tuple[str, ...]:
        await self._asked("management groups")
        if subscription not in self.groups:
            scope = f"/subscriptions/{subscription}"
            raise Forbidden(f"{scope} is not shown to us", "Microsoft.Resources/subscriptions/read", scope)
        return self.groups[subscription]

    async def writers(self, target: Target, child: str, since: datetime) -> tuple[frozenset[str], ...]:
        await self._asked("activity log")
        return tuple(ids for at, written, ids in self.activity if written == child and at > since)

    async def creation(self, target: Target) -> Creation | None:
        await self._asked("creation")
        return self.creations.get(target)

    async def waivers(self, target: Target) -> tuple[Waiver, ...]:
        await self._asked("waivers")
        return self.waived.get(target, ())

    async def _asked(self, what: str) -> None:
        await asyncio.sleep(0)
        self.calls.append(f"ask {what}")
        self.on_ask(what)

    async def lag(self, replica: Target) -> Lag:
        await self._asked("lag")
        return self.lags.get(replica, Lag(1.0))

    async def own_identity(self) -> frozenset[str]:
        return frozenset({IDENTITY})

    async def servers(self) -> AsyncIterator[Target]:
        for target in self.states:
            yield target

    async def close(self) -> None:
        return None

    @property
    def writes(self) -> list[str]:
        """What was written, in order."""
        return [call.removeprefix("write ") for call in self.calls if call.startswith("write ")]


_COLLECTIONS = {*COLLECTIONS.values(), FacetKind.REPLICAS}


async def _nothing() -> None:
    """Nobody does anything meanwhile."""


def _only(state: State, facets: frozenset[Facet]) -> State:
    names = {facet.name for facet in facets if facet.kind is FacetKind.PARAMETER}
    if EVERY_PARAMETER in facets:
        names = names - {EVERY_PARAMETER.name} | state.parameters.keys()
    return replace(
        state,
        original=None,
        server=state.server if SERVER in facets else None,
        firewall_rules=state.firewall_rules if FIREWALL_RULES in facets else None,
        administrators=state.administrators if ADMINISTRATORS in facets else None,
        parameters={name: state.parameters.get(name) for name in names},
        ourselves=frozenset({IDENTITY}) if ROLE_ASSIGNMENTS in facets else frozenset(),
        children={
            facet.kind: state.children.get(facet.kind, {})
            for facet in facets
            if facet.kind in _COLLECTIONS or facet.kind in state.children
        },
    )
