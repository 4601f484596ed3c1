"""What the stores keep, as it is written down: the same things for both."""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from hypothesis import strategies as st

from shared.errors import HoldfastError
from shared.journal import encode
from shared.ports import Store
from tests.fuzz.hostile import anything, as_bytes, mutated
from tests.store.things import a_letter, a_memory, a_notice, a_record, a_target, a_trigger, an_entry

TARGET, RECORD = a_target(), a_record()
THINGS: dict[str, Any] = {
    "memory": a_memory(),
    "trigger": a_trigger(TARGET),
    "notice": a_notice(TARGET),
    "entry": an_entry(TARGET, RECORD),
    "letter": a_letter(),
}
WRITTEN: dict[str, bytes] = {name: encode(thing) for name, thing in THINGS.items()}


def spoiled(name: str) -> st.SearchStrategy[tuple[str, bytes]]:
    """The name of a thing, and what stands in its place."""
    return st.tuples(st.just(name), as_bytes(mutated(json.loads(WRITTEN[name])) | anything))


SPOILED = st.one_of([spoiled(name) for name in THINGS])


async def read_everything(store: Store) -> None:
    """Every read that doors, engine, pages and commands do; a refusal in our own words is an answer."""
    reads: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: store.load(TARGET),
        lambda: store.history(TARGET),
        store.history,
        lambda: store.record(RECORD),
        store.dead_letters,
    )
    for read in reads:
        with suppress(HoldfastError):
            await read()
