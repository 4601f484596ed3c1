"""A real Chromium in front of the pages: what people see and click, and what axe-core has to say about it."""

import base64
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from shared.settings import ROOT

DESKTOP, PHONE = 1280, 390
_AXE = ROOT / ".azurite" / "node_modules" / "axe-core" / "axe.min.js"
_RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
  .then(found => done(found.violations.map(one => one.id + ": " + one.nodes.map(node => node.html).join(" | "))))
  .catch(error => done([String(error)]));
"""
_PATIENCE_SECONDS = 15
# A picture in the docs is to be looked at, not scrolled through.
_TALLEST = 2200


class Browser:
    """One window."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self._driver = driver

    def open(self, url: str) -> None:
        """Open an address."""
        self._driver.get(url)

    def click(self, words: str) -> None:
        """Click the link or button with these words, and wait for the page that comes."""
        here = self._driver.find_element(By.TAG_NAME, "html")
        self._labelled(words).click()
        WebDriverWait(self._driver, _PATIENCE_SECONDS).until(lambda _: self._is_gone(here))

    def press_by_keyboard(self, words: str) -> None:
        """Reach the button with the Tab key alone, and press Enter."""
        here = self._driver.find_element(By.TAG_NAME, "html")
        for _ in range(60):
            self._driver.switch_to.active_element.send_keys(Keys.TAB)
            if self._driver.switch_to.active_element.text == words:
                break
        self._driver.switch_to.active_element.send_keys(Keys.ENTER)
        WebDriverWait(self._driver, _PATIENCE_SECONDS).until(lambda _: self._is_gone(here))

    def write(self, label: str, text: str) -> None:
        """Write into the field whose label begins with these words."""
        for found in self._driver.find_elements(By.TAG_NAME, "label"):
            if found.text.startswith(label):
                field = self._driver.find_element(By.ID, found.get_attribute("for") or "")
                field.clear()
                field.send_keys(text)
                return
        raise AssertionError(f"no field {label!r} on: {self.text}")

    def until(self, words: str) -> None:
        """Load the page again until these words stand on it."""

        def look(driver: webdriver.Chrome) -> bool:
            driver.refresh()
            return words in self.text

        WebDriverWait(self._driver, _PATIENCE_SECONDS).until(look, f"{words!r} does not come: {self.text}")

    def wait_for(self, words: str) -> None:
        """Wait until these words stand on the page by themselves: it is not loaded again."""
        here = self._driver.find_element(By.TAG_NAME, "html")
        WebDriverWait(self._driver, _PATIENCE_SECONDS).until(
            lambda _: words in self.text, f"{words!r} does not come: {self.text}"
        )
        assert not self._is_gone(here)

    @property
    def text(self) -> str:
        """What can be read."""
        return self._driver.find_element(By.TAG_NAME, "body").text

    @property
    def path(self) -> str:
        """Where it is."""
        return "/" + self._driver.current_url.split("/", 3)[3]

    def is_enabled(self, words: str) -> bool:
        """Whether the button can be pressed."""
        return self._labelled(words).is_enabled()

    def has_no_fault(self) -> None:
        """Usable by everybody (WCAG 2.2 AA, as far as a program can tell), nothing cut off, nothing blocked."""
        self._driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
        self._driver.execute_script(_AXE.read_text(encoding="utf-8"))
        violations = self._driver.execute_async_script(_RUN_AXE)
        assert not violations, f"{self.path}: {violations}"
        wide = "return [document.scrollingElement.scrollWidth, window.innerWidth]"
        needed, there = self._driver.execute_script(wide)
        assert needed <= there, f"{self.path} is {needed} wide, the window {there}"

    def complaints(self) -> list[str]:
        """What the browser itself found wrong since the last time, but for pages that say no in their status."""
        said = self._driver.execute("getLog", {"type": "browser"})["value"]
        return [
            str(line["message"]) for line in said if "the server responded with a status of 4" not in line["message"]
        ]

    def save(self, path: Path) -> None:
        """Keep what the window shows, down to the end of the page, as a picture."""
        size = self._driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], _TALLEST), "scale": 1}
        asked = {"format": "png", "clip": clip, "captureBeyondViewport": True}
        path.write_bytes(base64.b64decode(self._driver.execute_cdp_cmd("Page.captureScreenshot", asked)["data"]))

    def forget(self) -> None:
        """Be nobody again."""
        self._driver.get("about:blank")
        self._driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self._driver.execute("getLog", {"type": "browser"})

    def _labelled(self, words: str) -> WebElement:
        for tag in ("button", "a"):
            for found in self._driver.find_elements(By.TAG_NAME, tag):
                if found.text == words:
                    return found
        raise AssertionError(f"no button or link {words!r} on: {self.text}")

    @staticmethod
    def _is_gone(page: WebElement) -> bool:
        try:
            page.is_enabled()
        except WebDriverException:
            # Between two pages the driver has several ways to say that there is no such thing any more.
            return True
        return False


@contextmanager
def a_browser(width: int = DESKTOP, *, dark: bool = False, scripts: bool = True) -> Iterator[Browser]:
    """A fresh window without cookies; skips the test where Chromium is missing."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver and _AXE.exists()):
        pytest.skip("needs chromium and chromedriver (apt: chromium, chromium-driver), and axe-core (make azurite)")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        # Chromium does not run its sandbox as root; the pages are our own.
        options.add_argument("--no-sandbox")
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    window = webdriver.Chrome(options=options, service=Service(driver))
    try:
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == PHONE}
        window.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        window.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        yield Browser(window)
    finally:
        window.quit()
