"""The fleet on a page: the worst first, found by search and filters, and seen by nobody who is not signed in."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from shared.orders import Hold, Orders
from shared.standing import change_orders
from shared.summaries import show
from shared.summary import Mark, Summary
from tests.builders import NOON, a_target
from tests.web.test_approve import contents
from tests.web.test_hostile_text import HOSTILE, must_be_harmless
from tests.web.world import ADA, Pages, text_of

PUBLIC, TLS, RANGES = "public-network-access-disabled", "tls-required", "firewall-public-ip-range-size"


async def a_fleet(**servers: Summary) -> Pages:
    pages = Pages(signed_in=ADA)
    for name, summary in servers.items():
        await show(pages.store, a_target(name.replace("_", "-")), summary)
    return pages


def standing(mark: Mark = Mark.OK, *controls: str, waiting: int = 0, trouble: str = "") -> Summary:
    marks = dict.fromkeys((PUBLIC, TLS, RANGES), Mark.OK) | dict.fromkeys(controls, mark)
    return Summary(NOON, marks, waiting, trouble)


async def listed(pages: Pages, query: str = "") -> list[str]:
    """The names of the servers on the page, in their order."""
    shown = await pages.get(f"overview{query}")
    assert shown.status == 200
    must_be_harmless(shown)
    return re.findall(r'role="rowheader"><a href="/api/servers/[0-9a-f]{24}">([^<]*)</a>', shown.body)


async def mixed() -> Pages:
    return await a_fleet(
        pg_fine=standing(),
        pg_dark=standing(trouble="it cannot be read"),
        pg_bent=standing(Mark.DRIFT, RANGES),
        pg_open=standing(Mark.DRIFT, TLS),
        pg_asks=standing(Mark.DRIFT, TLS, waiting=1),
        pg_held=standing(Mark.HELD, TLS),
        pg_free=standing(Mark.EXEMPT, TLS),
    )


async def test_the_worst_server_comes_first() -> None:
    worst_first = ["pg-asks", "pg-open", "pg-bent", "pg-dark", "pg-held", "pg-free", "pg-fine"]
    assert await listed(await mixed()) == worst_first


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?q=OPEN", ["pg-open"]),
        ("?q=pg-+rg-payments+bent", ["pg-bent"]),
        ("?q=nothing-like-that", []),
        ("?mark=drift", ["pg-asks", "pg-open", "pg-bent"]),
        ("?mark=waiting", ["pg-asks"]),
        ("?mark=held", ["pg-held"]),
        ("?mark=unknown", ["pg-dark"]),
        ("?mark=exempt", ["pg-free"]),
        ("?mark=ok", ["pg-fine"]),
        ("?mark=drift&domain=Network+Security+/+IP+Firewall+Rules", ["pg-bent"]),
        ("?domain=CSP+Access", []),
        ("?subscription=none", []),
        ("?mark=nonsense&q=fine", ["pg-fine"]),
    ],
)
async def test_search_and_filters_leave_what_is_asked_for(query: str, names: list[str]) -> None:
    assert await listed(await mixed(), query) == names


async def test_the_counts_lead_to_the_servers_they_count() -> None:
    pages = await mixed()
    shown = await pages.get("overview")
    links = re.findall(r'<a href="/api/overview([^"]*)"[^>]*><strong>(\d+)</strong>', shown.body)
    assert len(links) == 7
    for query, number in links:
        assert len(await listed(pages, query)) == int(number)


async def test_a_cell_says_in_words_what_its_colour_says() -> None:
    pages = await a_fleet(pg_open=standing(Mark.DRIFT, TLS))
    assert "1 drift" in text_of(await pages.get("overview"))


async def test_a_hold_is_shown_at_its_server_and_one_on_everything_above_all() -> None:
    pages = await a_fleet(pg_one=standing(), pg_two=standing())
    hold = Hold("h", a_target("pg-two").id.lower(), "r", "ada", NOON)
    await change_orders(pages.store, lambda _: Orders(holds=(hold,)))
    assert (await pages.get("overview")).body.count('class="chip held"') == 1
    await change_orders(pages.store, lambda _: Orders(holds=(Hold("all", "", "r", "ada", NOON),)))
    assert "Everything is held" in text_of(await pages.get("overview"))


async def test_a_server_that_no_look_has_seen_for_long_is_not_called_all_right() -> None:
    pages = await a_fleet(pg_fine=standing())
    assert await listed(pages, "?mark=ok") == ["pg-fine"]
    pages.at += timedelta(hours=4)
    assert await listed(pages, "?mark=ok") == []
    assert await listed(pages, "?mark=unknown") == ["pg-fine"]


async def test_a_large_fleet_comes_in_parts() -> None:
    pages = await a_fleet(**{f"pg_{number:03}": standing() for number in range(230)})
    assert [len(await listed(pages, f"?page={number}")) for number in (1, 2, 3, 9)] == [100, 100, 30, 30]
    assert await listed(pages, "?page=-1") == await listed(pages, "?page=x") == await listed(pages)


async def test_an_empty_fleet_says_what_brings_the_first_server() -> None:
    assert "the hourly sweep" in text_of(await Pages(signed_in=ADA).get("overview"))


async def test_who_is_not_signed_in_sees_nothing() -> None:
    pages = await mixed()
    pages.signed_in = None
    shown = await pages.get("overview")
    assert (shown.status, "pg-open" in shown.body) == (401, False)


async def test_looking_changes_nothing() -> None:
    pages = await mixed()
    before = contents(pages)
    await listed(pages, "?mark=drift")
    assert contents(pages) == before


@pytest.mark.parametrize("text", HOSTILE)
async def test_any_text_in_the_address_is_only_text(text: str) -> None:
    pages = await mixed()
    asked = urlencode(dict.fromkeys(("q", "mark", "domain", "subscription", "page"), text))
    must_be_harmless(await pages.get(f"overview?{asked}"))


async def test_only_the_page_that_keeps_itself_up_to_date_runs_a_script() -> None:
    pages = await mixed()
    policies = [(await pages.get(page)).headers["Content-Security-Policy"] for page in ("overview", "holds")]
    assert ["script-src 'sha256-" in policy for policy in policies] == [True, False]
    assert not any("unsafe" in policy for policy in policies)
