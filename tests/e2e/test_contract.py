"""What Holdfast asks of Azure and what the emulator answers, held against Microsoft's definitions.

The whole run is judged at its end (conftest.py); this is the part that can say why it did not happen.
"""

import pytest

from shared.journal import Stage
from tests.contracts import VALIDATOR
from tests.e2e.exchanges import Exchanges
from tests.e2e.world import World


async def test_every_exchange_so_far_keeps_the_definitions(world: World, exchanges: Exchanges) -> None:
    if not VALIDATOR.exists():
        pytest.skip(f"the contract validator is not here: {VALIDATOR}")
    server = await world.an_opened_server()
    await server.record(Stage.PROVEN)
    verdict = exchanges.judged()
    assert verdict.faults == ()
    assert verdict.count > 100
