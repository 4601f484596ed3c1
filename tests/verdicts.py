"""How many ARM exchanges of the end-to-end tests were judged: counted in every process, said at the end of the run.

Hooks of `tests/conftest.py`: the process that sums up collects no test, and so reads no conftest below that.
"""

from typing import Any

import pytest

from tests.contracts import VALIDATOR
from tests.e2e.exchanges import Verdict

VERDICTS = pytest.StashKey[list[Verdict]]()
SENT = "holdfast_exchanges"


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process of pytest-xdist has counted."""
    count, polls, faults = getattr(node, "workeroutput", {}).get(SENT, (0, 0, 0))
    verdict = Verdict(count, polls, ("",) * faults)
    node.config.stash.setdefault(VERDICTS, []).append(verdict)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many exchanges were judged."""
    verdicts = config.stash.get(VERDICTS, [])
    count, polls, faults = (
        sum(numbers)
        for numbers in zip((0, 0, 0), *((one.count, one.polls, len(one.faults)) for one in verdicts), strict=True)
    )
    if not count:
        return
    checked = f"{faults} contradict Microsoft's definitions" if VALIDATOR.exists() else f"not judged: no {VALIDATOR}"
    terminalreporter.write_line(f"end to end: {count} ARM exchanges recorded ({polls} polls), {checked}")
