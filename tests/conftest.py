"""Where Azurite must not be missing (CI), a test that skips for want of it is a failure.

`pytest --hypothesis-profile=deep` looks thirty times longer for counterexamples. Usually the
examples are the same each time.
"""

import os
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import settings

# No test fails because the machine is busy: how fast things are is what `make bench` says.
settings.register_profile("usual", derandomize=True, deadline=None)
settings.register_profile("deep", max_examples=3000, deadline=None)
settings.load_profile("usual")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if report.skipped and item.get_closest_marker("azurite") and os.environ.get("HOLDFAST_REQUIRE_AZURITE"):
        report.outcome = "failed"
        report.longrepr = f"HOLDFAST_REQUIRE_AZURITE is set, and this test skipped: {report.longrepr}"
    return report
