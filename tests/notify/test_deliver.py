import asyncio
import itertools
from datetime import timedelta

import pytest

from shared.errors import LeaseLost
from shared.journal import Notice, Stage, decode
from shared.notify.deliver import Delivery, pause_seconds
from tests.notify.world import World, a_target

TARGET = a_target()


async def outbox(world: World) -> list[Notice]:
    return list((await world.store.load(TARGET)).outbox)


async def test_every_channel_is_told_everything_in_order() -> None:
    world = World("topic", "team")
    ids = await world.post(TARGET, 3)
    await world.run()
    assert [channel.ids(TARGET) for channel in world.channels] == [ids, ids]
    assert await outbox(world) == []


async def test_the_record_says_who_was_told() -> None:
    world = World("topic", "team")
    await world.post(TARGET)
    await world.run()
    (entry,) = await world.store.history(TARGET)
    assert (entry.stage, entry.number, entry.detail) == (
        Stage.NOTIFIED,
        1000,
        "Holdfast.Remediated told to team, topic",
    )


async def test_nothing_is_told_again() -> None:
    world = World("topic")
    ids = await world.post(TARGET)
    for _ in range(3):
        await world.store.wake_delivery(TARGET)
        await world.run()
    assert world.channels[0].ids(TARGET) == ids


async def test_a_notice_nobody_wants_is_finished() -> None:
    world = World("team")
    world.channels[0].takes = lambda _notice: False
    await world.post(TARGET)
    await world.run()
    assert (await world.store.history(TARGET))[0].detail == "Holdfast.Remediated told to nobody"


async def test_each_success_is_stored_before_the_next_message_leaves() -> None:
    world = World("topic", "team")
    await world.post(TARGET)
    before: list[str] = []
    world.channels[1].point = lambda _point: before.extend(world.store.calls)
    await world.run()
    assert "update_notice" in before


async def test_a_failing_channel_holds_back_only_itself() -> None:
    world = World("topic", "team")
    up_at = world.clock() + timedelta(minutes=10)
    world.channels[1].down = lambda at: at < up_at
    ids = await world.post(TARGET, 3)
    await world.handle_due()
    assert [channel.ids(TARGET) for channel in world.channels] == [ids, []]
    assert len(world.channels[1].tried) == 1
    await world.run()
    assert [channel.ids(TARGET) for channel in world.channels] == [ids, ids]


async def test_another_target_is_not_held_back() -> None:
    world = World("team")
    world.channels[0].down = lambda _at: True
    await world.post(TARGET)
    await world.handle_due()
    world.channels[0].down = lambda _at: False
    others = await world.post(a_target("pg-other"))
    await world.handle_due()
    assert world.channels[0].ids(a_target("pg-other")) == others
    assert world.channels[0].ids(TARGET) == []


async def test_news_does_not_hurry_a_channel_that_waits() -> None:
    world = World("topic", "team")
    world.channels[1].down = lambda _at: True
    await world.post(TARGET)
    await world.run(1)
    tried = len(world.channels[1].tried)
    (news,) = await world.post(TARGET)
    await world.handle_due()
    assert world.channels[0].ids(TARGET)[-1] == news
    assert len(world.channels[1].tried) == tried


async def test_the_pauses_double_up_to_a_quarter_of_an_hour() -> None:
    world = World("team")
    world.channels[0].down = lambda _at: True
    await world.post(TARGET)
    await world.run(1)
    tried = world.channels[0].tried
    pauses = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(tried)]
    assert pauses[:10] == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert pause_seconds(10_000) == 900


async def test_a_failure_is_kept_with_the_notice() -> None:
    world = World("team")
    world.channels[0].down = lambda _at: True
    await world.post(TARGET)
    await world.handle_due()
    (notice,) = await outbox(world)
    assert (notice.attempts, notice.last_error) == (1, "team: it is down")
    assert notice.next_at == world.clock() + timedelta(seconds=5)


async def test_a_long_outage_wakes_up_once_per_pause_however_many_notices_wait() -> None:
    world = World("team")
    world.channels[0].down = lambda _at: True
    for _ in range(20):
        await world.post(TARGET)
    await world.run(3)
    assert len(world.store.deliver) == 1


