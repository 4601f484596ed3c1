"""A worker is killed at each of its steps, and at any moment: every server is put right once, and people are told once.

`make kills` kills at every step and as often again at random; the regular run takes a few of them. The seed is printed.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.e2e.exchanges import Exchanges
from tests.e2e.server import Server
from tests.e2e.waiting import until
from tests.faults.mortal import SEED, Mortal, mortals

_KILLS = int(os.environ.get("HOLDFAST_KILLS", "2"))
_MOST_STEPS = 150
# The way of one event takes about this long; a step that did not come by then does not come any more.
_WAY_SECONDS, _WAITED_SECONDS = 0.6, 4.0
# A message on which the process dies five times is poison, as it has to be.
_KILLS_IN_A_ROW = 3
_AT_RANDOM = "at random"


async def test_killed_at_any_step_each_server_is_put_right_once(
    tmp_path: Path, exchanges: Exchanges, storage: str
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - no secret
    async with mortals(tmp_path, exchanges, storage, servers=2 * min(_KILLS, _MOST_STEPS) + 1) as mortal:
        steps = await mortal.steps_of_one_event()
        chosen = chance.sample(steps, k=min(_KILLS, len(steps), _MOST_STEPS))
        plans = [step for pair in zip(chosen, [_AT_RANDOM] * len(chosen), strict=True) for step in pair]
        servers, died = [], Counter[str]()
        for number, step in enumerate(plans):
            server, ending = await _killed(mortal, step, chance)
            servers.append(server)
            died[ending] += 1
            if number % _KILLS_IN_A_ROW == 0:
                await mortal.again()
                await server.nothing_is_left_to_do()
                await mortal.rests()
        await mortal.again()
        await _all_is_well(mortal, servers)
    _report(f"{'azurite' if storage else 'sqlite'}: {len(steps)} steps known", died)


async def _killed(mortal: Mortal, step: str, chance: random.Random) -> tuple[Server, str]:
    """Somebody opens a server, and the host dies on the way."""
    await mortal.again(step=step)
    server = await mortal.world.an_opened_server()
    if step == _AT_RANDOM:
        await asyncio.sleep(chance.random() * _WAY_SECONDS)
        await mortal.kill()
        return server, _AT_RANDOM
    return server, "at a step" if await mortal.dies(_WAITED_SECONDS) else "step not reached"


async def _all_is_well(mortal: Mortal, servers: Sequence[Server]) -> None:
    for server in servers:
        await server.nothing_is_left_to_do()
        await server.was_put_right_once(mortal.kills)
    await mortal.rests()
    assert [letter.reason for letter in await mortal.world.store.dead_letters()] == []
    for server in servers:
        await until(partial(_is_free, mortal, server.id), f"the lease of {server.name} is held for ever", 20)


async def _is_free(mortal: Mortal, name: str) -> bool:
    lease = await mortal.world.store.acquire(name, 15)
    if lease is not None:
        await mortal.world.store.release(lease)
    return lease is not None


def _report(what: str, died: Counter[str]) -> None:
    counts = ", ".join(f"{count} {ending}" for ending, count in sorted(died.items()))
    print(f"\n{what}, seed {SEED}: killed {counts}; every server was put right once")
