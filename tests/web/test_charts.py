"""Charts: every number in a picture stands in the table beside it, and counts what the records say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.journal import Entry, Stage
from shared.ports import Commit
from shared.web.charts import by_day, by_time, happened, offenders
from tests.builders import NOON, a_target
from tests.examples import examples
from tests.web.test_hostile_text import must_be_harmless
from tests.web.world import ADA, Pages, a_report, text_of


def a_record(number: int, days_ago: int = 0, seconds: float | None = 2.0) -> tuple[Entry, ...]:
    """A drift that was put right within so many seconds; None: it was only told."""
    at, name = NOON - timedelta(days=days_ago), f"019580f2-aaaa-7000-8000-{number:012}"
    report = replace(a_report(), record=name, at=at)
    if seconds is None:
        return (Entry(name, 0, Stage.DETECTED, at, report),)
    proven = Entry(name, 1, Stage.PROVEN, at, replace(report, elapsed_seconds=seconds))
    return Entry(name, 0, Stage.INTENDED, at, report), proven


async def a_page(*records: Sequence[Entry]) -> Pages:
    pages = Pages(signed_in=ADA)
    for entries in records:
        dossier = await pages.store.load(a_target())
        await pages.store.commit(a_target(), dossier.version, Commit(dossier.memory, tuple(entries)))
    return pages


async def test_the_page_says_in_words_what_the_charts_show() -> None:
    pages = await a_page(a_record(1), a_record(2, 1, 40.0), a_record(3, 1, None), a_record(4, 60))
    shown = await pages.get("charts?days=30")
    must_be_harmless(shown)
    text = text_of(shown)
    assert "3 drifts in 30 days; half of those that were put right were so within" in text
    assert "2026-02-28 1 1" in text
    assert "dana.fields@contoso.example 3" in text
    assert "pg-payments 3" in text
    assert "public-network-access-disabled 3" in text
    assert "4 drifts in 90 days" in text_of(await pages.get("charts?days=90"))


@pytest.mark.parametrize("query", ["", "?days=", "?days=12", "?days=-1", "?days=<b>"])
async def test_an_empty_store_and_a_wrong_question_still_make_a_page(query: str) -> None:
    shown = await (await a_page()).get(f"charts{query}")
    must_be_harmless(shown)
    assert "0 drifts in 30 days" in text_of(shown)


async def test_who_is_not_signed_in_sees_nothing() -> None:
    pages = await a_page(a_record(1))
    pages.signed_in = None
    assert (await pages.get("charts")).status == 401


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 29), st.none() | st.floats(0, 1e6)), max_size=60))
def test_nothing_is_lost_between_the_records_and_the_bars(given_: list[tuple[int, float | None]]) -> None:
    found = happened([entry for n, (ago, time) in enumerate(given_) for entry in a_record(n, ago, time)])
    days = by_day(found, (NOON - timedelta(days=29)).date(), 30)
    assert sum(bar.lower + bar.upper for bar in days) == len(given_)
    assert sum(one.number for one in offenders(found, lambda _: [("somebody", "")])) == len(given_)
    times = by_time(sorted(one.seconds for one in found if one.seconds is not None))
    assert sum(bar.lower for bar in times) == sum(time is not None for _, time in given_)
    for bar in (*days, *times):
        assert bar.upper_y >= 0
        assert bar.y + bar.lower_height <= 230.1
