"""The page of one server: how its controls stand, what waits, what is held and exempt, and what happened when."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.journal import Entry, Stage
from shared.memory import Memory
from shared.orders import Exemption, Hold, Orders
from shared.ports import Commit
from shared.standing import change_orders
from shared.summaries import key_of, show
from shared.summary import Mark, Summary
from tests.builders import NOON, a_target
from tests.web.test_approve import contents
from tests.web.test_hostile_text import must_be_harmless
from tests.web.world import ADA, RECORD, Pages, a_report, text_of

PUBLIC, TLS = "public-network-access-disabled", "tls-required"
PAGE = f"servers/{key_of(a_target())}"


async def a_server(mark: Mark = Mark.DRIFT, trouble: str = "") -> Pages:
    pages = Pages(signed_in=ADA)
    await show(pages.store, a_target(), Summary(NOON, {PUBLIC: mark, TLS: Mark.OK}, trouble=trouble))
    return pages


async def happened(pages: Pages, *stages: Stage) -> None:
    """Have a record with these lines."""
    dossier = await pages.store.load(a_target())
    entries = tuple(Entry(RECORD, number, stage, NOON, a_report()) for number, stage in enumerate(stages))
    await pages.store.commit(a_target(), dossier.version, Commit(dossier.memory, entries))


async def said(pages: Pages, page: str = PAGE) -> str:
    shown = await pages.get(page)
    assert shown.status == 200
    must_be_harmless(shown)
    return text_of(shown)


async def test_each_control_says_how_it_stands_with_what_was_found() -> None:
    pages = await a_server()
    await happened(pages, Stage.DETECTED)
    text = await said(pages)
    assert "1 drift, 1 ok" in text
    assert "✕ drift Public network access is disabled high" in text.replace("The server has no public endpoint", "")
    assert "Found Enabled Wanted Disabled" in text


async def test_what_happened_leads_to_its_record_with_before_after_and_actor() -> None:
    pages = await a_server(Mark.OK)
    await happened(pages, Stage.INTENDED, Stage.PROVEN, Stage.NOTIFIED)
    text = await said(pages)
    assert "Put right and proven" in text
    assert "dana.fields@contoso.example (user) from 198.51.100.23" in text
    assert "from Enabled → to Disabled" in text
    assert f'href="/api/records/{RECORD}"' in (await pages.get(PAGE)).body


async def test_a_plan_that_waits_leads_to_where_it_is_decided() -> None:
    pages = await a_server()
    await pages.wait_for_a_person()
    body = (await pages.get(PAGE)).body
    found = re.search(r'href="/api/(approve/[^"]+)"', body)
    assert found
    assert "Approve" in text_of(await pages.get(found[1]))


async def test_holds_and_exemptions_that_bear_on_it_are_shown_and_no_others() -> None:
    pages = await a_server()
    here, there = a_target().id.lower(), a_target("pg-other").id.lower()
    later = NOON + timedelta(hours=1)
    orders = Orders(
        holds=(Hold("h", here, "a migration", "ada", NOON), Hold("x", there, "elsewhere", "ada", NOON)),
        exemptions=(
            Exemption("e", here, (PUBLIC,), "an old client", "dana", later),
            Exemption("o", here, (PUBLIC,), "long over", "dana", NOON),
        ),
    )
    await change_orders(pages.store, lambda _: orders)
    text = await said(pages)
    assert "held every control : a migration" in text
    assert f"exempt {PUBLIC}: an old client dana, until" in text
    assert "elsewhere" not in text
    assert "long over" not in text


async def test_a_server_that_cannot_be_read_says_why() -> None:
    assert "may not be so any more: no right" in await said(await a_server(trouble="no right"))


async def test_the_last_known_good_values_are_there() -> None:
    pages = await a_server()
    dossier = await pages.store.load(a_target())
    memory = replace(Memory(), values={"firewallRules/office": {"startIpAddress": "192.0.2.1"}})
    await pages.store.commit(a_target(), dossier.version, Commit(memory))
    assert "192.0.2.1" in await said(pages)


@pytest.mark.parametrize("key", ["0" * 24, "nothing", "..", "a" * 500])
async def test_a_server_that_nobody_knows_is_not_found(key: str) -> None:
    assert (await (await a_server()).get(f"servers/{key}")).status == 404


async def test_who_is_not_signed_in_sees_nothing() -> None:
    pages = await a_server()
    pages.signed_in = None
    shown = await pages.get(PAGE)
    assert (shown.status, a_target().name in shown.body) == (401, False)


async def test_looking_changes_nothing() -> None:
    pages = await a_server()
    before = contents(pages)
    await said(pages)
    assert contents(pages) == before
