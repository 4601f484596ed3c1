"""Whatever comes in whatever order by whichever door: what is new is taken in, a copy never is, nothing is lost."""

import asyncio
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.alert_door import Fate, take_in_alert
from shared.alerts.known import known_alert
from shared.target import parse_target
from tests.alerts.shapes import ID, SERVER, an_export
from tests.fakes.clock import START, FakeClock
from tests.fakes.store import MemoryStore

STATUSES = ("New", "InProgress", "Resolved", "Dismissed")
ARRIVALS = st.lists(
    st.tuples(st.sampled_from(STATUSES), st.sampled_from(["event hub", "http", "event grid"]), st.integers(0, 90)),
    max_size=12,
)


@given(ARRIVALS)
def test_what_is_new_is_taken_in_and_a_copy_never_is(arrivals: list[tuple[str, str, int]]) -> None:
    asyncio.run(_arrive(arrivals))


async def _arrive(arrivals: list[tuple[str, str, int]]) -> None:
    store, at = MemoryStore(FakeClock()), START
    taken: list[str] = []
    for status, door, minutes in arrivals:
        at += timedelta(minutes=minutes)
        fate = (await take_in_alert(store, an_export(Status=status), door, at)).fate
        again = (await take_in_alert(store, an_export(Status=status), "http", at)).fate
        assert again is Fate.KNOWN
        assert fate is Fate.TAKEN or status in taken
        assert fate is Fate.KNOWN or not taken or taken[-1] != status
        taken += [status] if fate is Fate.TAKEN else []
    known = await known_alert(store, ID)
    waiting = {trigger.id for trigger in (await store.load(parse_target(SERVER))).triggers}
    assert len(waiting) == len(set(taken))
    assert (known is None) is (not taken)
    assert known is None or len(known.heard) == len(taken)
