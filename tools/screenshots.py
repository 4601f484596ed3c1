"""`make screenshots`: the pages as people see them, from a running Holdfast, into docs/images.

A small bank in an emulated Azure, the real app, a seeded run of changes; Chromium at a desk's and a phone's width.
"""

import asyncio
import sys
from pathlib import Path

from cli.living import Life
from cli.receiver import Receiver
from cli.stack import DEMO_POLICY, stack
from cli.stories.drift import PARTNERS
from shared.settings import ROOT
from shared.summaries import key_of
from shared.target import parse_target
from tests.e2e.browser import DESKTOP, PHONE, Browser, a_browser

_SEED, _THINGS = 7, 24
_SERVER = f"/api/servers/{key_of(parse_target(PARTNERS))}"
_PAGES = {"overview": "/api/overview", "server": _SERVER, "charts": "/api/charts", "records": "/api/records"}


async def _take(folder: Path) -> None:
    async with (
        Receiver().listening() as receiver,
        stack(policy=DEMO_POLICY, settings={"HOLDFAST_ONCALL_URL": receiver.apprise_url}, quiet=True) as running,
    ):
        life = Life(running.azure, running.store, _SEED)
        for _ in range(_THINGS):
            await life.next()
            await asyncio.sleep(0.3)
        await asyncio.to_thread(_shoot, running.line()["http"], folder)


def _shoot(http: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for width, name in ((DESKTOP, "desktop"), (PHONE, "phone")):
        for dark in (False, True):
            with a_browser(width, dark=dark) as browser:
                browser.open(f"{http}/.auth/login/aad?as=ada")
                _pages(browser, http, folder, f"{name}{'-dark' if dark else ''}")


def _pages(browser: Browser, http: str, folder: Path, ending: str) -> None:
    for name, path in _PAGES.items():
        browser.open(f"{http}{path}")
        browser.save(folder / f"{name}-{ending}.png")


if __name__ == "__main__":
    asyncio.run(_take(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"))
