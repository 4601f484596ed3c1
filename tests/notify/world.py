"""What surrounds a delivery: channels that fail when told to, and queues that bring a message back after a crash."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared.errors import DeliveryFailed, LeaseLost, StoreUnavailable
from shared.journal import Notice
from shared.memory import Memory
from shared.notify.channel import Channel
from shared.notify.deliver import Delivery
from shared.ports import Commit
from shared.target import Kind, Target
from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore, Wake
from tests.notify.builders import a_notice, a_report

# How long a queue hides a message whose worker died (host.json, visibilityTimeout).
HIDDEN_SECONDS = 30.0


class Crash(BaseException):
    """The process is killed here."""


class FakeChannel:
    """`got` is what arrived, as (target, notice id). It is down while `down` says so."""

    def __init__(self, name: str, clock: FakeClock, down: Callable[[datetime], bool] = lambda _at: False) -> None:
        self.name = name
        self.clock = clock
        self.down = down
        self.takes: Callable[[Notice], bool] = lambda _notice: True
        self.seconds = 0.0
        self.point: Callable[[str], None] = lambda _point: None
        self.got: list[tuple[str, str]] = []
        self.tried: list[datetime] = []
        self.closed = False

    def wants(self, notice: Notice) -> bool:
        return self.takes(notice)

    async def send(self, notice: Notice) -> None:
        self.tried.append(self.clock())
        self.clock.advance(self.seconds)
        self.point(f"before send {self.name}")
        if self.down(self.clock()):
            raise DeliveryFailed("it is down")
        self.got.append((notice.report.target, notice.id))
        self.point(f"after send {self.name}")

    async def close(self) -> None:
        self.closed = True

    def ids(self, target: Target) -> list[str]:
        """What arrived about the target, in order."""
        return [notice_id for about, notice_id in self.got if about == target.id]


class World:
    """A store, a clock, channels, and the host that feeds the delivery from its queue."""

    def __init__(self, *names: str) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock)
        self.channels = [FakeChannel(name, self.clock) for name in names]
        self.delivery = Delivery(self.store, self.channels, self.clock)
        self.points = 0
        # The host starts a killed process again.
        self.revive: Callable[[], None] = lambda: None
        self._numbers = itertools.count()

    def use(self, channels: Sequence[Channel]) -> None:
        """Deliver to these channels from now on."""
        self.delivery = Delivery(self.store, channels, self.clock)

    async def post(self, target: Target, count: int = 1) -> list[str]:
        """Put notices into the outbox, as the engine does; their ids."""
        notices = []
        for _ in range(count):
            number = next(self._numbers)
            report = a_report(record=f"r{number}", target=target.id)
            notices.append(replace(a_notice(number), id=f"n{number}", report=report, created_at=self.clock()))
        version = (await self.store.load(target)).version
        await self.store.commit(target, version, Commit(Memory(), notices=tuple(notices)))
        return [notice.id for notice in notices]

    async def handle_due(self) -> None:
        """Give every visible message to the delivery. One whose worker dies comes back."""
        for target in self.store.take_due(self.store.deliver):
            try:
                await self.delivery.deliver(target)
            except (Crash, LeaseLost, StoreUnavailable):
                self.revive()
                self.store.deliver.append(Wake(self.clock() + timedelta(seconds=HIDDEN_SECONDS), target))

    async def run(self, hours: float = 48) -> None:
        """Let time pass, from message to message, until none is left or the hours are over."""
        end = self.clock() + timedelta(hours=hours)
        while self.store.deliver:
            due = min(wake.due for wake in self.store.deliver)
            if due > end:
                break
            self.clock.advance_to(due)
            await self.handle_due()
        self.clock.advance_to(end)

    def die_at(self, *points: int) -> None:
        """Kill the process when it reaches these points, counted over all store calls and sends from now on."""
        self.points = 0
        deaths = set(points)
        dead = False

        def reached(_point: str) -> None:
            nonlocal dead
            self.points += 1
            dead = dead or self.points in deaths
            if dead:
                raise Crash

        def revive() -> None:
            nonlocal dead
            dead = False

        self.revive = revive
        self.store.interrupt = reached
        for channel in self.channels:
            channel.point = reached


def a_target(name: str = "pg-payments") -> Target:
    return Target(Kind.FLEXIBLE, "11111111-1111-4111-8111-111111111111", "rg-payments", name)
