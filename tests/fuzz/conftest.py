"""Says at the end how many inputs each door was given, and with which seed."""

import pytest

from tests.fuzz.amount import COUNTS, IN_ALL


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """A line for each door."""
    if not IN_ALL:
        return
    for door, count in sorted(COUNTS.items()):
        terminalreporter.write_line(f"{count:>8}  {door}")
    seed = config.getoption("--hypothesis-seed")
    terminalreporter.write_line(f"{sum(COUNTS.values()):>8}  inputs in all, seed {seed}")