async def test_after_a_day_a_notice_becomes_a_dead_letter_and_the_next_has_its_turn() -> None:
    world = World("topic", "team")
    up_at = world.clock() + timedelta(hours=30)
    world.channels[1].down = lambda at: at < up_at
    (early,) = await world.post(TARGET)
    await world.run(10)
    (late,) = await world.post(TARGET)
    await world.run(30)
    assert world.channels[1].ids(TARGET) == [late]
    (letter,) = await world.store.dead_letters()
    assert (letter.id, letter.source) == (early, "notification")
    assert letter.reason == "not delivered for 24 h: team: it is down"
    assert decode(Notice, letter.body).delivered == {"topic"}
    details = [entry.detail for entry in await world.store.history(TARGET)]
    assert "Holdfast.Remediated told to topic; kept as a dead letter: team: it is down" in details
    assert await outbox(world) == []


async def test_a_queue_of_old_notices_is_given_up_in_minutes_not_days() -> None:
    world = World("team")
    world.channels[0].down = lambda _at: True
    ids = await world.post(TARGET, 5)
    await world.run(25)
    assert sorted(letter.id for letter in await world.store.dead_letters()) == ids


async def test_a_notice_is_not_given_up_before_each_channel_had_its_turn() -> None:
    world = World("pager", "team")
    pager, team = world.channels
    first, second = await world.post(TARGET, 2)
    pager.takes = lambda notice: notice.id == second
    pager.down = lambda _at: True
    back = world.clock() + timedelta(hours=24, minutes=10)
    team.down = lambda at: at < back
    await world.run()
    letters = {letter.id: decode(Notice, letter.body).delivered for letter in await world.store.dead_letters()}
    assert letters == {first: frozenset(), second: {"team"}}


async def test_a_message_that_comes_a_little_early_is_not_wasted() -> None:
    world = World("team")
    world.channels[0].down = lambda _at: True
    await world.post(TARGET)
    await world.handle_due()
    world.clock.advance(4)
    await world.delivery.deliver(TARGET)
    assert len(world.channels[0].tried) == 2


async def test_an_old_notice_is_not_given_up_because_we_were_down() -> None:
    world = World("team")
    ids = await world.post(TARGET, 2)
    world.clock.advance(3 * 86_400)
    up_at = world.clock() + timedelta(minutes=1)
    world.channels[0].down = lambda at: at < up_at
    await world.run()
    assert world.channels[0].ids(TARGET) == ids


async def test_a_route_that_was_removed_does_not_block() -> None:
    world = World("topic", "team")
    world.channels[1].down = lambda _at: True
    await world.post(TARGET)
    await world.run(0.1)
    world.use(world.channels[:1])
    await world.run()
    assert await outbox(world) == []
    assert (await world.store.history(TARGET))[0].detail == "Holdfast.Remediated told to topic"


async def test_a_second_worker_leaves_the_target_alone_and_comes_back() -> None:
    world = World("topic")
    ids = await world.post(TARGET, 2)
    await asyncio.gather(world.delivery.deliver(TARGET), world.delivery.deliver(TARGET))
    assert world.channels[0].ids(TARGET) == ids
    assert world.clock() + timedelta(seconds=2) in [wake.due for wake in world.store.deliver]


async def test_nothing_is_sent_on_a_lease_that_is_over() -> None:
    world = World("topic")
    world.channels[0].seconds = 40
    first, second = await world.post(TARGET, 2)
    with pytest.raises(LeaseLost):
        await world.delivery.deliver(TARGET)
    assert world.channels[0].ids(TARGET) == [first]
    world.channels[0].seconds = 0
    await world.run()
    assert world.channels[0].ids(TARGET) == [first, second]


async def test_a_long_queue_is_emptied_in_several_runs() -> None:
    world = World("topic")
    world.channels[0].seconds = 4
    world.delivery = Delivery(world.store, world.channels, world.clock, longest_run_seconds=10)
    ids = await world.post(TARGET, 10)
    await world.handle_due()
    assert world.channels[0].ids(TARGET) == ids[:3]
    await world.run()
    assert world.channels[0].ids(TARGET) == ids


async def test_closing_closes_the_channels() -> None:
    world = World("topic", "team")
    await world.delivery.close()
    assert all(channel.closed for channel in world.channels)
