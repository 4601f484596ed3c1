"""A sweep gives each server its turn, goes on where a dead worker stopped, and is not overtaken by the next."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.journal import decode, encode
from shared.pace import PACE, slots
from shared.summaries import Shown, show
from shared.summary import Summary
from shared.sweeping import DOCUMENT, Sweep, Sweeping
from shared.target import FLEET, Subject, Target
from tests.builders import NOON, a_target
from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore
from tests.shared.test_pace import a_fleet, lowest


class Killed(BaseException):
    """What `kill -9` does to a worker."""


class Office:
    """One store, one clock, a fleet, and the turns that came due, with when."""

    def __init__(self, *sizes: int) -> None:
        self.clock = FakeClock()
        self.began = self.clock()
        self.store = MemoryStore(self.clock)
        self.fleet = a_fleet(sizes)
        self.sweeping = Sweeping(self.store, self.servers, self.clock)
        self.looks: list[tuple[float, Subject]] = []

    async def servers(self) -> AsyncIterator[Target]:
        for target in reversed(self.fleet):
            yield target

    async def pass_time(self, seconds: float, step: float = 10) -> None:
        """What the queue brings in that time, in steps."""
        for _ in range(int(seconds / step)):
            self.clock.advance(step)
            for subject in self.store.take_due(self.store.sweep):
                if subject == FLEET:
                    await self.sweeping.go_on()
                else:
                    self.looks.append(((self.clock() - self.began).total_seconds(), subject))

    async def die_after(self, turns: int) -> None:
        """Begin a sweep, and be killed after so many servers have their turn."""
        left = iter(range(turns + 1))

        def kill(point: str) -> None:
            if point == "after wake_sweep" and next(left, None) is None:
                raise Killed

        self.store.interrupt = kill
        with pytest.raises((Killed, BaseExceptionGroup)):
            await self.sweeping.begin()
        self.store.interrupt = lambda _: None

    def sweep(self) -> Sweep:
        body = self.store.body_of(DOCUMENT)
        assert body is not None
        return decode(Sweep, body)

    def seen(self) -> set[Subject]:
        return {subject for _, subject in self.looks}


async def test_every_server_gets_its_turn() -> None:
    office = Office(20, 20, 20)
    sweep = await office.sweeping.begin()
    assert (sweep.placed, sweep.servers) == (True, 60)
    await office.pass_time(60)
    assert sorted(str(subject) for _, subject in office.looks) == sorted(map(str, office.fleet))


async def test_a_server_of_the_overview_that_azure_does_not_list_gets_its_turn_too() -> None:
    office = Office(2)
    await show(office.store, a_target("pg-deleted"), Summary(office.clock()), new=True)
    assert (await office.sweeping.begin()).servers == 3
    await office.pass_time(60)
    assert office.seen() == {*office.fleet, a_target("pg-deleted")}


@pytest.mark.parametrize("content", [b"{", encode(Shown("/no/server", Summary(NOON)))], ids=["torn", "of no server"])
async def test_an_overview_that_cannot_be_read_keeps_no_server_from_its_turn(content: bytes) -> None:
    office = Office(2)
    await office.store.write_document("servers/broken", content)
    assert (await office.sweeping.begin()).servers == 2


async def test_an_empty_fleet_is_swept_in_no_time() -> None:
    office = Office()
    assert (await office.sweeping.begin()).placed
    assert (await office.sweeping.begin()).servers == 0


async def test_a_sweep_that_dies_in_the_middle_is_gone_on_with_and_nobody_is_left_out() -> None:
    office = Office(*[20] * 50)
    await office.die_after(600)
    assert office.sweep().cursor.endswith(office.fleet[511].id)
    await office.pass_time(900)
    assert office.seen() == set(office.fleet)
    assert len(office.looks) < len(office.fleet) + 256


async def test_who_goes_on_late_does_not_make_up_for_it() -> None:
    office = Office(1000)
    await office.die_after(600)
    office.clock.advance(7200)
    await office.pass_time(3600, step=1)
    assert office.seen() == set(office.fleet)
    late = [at for at, subject in office.looks if subject in office.fleet[512:] and at > 7202]
    assert lowest(PACE.reads, [(at - 7200, PACE.reads_per_look) for at in late]) >= -PACE.reads_per_look


async def test_a_sweep_that_takes_longer_than_an_hour_is_not_overtaken() -> None:
    office = Office(3000)
    first = await office.sweeping.begin()
    office.clock.advance(3600)
    assert await office.sweeping.begin() == first
    office.clock.advance(3600 * 2)
    assert (await office.sweeping.begin()).began_at == office.clock()


async def test_two_workers_at_one_sweep_leave_nobody_out() -> None:
    office = Office(*[20] * 20)
    await asyncio.gather(office.sweeping.begin(), office.sweeping.begin(), office.sweeping.go_on())
    await office.pass_time(600)
    assert office.seen() == set(office.fleet)


async def test_ten_thousand_servers_in_five_hundred_subscriptions_are_spread_over_time() -> None:
    office = Office(*[20] * 500)
    await office.sweeping.begin()
    due = [(wake.due - office.began).total_seconds() for wake in office.store.sweep if wake.target != FLEET]
    assert len(due) == 10_000
    per_minute = [sum(1 for at in due if minute * 60 <= at < minute * 60 + 60) for minute in range(20)]
    assert max(per_minute) <= 60 * PACE.fleet.per_second + PACE.fleet.size + 40
    last = max(after for _, after in slots(sorted(office.fleet, key=lambda one: one.subscription)))
    assert max(due) == pytest.approx(last)
