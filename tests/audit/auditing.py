"""An auditor in a small world."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from shared.audit import Auditor, Choice, Finding, Report, Status, Surveyor
from shared.control import Catalogue
from shared.target import Target
from tests.builders import CATALOGUE
from tests.engine.world import World

EVERYTHING = Choice()


async def reports(world: World, choice: Choice = EVERYTHING, catalogue: Catalogue = CATALOGUE) -> list[Report]:
    """The report of every server."""
    surveyor = Surveyor(world.arm, _sleeping(world))
    auditor = Auditor(world.arm, world.store, catalogue, world.policy, choice, surveyor, world.clock)
    return [report async for report in auditor.reports(each(world.arm.states))]


async def findings(world: World, choice: Choice = EVERYTHING, catalogue: Catalogue = CATALOGUE) -> dict[str, Finding]:
    """The findings about the only server, by control."""
    (report,) = await reports(world, choice, catalogue)
    return {finding.control.id: finding for finding in report.findings}


async def statuses(world: World, *controls: str) -> list[Status]:
    """What is said of these controls."""
    found = await findings(world)
    return [found[control].status for control in controls]


async def each(targets: Iterable[Target]) -> AsyncIterator[Target]:
    for target in targets:
        yield target


def _sleeping(world: World) -> Callable[[float], Awaitable[None]]:
    async def sleep(seconds: float) -> None:
        world.clock.advance(seconds)

    return sleep
