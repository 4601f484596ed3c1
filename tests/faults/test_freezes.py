"""A worker is frozen beyond its lease (SIGSTOP), another takes its server over, and the first one wakes up."""

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

from shared import stewardship
from shared.journal import Stage, new_id, now
from shared.orders import Hold
from tests.e2e.exchanges import Exchanges
from tests.e2e.server import ADA, OPENED, Server
from tests.e2e.waiting import until
from tests.engine.people import ALICE
from tests.faults.mortal import SEED, THE_WRITE, Mortal, mortals

_FREEZES = int(os.environ.get("HOLDFAST_FREEZES", "1"))
_STOPPED = "T"
_HARM_SECONDS = 10.0


async def test_a_frozen_worker_that_wakes_up_late_writes_nothing(
    tmp_path: Path, exchanges: Exchanges, storage: str
) -> None:
    async with mortals(tmp_path, exchanges, storage, servers=_FREEZES + 2, hosts=2) as mortal:
        _, other = mortal.world.hosts
        await other.kill()
        # Events reach the first one only; what it does not finish, the other finds in the store.
        await mortal.world.azure.control("DELETE", "/subscriptions/holdfast-1")
        steps = await _steps_up_to_the_write(mortal)
        earlier = random.Random(SEED).sample(steps[:-1], k=min(_FREEZES, len(steps)) - 1)  # noqa: S311 - no secret
        lost = [await _frozen_at(mortal, step) for step in (*earlier, THE_WRITE)]
    said = f"frozen at {len(lost)} steps, no late write; {sum(lost)} said that the lease was lost"
    print(f"\n{'azurite' if storage else 'sqlite'}, seed {SEED}: {said}")


async def _steps_up_to_the_write(mortal: Mortal) -> list[str]:
    """What a worker does from taking an event's message until the write is about to leave."""
    # The first worker of all makes what a store needs, so the second one's steps are those of every later one.
    await mortal.steps_of_one_event()
    steps = await mortal.steps_of_one_event()
    leased = next(number for number, step in enumerate(steps) if _takes_the_lease(step))
    return steps[leased : steps.index(THE_WRITE) + 1]


def _takes_the_lease(step: str) -> bool:
    return step.startswith(("after acquire in the store", "after PUT storage holdfast-leases"))


async def _frozen_at(mortal: Mortal, step: str) -> bool:
    """Whether the worker said that its lease is lost; in no case it may write."""
    first, other = mortal.world.hosts
    await mortal.world.subscribe(mortal.world.line["events"], name="holdfast-0")
    await mortal.again(step=step, signal=signal.SIGSTOP)
    server = await mortal.world.an_opened_server()

    async def frozen() -> bool:
        return first.state == _STOPPED

    await until(frozen, f"the first worker does not come to {step}")
    try:
        line = await other.start()
        await mortal.world.subscribe(line["events"]["on_resource_change"], name="holdfast-0")
        await server.record(Stage.PROVEN)
        assert not await server.is_public()
        await _a_person_opens_it_for_good(mortal, server)
        errors = first.log.read_text(encoding="utf-8").count("LeaseLost")
    finally:
        first.signal(signal.SIGCONT)

    lost = await _says_within(_HARM_SECONDS, lambda: first.log.read_text(encoding="utf-8").count("LeaseLost") > errors)
    # Woken before it has decided anything, a worker may read the hold and have nothing to send.
    assert lost or step != THE_WRITE, f"the worker that was frozen at {step} does not say that its lease is lost"
    await server.nothing_is_left_to_do()
    assert await server.is_public(), f"frozen at {step}, woken late, it wrote over what a person had said since"
    assert await server.writes() == ["PATCH "]
    await other.kill()
    return lost


async def _says_within(seconds: float, said: Callable[[], bool]) -> bool:
    """Whether it is said within this time, in which a worker that was woken would have done its harm."""

    async def heard() -> bool:
        return said()

    try:
        await until(heard, "nothing is said", seconds)
    except AssertionError:
        return False
    return True


async def _a_person_opens_it_for_good(mortal: Mortal, server: Server) -> None:
    """What a late write would destroy: nothing may be written here, and somebody has opened the server."""
    hold = Hold(new_id(now()), server.id, "a migration", ALICE.name, now())
    await stewardship.hold(mortal.world.store, hold, ALICE)
    await server.change(ADA, "PATCH", properties=OPENED)
    await server.nothing_is_left_to_do()
