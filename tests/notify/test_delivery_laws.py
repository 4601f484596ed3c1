"""Laws of the delivery, whatever fails and wherever the process is killed.

At least once; in order per target and channel; never again after a success was stored; never lost; and of all
messages only the one in flight at a crash may arrive twice, at once after itself.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import StoreUnavailable
from shared.journal import Stage
from shared.target import Target
from tests.examples import examples
from tests.fakes.clock import START
from tests.notify.world import World, a_target

TARGETS = (a_target(), a_target("pg-orders"))
type Posted = dict[Target, list[str]]


@dataclass(frozen=True)
class Outages:
    """Whether something is down; `windows` are (start, length) in hours from the beginning."""

    windows: list[tuple[float, float]]

    def __call__(self, at: datetime) -> bool:
        hours = (at - START) / timedelta(hours=1)
        return any(start <= hours < start + length for start, length in self.windows)


OUTAGES = st.builds(Outages, st.lists(st.tuples(st.floats(0, 12), st.floats(0, 3)), max_size=4))


async def a_story(*deaths: int) -> int:
    """Six notices about two servers to two channels, one of which is down for a while; how many points there were."""
    world = World("topic", "team")
    world.channels[1].down = lambda at: at < START + timedelta(minutes=3)
    posted: Posted = {target: await world.post(target, 2) for target in TARGETS}
    world.die_at(*deaths)
    await world.run(1)
    points = world.points
    # Nothing waits for later news to be noticed.
    await check(world, posted, len(deaths))
    world.die_at()
    for target in TARGETS:
        posted[target] += await world.post(target)
    await world.run(24)
    await check(world, posted, len(deaths))
    return points


async def check(world: World, posted: Posted, crashes: int) -> None:
    repeats = 0
    for target in TARGETS:
        for channel in world.channels:
            got = channel.ids(target)
            once = [one for one, before in zip(got, [None, *got], strict=False) if one != before]
            assert once == posted[target]
            repeats += len(got) - len(once)
        assert (await world.store.load(target)).outbox == ()
        told = [entry for entry in await world.store.history(target) if entry.stage is Stage.NOTIFIED]
        assert len(told) == len(posted[target])
    assert repeats <= crashes
    assert await world.store.dead_letters() == []


def test_a_kill_at_any_point_loses_nothing_and_repeats_one_message_at_most() -> None:
    points = asyncio.run(a_story())
    assert points > 60
    for death in range(1, points + 1):
        asyncio.run(a_story(death))


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.integers(1, 120), max_size=6, unique=True))
def test_several_kills_lose_nothing(deaths: list[int]) -> None:
    asyncio.run(a_story(*deaths))


@settings(max_examples=examples(60), deadline=None)
@given(
    channels=st.lists(OUTAGES, min_size=3, max_size=3),
    store=OUTAGES,
    posts=st.lists(st.tuples(st.sampled_from(TARGETS), st.floats(0, 2)), min_size=1, max_size=8),
)
def test_outages_of_receivers_and_store_lose_nothing(
    channels: list[Outages], store: Outages, posts: list[tuple[Target, float]]
) -> None:
    asyncio.run(_with_outages(channels, store, posts))


async def _with_outages(channels: list[Outages], store: Outages, posts: list[tuple[Target, float]]) -> None:
    world = World("topic", "team", "mail")
    for channel, outages in zip(world.channels, channels, strict=True):
        channel.down = outages
    failures = 0

    def fail(_point: str) -> None:
        nonlocal failures
        if store(world.clock()):
            failures += 1
            raise StoreUnavailable("it is down")

    posted: Posted = {target: [] for target in TARGETS}
    for target, hours in posts:
        world.store.interrupt = lambda _point: None
        posted[target] += await world.post(target)
        world.store.interrupt = fail
        await world.run(hours)
    await world.run(48)
    await check(world, posted, failures)
