"""The pages about the fleet in a real browser: on a desk and on a phone, in the light and in the dark, by keyboard."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
import pytest_asyncio

from shared.summaries import key_of, summary_of
from shared.summary import Mark
from tests.e2e.browser import DESKTOP, PHONE, Browser, a_browser
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import Fleet, Sort
from tests.e2e.server import DANA, OPENED, Server
from tests.e2e.stacks import holdfast_up
from tests.e2e.waiting import until
from tests.e2e.world import World

pytestmark = pytest.mark.browser
POLICY = """
version: 1
mode: audit
routes:
  - name: on-call
    url_setting: ONCALL_URL
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def watching(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A Holdfast that only looks."""
    folder = tmp_path_factory.mktemp("watching")
    rules = folder / "policy.yaml"
    rules.write_text(POLICY)
    async with holdfast_up(folder, exchanges, rules, Fleet(folder / "fleet.json", {Sort.PRIVATE: 6})) as world:
        yield world


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def drifted(watching: World) -> Server:
    """A server that Dana has opened, and the overview knows it."""
    server = await watching.a_server(Sort.PRIVATE)
    await server.change(DANA, "PATCH", properties=OPENED)

    async def look() -> bool:
        shown = await summary_of(watching.store, key_of(server.target))
        return shown is not None and Mark.DRIFT in shown.summary.marks.values()

    await until(look, "the drift does not come")
    return server


@pytest.fixture(scope="module")
def desk(watching: World) -> Iterator[Browser]:
    with _signed_in(watching, DESKTOP, dark=False) as opened:
        yield opened


@contextmanager
def _signed_in(watching: World, width: int, *, dark: bool) -> Iterator[Browser]:
    """A window in which Ada is signed in, and nothing that the browser itself objects to."""
    with a_browser(width, dark=dark) as opened:
        opened.open(f"{watching.line['http']}/.auth/login/aad?as=ada")
        opened.complaints()
        yield opened
        assert opened.complaints() == []


async def test_a_drift_appears_on_the_open_page_by_itself(watching: World, desk: Browser) -> None:
    server = await watching.a_server(Sort.PRIVATE)
    desk.open(f"{watching.line['http']}/api/overview?q={server.name}")
    assert "1 of them shown" in desk.text
    assert "✕ 1" not in desk.text
    await server.change(DANA, "PATCH", properties=OPENED)
    desk.wait_for("✕ 1")


async def test_the_form_finds_servers_by_keyboard(watching: World, desk: Browser) -> None:
    server = await watching.a_server(Sort.PRIVATE)
    desk.open(f"{watching.line['http']}/api/overview")
    desk.write("Search", server.name)
    desk.press_by_keyboard("Show")
    assert f"q={server.name}" in desk.path
    assert "1 of them shown" in desk.text


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE], ids=["desk", "phone"])
async def test_everybody_can_use_the_pages(watching: World, drifted: Server, width: int, dark: bool) -> None:
    with _signed_in(watching, width, dark=dark) as browser:
        browser.open(f"{watching.line['http']}/api/overview?mark=drift")
        browser.has_no_fault()
        browser.click("Charts")
        browser.has_no_fault()
        browser.click("Records")
        assert drifted.name in browser.text
        browser.has_no_fault()
        browser.click("Overview")
        browser.click(drifted.name)
        assert "Dana" in browser.text or "dana.fields" in browser.text
        browser.has_no_fault()
