"""Azure's answers: of any shape they are read or refused in our own words, and no path is made that is none."""

import asyncio
from functools import cache
from typing import Any

import pytest
from hypothesis import strategies as st

from shared.errors import HoldfastError
from shared.target import Target
from tests.fuzz.amount import law
from tests.fuzz.arm import TARGETS, Played, arm_on, ask_everything, recorded
from tests.fuzz.hostile import mutated


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
