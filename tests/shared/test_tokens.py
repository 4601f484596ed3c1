"""Tokens: nobody else can make or change one, each is good for one thing, and all of them end."""

import asyncio
import string
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import BadToken, ExpiredToken
from shared.tokens import Tokens, Use, tokens_of
from tests.builders import NOON
from tests.fakes.store import MemoryStore

KEY, NEW_KEY = "k" * 32, "n" * 32
TOKENS = Tokens([KEY])
LATER = NOON + timedelta(hours=1)
LINK = TOKENS.made(Use.APPROVAL_LINK, ["0198", "digest"], LATER)
URL_SAFE = frozenset(string.ascii_letters + string.digits + "-_.")


def read(token: str, tokens: Tokens = TOKENS, use: Use = Use.APPROVAL_LINK) -> tuple[str, ...]:
    return tokens.read(use, token, NOON)


@given(st.lists(st.text()), st.sampled_from(Use))
def test_a_token_brings_back_what_was_put_in_and_needs_no_escaping(texts: list[str], use: Use) -> None:
    token = TOKENS.made(use, texts, LATER)
    assert read(token, use=use) == tuple(texts)
    assert set(token) <= URL_SAFE


def test_the_same_texts_make_the_same_link() -> None:
    assert TOKENS.made(Use.APPROVAL_LINK, ["0198", "digest"], LATER) == LINK


@given(st.integers(0, len(LINK) - 1), st.sampled_from(sorted(URL_SAFE)))
def test_a_changed_letter_makes_it_worthless(place: int, letter: str) -> None:
    changed = f"{LINK[:place]}{letter}{LINK[place + 1 :]}"
    if changed == LINK:
        return
    try:
        assert read(changed) == read(LINK)
    except BadToken:
        return
    # The last letter of the signature holds bits that stand for nothing.
    assert place == len(LINK) - 1


@given(st.text() | st.text(sorted(URL_SAFE)))
def test_any_other_text_is_no_token(text: str) -> None:
    with pytest.raises(BadToken):
        read(text)


@given(st.integers(0, len(LINK) - 1))
def test_a_token_that_was_cut_off_is_worthless(length: int) -> None:
    with pytest.raises(BadToken):
        read(LINK[:length])


def test_a_token_for_one_thing_is_worth_nothing_for_another() -> None:
    with pytest.raises(BadToken):
        read(LINK, use=Use.FORM)


def test_a_token_ends_at_its_moment() -> None:
    assert TOKENS.read(Use.APPROVAL_LINK, LINK, LATER - timedelta(seconds=1))
    with pytest.raises(ExpiredToken, match="over at 2026-03-01 13:00 UTC"):
        TOKENS.read(Use.APPROVAL_LINK, LINK, LATER)


def test_another_key_reads_nothing() -> None:
    with pytest.raises(BadToken):
        read(LINK, Tokens([NEW_KEY]))


def test_keys_are_changed_one_by_one() -> None:
    both = Tokens([NEW_KEY, KEY])
    assert read(LINK, both)
    fresh = both.made(Use.APPROVAL_LINK, ["0198"], LATER)
    assert read(fresh, Tokens([NEW_KEY]))
    with pytest.raises(BadToken):
        read(fresh)


def test_half_a_character_is_no_token_of_ours() -> None:
    with pytest.raises(BadToken):
        read("\ud800", Tokens([KEY]))


async def test_the_keys_of_the_settings_come_first() -> None:
    store = MemoryStore()
    assert read(LINK, await tokens_of([KEY], store))
    assert store.calls == []


async def test_without_keys_all_instances_find_one_in_the_store() -> None:
    store = MemoryStore()
    one, other = await asyncio.gather(tokens_of([], store), tokens_of([], store))
    third = await tokens_of([], store)
    token = one.made(Use.FORM, ["a"], LATER)
    assert read(token, other, Use.FORM) == read(token, third, Use.FORM) == ("a",)


async def test_the_key_in_the_store_is_long_and_another_one_in_every_store() -> None:
    keys = set()
    for _ in range(2):
        store = MemoryStore()
        await tokens_of([], store)
        document = await store.document("signing-key")
        assert document is not None
        keys.add(document.body)
    assert len(keys) == 2
    assert all(len(key) >= 43 for key in keys)
