"""What stands around several servers is read once a minute, whoever asks, and a refusal that may pass is no answer."""

import asyncio

import pytest

from shared.arm.azure import AzureArm
from shared.arm.client import Call
from shared.arm.remembering import Remembering
from shared.errors import Forbidden, Throttled
from shared.state import Facet, FacetKind
from tests.arm.azure_side import AzureSide
from tests.arm.conftest import LEDGER, PARTNERS, PAYMENTS
from tests.fakes.clock import FakeClock
from tests.fakes.pipeline import ScriptedArm

_PLAN = Call("GET", "/subscriptions/s/pricings", "2024-01-01", "Microsoft.Security/pricings/read", "/subscriptions/s")


def _remembering(**answers: object) -> tuple[Remembering, ScriptedArm, FakeClock]:
    client, clock = ScriptedArm(**answers), FakeClock()
    return Remembering(client, clock), client, clock


async def test_the_same_question_is_asked_once_even_by_many_at_a_time() -> None:
    remembering, client, _ = _remembering(pricings={"value": []})
    answers = await asyncio.gather(*(remembering.send(_PLAN) for _ in range(8)))
    assert len(client.calls) == 1
    assert all(answer is answers[0] for answer in answers)


async def test_an_answer_counts_for_a_minute() -> None:
    remembering, client, clock = _remembering(pricings={"value": []})
    await remembering.send(_PLAN)
    clock.advance(59)
    await remembering.send(_PLAN)
    clock.advance(1)
    await remembering.send(_PLAN)
    assert len(client.calls) == 2


async def test_a_missing_permission_is_asked_about_once() -> None:
    remembering, client, _ = _remembering(pricings=Forbidden("no", "x/read", "/s"))
    for _ in range(3):
        with pytest.raises(Forbidden):
            await remembering.send(_PLAN)
    assert len(client.calls) == 1


async def test_a_pause_that_azure_asks_for_is_no_answer() -> None:
    remembering, client, _ = _remembering(pricings=Throttled("slow down", 5))
    for _ in range(2):
        with pytest.raises(Throttled):
            await remembering.send(_PLAN)
    assert len(client.calls) == 2


async def test_who_gives_up_waiting_takes_the_answer_from_nobody() -> None:
    remembering, _, _ = _remembering(pricings={"value": []})
    first = asyncio.create_task(remembering.send(_PLAN))
    second = asyncio.create_task(remembering.send(_PLAN))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).body == {"value": []}


async def test_old_answers_are_forgotten() -> None:
    remembering, client, clock = _remembering(pricings={"value": []})
    for number in range(600):
        clock.advance(1)
        await remembering.send(Call("GET", f"/{number}/pricings", "v", "p", "s"))
    assert len(client.calls) == 600
    assert len(remembering._asked) <= 500


async def test_a_subscriptions_plan_is_read_once_for_its_servers(arm: AzureArm, side: AzureSide) -> None:
    many = arm.for_many()
    for target in (PARTNERS, PAYMENTS, LEDGER):
        await many.observe(target, [Facet(FacetKind.PLANS)])
    assert (await side.calls()).count("Microsoft.Security/pricings/read") == 1
