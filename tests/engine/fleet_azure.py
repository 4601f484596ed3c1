"""The Azure of the fleet: a worker may be killed at any of its calls, and what was shown to whom is remembered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from shared.control import Change
from shared.ports import Accepted, Progress
from shared.state import Facet, FacetKind, Setting, SettingKind, State, Value
from shared.target import Kind, Target
from tests.builders import a_parameter, a_server, a_state
from tests.fakes.arm import FakeArm

LIBRARIES = Setting(SettingKind.PARAMETER, "shared_preload_libraries")
LOGGED = Setting(SettingKind.PARAMETER, "log_connections")
LOCK = Setting(SettingKind.LOCK, "keep")
_LOCKED: Mapping[FacetKind, Mapping[str, Mapping[str, str]]] = {
    FacetKind.LOCKS: {LOCK.name: {"level": "CanNotDelete", "notes": "production"}}
}


class MortalArm(FakeArm):
    """`interrupt` may raise before and after every call. `shown` are the facets that were read of each server."""

    def __init__(self, *states: State) -> None:
        super().__init__(*states)
        self.interrupt: Callable[[str], None] = lambda _point: None
        self.shown: dict[Target, set[Facet]] = {}
        # The activity log: of which server, when, the child written, by whom.
        self.log: list[tuple[Target, datetime, str, frozenset[str]]] = []

    async def observe(self, target: Target, facets: Iterable[Facet]) -> State:
        self.interrupt("before a read")
        state = await super().observe(target, facets)
        self.shown.setdefault(target, set()).update(state.facets())
        self.interrupt("after a read")
        return state

    async def write(self, target: Target, group: Sequence[Change], correlation_id: str) -> Accepted:
        self.interrupt("before a write")
        accepted = await super().write(target, group, correlation_id)
        self.interrupt("after a write")
        return accepted

    async def writers(self, target: Target, child: str, since: datetime) -> tuple[frozenset[str], ...]:
        self.activity = [(at, written, ids) for where, at, written, ids in self.log if where == target]
        return await super().writers(target, child, since)

    async def progress(self, operation: str) -> Progress:
        self.interrupt("before a poll")
        found = await super().progress(operation)
        self.interrupt("after a poll")
        return found


def a_public_state(target: Target) -> State:
    """A server in good order whose firewall rules matter; a single server is locked, and all but a Citus cluster have a
    list and a switch."""
    state = a_state(target, server=a_server(public_access=True))
    if target.kind is Kind.CITUS:
        return state
    held = {
        LIBRARIES.name: a_parameter(LIBRARIES.name, "pgaudit,pg_stat_statements"),
        LOGGED.name: a_parameter(LOGGED.name, "on", allowed="on,off"),
    }
    locks = _LOCKED if target.kind is Kind.SINGLE else {}
    return replace(state, children=locks, parameters={**state.parameters, **held})


def words(value: Value) -> frozenset[str]:
    """The entries of a list."""
    return frozenset(word.strip() for word in str(value or "").split(",") if word.strip())
