"""Where Azurite, a browser or PostgreSQL must not be missing (CI), a test that skips for want of it is a failure.

`pytest --hypothesis-profile=deep` looks thirty times longer for counterexamples. Usually the
examples are the same each time.
"""

import os
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import settings

from tests.verdicts import pytest_terminal_summary, pytest_testnodedown

__all__ = ["pytest_terminal_summary", "pytest_testnodedown"]

# No test fails because the machine is busy: how fast things are is what `make bench` says.
settings.register_profile("usual", derandomize=True, deadline=None)
settings.register_profile("quick", max_examples=15, derandomize=True, deadline=None)
settings.register_profile("deep", max_examples=3000, deadline=None)
settings.register_profile(
    "faults", max_examples=int(os.environ.get("HOLDFAST_FAULTS", "2000")), database=None, deadline=None
)
settings.register_profile("fuzz", database=None, deadline=None)
settings.load_profile("usual")

_REQUIRED = {
    "azurite": "HOLDFAST_REQUIRE_AZURITE",
    "browser": "HOLDFAST_REQUIRE_BROWSER",
    "postgres": "HOLDFAST_REQUIRE_POSTGRES",
}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    for marker, variable in _REQUIRED.items():
        if report.skipped and item.get_closest_marker(marker) and os.environ.get(variable):
            report.outcome = "failed"
            report.longrepr = f"{variable} is set, and this test skipped: {report.longrepr}"
    return report
