"""The pages in a real browser: from the link in a message to a server that is put right, on a desk and on a phone."""

import re
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from emulator.fleet import default_fleet
from shared.journal import Stage
from tests.e2e.browser import DESKTOP, PHONE, Browser, a_browser
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import Fleet, Sort
from tests.e2e.server import DANA, OPENED, Server
from tests.e2e.stacks import holdfast_up
from tests.e2e.waiting import until
from tests.e2e.world import World

pytestmark = pytest.mark.browser
ADA_ID = default_fleet().principals["ada"].object_id
POLICY = f"""
version: 1
mode: enforce
first_sight: audit
controls:
  public-network-access-disabled:
    mode: approve
    first_sight: audit
operators: [{ADA_ID}]
routes:
  - name: on-call
    url_setting: ONCALL_URL
"""
APPROVE, DENY = "Approve and carry out", "Deny: leave it as it is"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asking(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A Holdfast that asks before it closes a server."""
    folder = tmp_path_factory.mktemp("asking")
    rules = folder / "policy.yaml"
    rules.write_text(POLICY)
    async with holdfast_up(folder, exchanges, rules, Fleet(folder / "fleet.json", {Sort.PRIVATE: 20})) as world:
        yield world


@pytest.fixture(scope="module", params=[DESKTOP, PHONE])
def window(request: pytest.FixtureRequest) -> Iterator[Browser]:
    with a_browser(request.param) as opened:
        yield opened


@pytest.fixture
def browser(window: Browser) -> Iterator[Browser]:
    """A window in which nobody is signed in, and nothing that the browser itself objects to."""
    window.forget()
    yield window
    assert window.complaints() == []


async def asked(world: World) -> tuple[Server, str]:
    """A server that Dana has opened, and the link in the message about it."""
    server = await world.a_server(Sort.PRIVATE)
    await server.change(DANA, "PATCH", properties=OPENED)
    return server, await link_to(server, "approve")


async def link_to(server: Server, page: str) -> str:
    """The link to a page in the newest message about the server that has one."""

    async def look() -> list[str]:
        texts = "\n".join(message.text for message in server.messages)
        return re.findall(rf"http://[^\s()\[\]]+/api/{page}/[^\s()\[\]]+", texts)

    return (await until(look, f"no message about {server.name} leads to {page}"))[-1]


def sign_in(browser: Browser, name: str) -> None:
    """Follow the page's own link to the sign-in, and come back."""
    here = browser.path
    browser.click("Sign in")
    browser.click(name)
    assert browser.path == here


async def test_a_person_approves_and_the_server_is_put_right(asking: World, browser: Browser) -> None:
    server, link = await asked(asking)
    browser.open(link)
    assert f"{server.name}: public network access" in browser.text
    assert "To decide you have to be signed in." in browser.text
    browser.has_no_fault()
    sign_in(browser, "Ada Admin")
    browser.has_no_fault()
    assert await server.is_public()
    browser.click(APPROVE)
    assert "By you, at" in browser.text
    browser.until("and carried out")
    browser.has_no_fault()
    await server.reaches(Stage.PROVEN)
    assert not await server.is_public()


async def test_a_person_denies_and_the_server_stays_as_it_is(asking: World, browser: Browser) -> None:
    server, link = await asked(asking)
    browser.open(link)
    sign_in(browser, "Ada Admin")
    browser.write("Reason", "the migration of tonight needs it")
    browser.click(DENY)
    browser.until("denied by ada.admin@contoso.example: the migration of tonight needs it")
    browser.has_no_fault()
    await server.nothing_is_left_to_do()
    assert await server.is_public()
    assert await server.writes() == []


async def test_a_link_that_was_used_says_how(asking: World, browser: Browser) -> None:
    server, link = await asked(asking)
    with a_browser(PHONE) as other:
        other.open(link)
        sign_in(other, "Ines Auditor")
        browser.open(link)
        sign_in(browser, "Ada Admin")
        browser.click(APPROVE)
        other.click(APPROVE)
        assert "This plan was already approved by ada.admin@contoso.example" in other.text
        other.has_no_fault()
        other.click("Back to the page")
        assert "By ada.admin@contoso.example (user), at" in other.text
    await server.reaches(Stage.PROVEN)


async def test_whoever_made_the_change_cannot_decide(asking: World, browser: Browser) -> None:
    _, link = await asked(asking)
    browser.open(link)
    sign_in(browser, "Dana Fields")
    assert "somebody else has to approve what is done about it (four eyes)" in browser.text
    assert "somebody else has to say that it may stand (four eyes)" in browser.text
    assert not browser.is_enabled(APPROVE)
    assert not browser.is_enabled(DENY)
    browser.has_no_fault()


async def test_the_page_needs_no_scripts_and_no_mouse(asking: World) -> None:
    server, link = await asked(asking)
    with a_browser(scripts=False) as browser:
        browser.open(link)
        sign_in(browser, "Ada Admin")
        browser.press_by_keyboard(APPROVE)
        assert "By you, at" in browser.text
    await server.reaches(Stage.PROVEN)


@pytest.mark.parametrize("link", ["approve/not-a-link", "records/nothing", "holds"])
async def test_every_other_page_is_usable_by_everybody(asking: World, browser: Browser, link: str) -> None:
    browser.open(f"{asking.line['http']}/api/{link}")
    browser.has_no_fault()


async def test_in_the_dark_everything_can_be_read(asking: World) -> None:
    _, link = await asked(asking)
    with a_browser(PHONE, dark=True) as browser:
        browser.open(link)
        browser.has_no_fault()
        sign_in(browser, "Dana Fields")
        browser.has_no_fault()
        browser.open(f"{asking.line['http']}/api/holds")
        browser.has_no_fault()


async def test_an_operator_follows_a_record_and_takes_the_change_back(asking: World, browser: Browser) -> None:
    server, link = await asked(asking)
    browser.open(link)
    sign_in(browser, "Ada Admin")
    browser.click(APPROVE)
    await server.record(Stage.PROVEN)
    browser.open(await link_to(server, "records"))
    browser.until("Proven by reading again")
    browser.has_no_fault()
    browser.write("Reason", "the partner was not told")
    browser.click("Put back what was there before")
    assert "The undo is under way" in browser.text
    browser.has_no_fault()

    async def look() -> bool:
        return await server.is_public()

    await until(look, "the undo did not come")
    await server.nothing_is_left_to_do()
    assert await server.is_public()


async def test_an_operator_holds_everything_and_releases_it(asking: World, browser: Browser) -> None:
    server, link = await asked(asking)
    browser.open(f"{asking.line['http']}/api/holds")
    sign_in(browser, "Ada Admin")
    browser.has_no_fault()
    browser.write("Reason", "we look into something")
    browser.click("Hold: write nothing there")
    assert "Everything is held." in browser.text
    browser.has_no_fault()
    browser.open(link)
    browser.click(APPROVE)
    await server.nothing_is_left_to_do()
    assert await server.writes() == []
    browser.open(f"{asking.line['http']}/api/holds")
    browser.click("Release")
    assert "Nothing is held" in browser.text
