"""A small world for the engine: one fake Azure, one store in memory, one clock, and people who change things."""

from collections.abc import Awaitable, Callable
from typing import Any

from shared.control import Catalogue
from shared.engine import Engine
from shared.journal import Entry, Notice, NoticeKind, Stage, Trigger
from shared.policy import Policy
from shared.state import FirewallRule, Setting, SettingKind, State, Value
from shared.target import Resource, Target
from tests.builders import CATALOGUE, a_policy, a_state, a_trigger
from tests.fakes.arm import FakeArm
from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore

INTERNET = {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}
APP = {"startIpAddress": "203.0.113.10", "endIpAddress": "203.0.113.10"}
RULE = Setting(SettingKind.FIREWALL_RULE, "app")
PUBLIC_ACCESS = Setting(SettingKind.PUBLIC_ACCESS)
TLS = Setting(SettingKind.PARAMETER, "require_secure_transport")


class World:
    """Everything an engine test needs."""

    def __init__(self, *states: State, policy: Policy | None = None, catalogue: Catalogue = CATALOGUE) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock)
        self.arm = FakeArm(*(states or (a_state(),)))
        self.catalogue = catalogue
        self.policy = policy or a_policy()
        self.engine = self.with_policy(self.policy)
        self.target = next(iter(self.arm.states))
        self._events = 0

    def with_policy(self, policy: Policy) -> Engine:
        self.policy = policy
        self.engine = Engine(self.store, self.arm, self.catalogue, steadily(policy), self.clock)
        return self.engine

    @property
    def state(self) -> State:
        return self.arm.states[self.target]

    async def event(self, operation: str, child: str = "", **changes: Any) -> Trigger:
        """An event arrives, and everything that is due is done."""
        self._events += 1
        trigger = a_trigger(
            self.target,
            operation,
            child,
            **({"id": f"event-{self._events}", "at": self.clock(), "received_at": self.clock()} | changes),
        )
        await self.store.remember(trigger)
        await self.run_due()
        return trigger

    async def baseline(self) -> None:
        """Holdfast sees the fleet for the first time; what follows is what a test is about."""
        await self.event("*")
        self.arm.calls.clear()
        self.store.deliver.clear()

    async def change(self, setting: Setting, value: Value) -> Trigger:
        """Somebody changes a setting, and its event arrives."""
        self.arm.set(self.target, setting, value)
        child, verb = setting.path(self.target.kind), "write" if value is not None else "delete"
        collection = Resource(self.target, child).collection
        return await self.event(f"{collection}/{verb}".lstrip("/"), child)

    async def run_due(self) -> None:
        """Handle the queue until nothing is due."""
        for _ in range(50):
            due = self.store.take_due(self.store.reconcile)
            if not due:
                return
            for target in due:
                await self.engine.reconcile(target)
        raise AssertionError("the queue does not drain")

    async def later(self, seconds: float) -> None:
        """Time passes, and what falls due is done."""
        self.clock.advance(seconds)
        await self.run_due()

    async def entries(self, target: Target | None = None) -> list[Entry]:
        return await self.store.history(target)

    async def stages(self) -> list[Stage]:
        """The stages of the newest record."""
        entries = await self.entries()
        return [entry.stage for entry in entries if entry.record == entries[0].record] if entries else []

    async def notices(self, loud: bool = True) -> list[Notice]:
        """What waits in the outbox for people (or everything)."""
        return [n for n in (await self.store.load(self.target)).outbox if not (loud and n.quiet)]

    async def told(self) -> list[NoticeKind]:
        """What people are told, in order."""
        return [notice.kind for notice in await self.notices()]


def steadily(policy: Policy) -> Callable[[], Awaitable[Policy]]:
    """The same policy, whenever it is asked for."""

    async def policy_in_force() -> Policy:
        return policy

    return policy_in_force


def rules(state: State) -> dict[str, tuple[str, str]]:
    return {rule.name: (rule.start, rule.end) for rule in state.firewall_rules or ()}


def wide(name: str = "app") -> FirewallRule:
    return FirewallRule(name, "0.0.0.0", "255.255.255.255")
