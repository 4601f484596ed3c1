"""Where Azurite must not be missing (CI), a test that skips for want of it is a failure."""

import os
from collections.abc import Generator
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if report.skipped and item.get_closest_marker("azurite") and os.environ.get("HOLDFAST_REQUIRE_AZURITE"):
        report.outcome = "failed"
        report.longrepr = f"HOLDFAST_REQUIRE_AZURITE is set, and this test skipped: {report.longrepr}"
    return report
