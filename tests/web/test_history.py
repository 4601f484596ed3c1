"""The page of what happened lately: searched, filtered, page by page, for whoever is signed in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.journal import Entry, Stage
from shared.ports import Commit
from tests.builders import NOON, a_target
from tests.web.test_hostile_text import must_be_harmless
from tests.web.world import ADA, Pages, a_report, text_of


def a_record(number: int, days_ago: int = 0, ending: Stage = Stage.PROVEN, server: str = "pg-payments") -> list[Entry]:
    at, name = NOON - timedelta(days=days_ago), f"019580f2-aaaa-7000-8000-{number:012}"
    report = replace(a_report(), record=name, at=at, target=a_target(server).id)
    if ending is Stage.DETECTED:
        return [Entry(name, 0, Stage.DETECTED, at, report)]
    return [Entry(name, 0, Stage.INTENDED, at, report), Entry(name, 1, ending, at, report)]


async def the_pages(*records: Sequence[Entry]) -> Pages:
    pages = Pages(signed_in=ADA)
    for entries in records:
        target = a_target(entries[0].report.target.rpartition("/")[2])
        dossier = await pages.store.load(target)
        await pages.store.commit(target, dossier.version, Commit(dossier.memory, tuple(entries)))
    return pages


async def test_every_record_leads_to_its_page_and_to_its_servers() -> None:
    shown = await (await the_pages(a_record(1), a_record(2, server="pg-risk"))).get("records")
    must_be_harmless(shown)
    body = shown.body
    assert "2 records." in text_of(shown)
    for number in (1, 2):
        assert f'href="/api/records/019580f2-aaaa-7000-8000-{number:012}"' in body
    assert ">pg-risk</a>" in body
    assert body.count('href="/api/servers/') >= 2


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 3),
        ("?q=PG-RISK", 1),
        ("?q=dana+payments", 2),
        ("?q=public-network-access-disabled", 3),
        ("?q=nothing", 0),
        ("?ending=proven", 2),
        ("?ending=found", 1),
        ("?days=7", 2),
        ("?days=7&ending=found", 0),
        ("?days=x&ending=x&page=x", 3),
        ("?q=%3Cscript%3E", 0),
    ],
)
async def test_the_filters(query: str, number: int) -> None:
    pages = await the_pages(a_record(1), a_record(2, 1, server="pg-risk"), a_record(3, 40, Stage.DETECTED))
    shown = await pages.get(f"records{query}")
    must_be_harmless(shown)
    assert f"{number} record{'' if number == 1 else 's'}." in text_of(shown)


async def test_fifty_stand_on_a_page_and_the_filter_goes_along() -> None:
    pages = await the_pages(*(a_record(number) for number in range(120)))
    first, last = await pages.get("records?q=payments"), await pages.get("records?q=payments&page=3")
    assert "120 records, page 1 of 3." in text_of(first)
    assert 'href="/api/records?q=payments&amp;page=2" rel="next"' in first.body
    assert 'rel="prev"' not in first.body
    assert last.body.count("/api/records/019580f2") == 20
    assert 'rel="next"' not in last.body
    assert "page 3 of 3" in text_of(await pages.get("records?page=99"))


async def test_an_empty_store_still_makes_a_page() -> None:
    assert "Nothing of the kind has happened." in text_of(await (await the_pages()).get("records"))


async def test_who_is_not_signed_in_sees_nothing() -> None:
    pages = await the_pages(a_record(1))
    pages.signed_in = None
    shown = await pages.get("records")
    assert shown.status == 401
    assert "pg-payments" not in text_of(shown)
