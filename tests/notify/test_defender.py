"""A status that an alert is to have is delivered as a message is: at least once, in order, and the record says so."""

from dataclasses import replace

import pytest

from shared.alert import AlertStatus, StatusWish
from shared.alerts.life import status_notice
from shared.errors import Forbidden, Gone, Refused, Rejected, Throttled
from shared.journal import Notice, Stage
from shared.memory import Memory
from shared.notify.defender import Defender
from shared.ports import Commit
from shared.target import parse_target
from tests.alerts.shapes import CAPTURES, read
from tests.fakes.clock import START
from tests.notify.builders import SERVER, a_notice, a_report
from tests.notify.world import World

TARGET = parse_target(SERVER)


class FakeDefender:
    """Keeps the statuses it is given; says no as long as it is told to."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.given: list[StatusWish] = []

    async def set_status(self, wish: StatusWish) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.given.append(wish)


def a_status(number: int = 0, status: AlertStatus = AlertStatus.IN_PROGRESS) -> Notice:
    return status_notice(a_report(), read(CAPTURES["export"]), status, START, number)


async def delivered(world: World, defender: FakeDefender, *notices: Notice) -> list[str]:
    """Deliver until the outbox is empty; what the record says about it."""
    world.use([*world.channels, Defender(lambda: defender)])
    dossier = await world.store.load(TARGET)
    await world.store.commit(TARGET, dossier.version, Commit(Memory(), notices=notices))
    for _ in range(10):
        await world.delivery.deliver(TARGET)
        world.clock.advance(60)
    assert not (await world.store.load(TARGET)).outbox
    return [entry.detail for entry in await world.store.history(TARGET) if entry.stage is Stage.NOTIFIED]


async def test_a_status_is_set_and_recorded() -> None:
    world, defender = World("topic"), FakeDefender()
    assert await delivered(world, defender, a_status()) == ["Holdfast.AlertStatus told to defender, topic"]
    assert [wish.status for wish in defender.given] == [AlertStatus.IN_PROGRESS]


async def test_what_gives_no_status_is_not_defenders() -> None:
    defender = FakeDefender()
    assert await delivered(World("topic"), defender, a_notice()) == ["Holdfast.Remediated told to topic"]
    assert defender.given == []


@pytest.mark.parametrize("error", [Throttled("wait"), Forbidden("x is missing", "x", "y")])
async def test_trouble_is_tried_again_and_the_order_kept(error: Exception) -> None:
    world, defender = World("topic"), FakeDefender(error, error)
    await delivered(world, defender, a_status(0), a_status(1, AlertStatus.RESOLVED))
    assert [wish.status for wish in defender.given] == [AlertStatus.IN_PROGRESS, AlertStatus.RESOLVED]


@pytest.mark.parametrize("error", [Refused("dismissed, and that stays"), Gone("no such alert"), Rejected("no", "Bad")])
async def test_a_refusal_is_recorded_and_holds_nothing_up(error: Exception) -> None:
    world, defender = World("topic"), FakeDefender(error)
    first, second = await delivered(world, defender, a_status(0), a_status(1, AlertStatus.RESOLVED))
    assert first == f"Holdfast.AlertStatus told to topic; refused by defender: {error}"
    assert second == "Holdfast.AlertStatus told to defender, topic"
    assert len(world.channels[0].got) == 2


async def test_a_defender_that_never_answers_is_trouble_and_not_the_end() -> None:
    class Asleep:
        async def set_status(self, wish: StatusWish) -> None:
            import asyncio

            await asyncio.sleep(60)

    from shared.errors import DeliveryFailed

    with pytest.raises(DeliveryFailed, match=r"no answer within 0\.01 s"):
        await Defender(Asleep, 0.01).send(a_status())


async def test_what_is_no_status_is_nothing_to_send() -> None:
    defender = FakeDefender()
    await Defender(lambda: defender).send(replace(a_status(), defender=None))
    assert defender.given == []
