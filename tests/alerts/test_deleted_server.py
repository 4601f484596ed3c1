"""An alert about a server that is gone is not lost with it: people are told, once, under the fleet."""

import pytest

from shared.alert_door import take_in_alert
from shared.journal import NoticeKind, Stage
from shared.target import FLEET
from tests.alerts.shapes import CAPTURES
from tests.engine.world import World
from tests.fakes.clock import START


@pytest.mark.parametrize("seen", [False, True], ids=["never seen", "seen before"])
async def test_people_are_told_of_an_alert_about_a_deleted_server(seen: bool) -> None:
    world = World()
    if seen:
        await world.baseline()
    await take_in_alert(world.store, CAPTURES["export"], "event hub", START)
    del world.arm.states[world.target]
    await world.run_due()
    (notice,) = (await world.store.load(FLEET)).outbox
    assert notice.kind is NoticeKind.ALERT_RECEIVED
    assert f"{world.target} does not exist any more" in notice.report.outcome
    (entry,) = [entry for entry in await world.store.history(FLEET) if entry.stage is Stage.ORDERED]
    assert entry.report.severity == "high"
    assert not (await world.store.load(world.target)).triggers


async def test_an_alert_costs_the_reads_of_its_responses_once_and_no_write() -> None:
    world = World()
    await world.baseline()
    world.arm.calls.clear()
    await take_in_alert(world.store, CAPTURES["export"], "event hub", START)
    await world.run_due()
    assert "read firewallRules" in world.arm.calls
    assert len(world.arm.calls) == len(set(world.arm.calls))
    assert [call for call in world.arm.calls if not call.startswith("read ")] == []
