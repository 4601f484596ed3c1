"""Azure's answers: of any shape they are read or refused in our own words, and no path is made that is none."""

import asyncio
from contextlib import suppress
from functools import cache
from typing import Any

import pytest
from hypothesis import strategies as st

from shared.arm.client import Call
from shared.engine import Engine
from shared.errors import HoldfastError
from shared.target import Target
from tests.builders import CATALOGUE, a_policy, a_trigger
from tests.engine.world import steadily
from tests.fakes.store import MemoryStore
from tests.fuzz.amount import law
from tests.fuzz.arm import MOMENT, TARGETS, Played, arm_on, ask_everything, recorded
from tests.fuzz.hostile import mutated
from tests.fuzz.log import nobody_forges_a_line


@pytest.fixture(autouse=True, scope="module")
def heard() -> None:
    """Not while inputs are made: an emulator is full of chance."""
    for target in TARGETS:
        recorded(target)


@cache
def worse(target: Target, key: str) -> st.SearchStrategy[Any]:
    return mutated(recorded(target)[key].body)


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[Target, str, Any]:
    """A server, a question about it, and what is answered instead."""
    target = draw(st.sampled_from(TARGETS))
    key = draw(st.sampled_from(sorted(recorded(target))))
    return target, key, draw(worse(target, key))


@law("ARM answers", 10, spoiled())
def test_an_answer_of_any_shape_is_read_or_refused_in_our_own_words(case: tuple[Target, str, Any]) -> None:
    target, key, body = case
    client, failures = Played(recorded(target), {key: body}), list[HoldfastError]()
    asyncio.run(ask_everything(arm_on(client), target, failures))
    assert client.writes == []


@law("servers put right under spoiled answers", 4, spoiled())
def test_a_pass_over_a_server_ends_well_or_in_our_own_words(case: tuple[Target, str, Any]) -> None:
    target, key, body = case
    client = Played(recorded(target), {key: body})

    async def run() -> None:
        store = MemoryStore(lambda: MOMENT)
        engine = Engine(store, arm_on(client), CATALOGUE, steadily(a_policy()), lambda: MOMENT)
        for number in range(2):
            await store.remember(a_trigger(target, id=f"event-{number}", at=MOMENT, received_at=MOMENT))
            with suppress(HoldfastError):
                await engine.reconcile(target)

    with nobody_forges_a_line():
        asyncio.run(run())
    assert all(owned(target, call) for call in client.writes)


def owned(target: Target, call: Call) -> bool:
    """Whether the write is to the server, or to something in a subscription of the emulated fleet."""
    return call.path.lower().startswith((target.id.lower(), *(f"/subscriptions/{one}/" for one in SUBSCRIPTIONS)))


SUBSCRIPTIONS = {target.subscription for target in TARGETS}
