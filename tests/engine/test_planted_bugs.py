"""The laws of the fleet find the bugs that are planted into the product: those that are found quickly, or all of them
(`make planted`)."""

import logging
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.engine.planted import BUGS, Bug
from tests.engine.test_fleet_laws import Operation

_ALL = os.environ.get("HOLDFAST_PLANTED") == "all"
_CHOSEN = [bug for bug in BUGS if bug.cheap or _ALL]
# It is enough to be found; what is found need not be made small.
_QUICK = settings(
    max_examples=300,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    """What is logged of so many faults is no help to anybody."""
    logging.getLogger("holdfast").setLevel(logging.CRITICAL)
    yield
    logging.getLogger("holdfast").setLevel(logging.NOTSET)


@pytest.mark.parametrize("bug", _CHOSEN, ids=lambda bug: bug.name)
def test_a_planted_bug_is_found(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    begun = time.monotonic()
    with pytest.raises(AssertionError, match=bug.law):
        run_state_machine_as_test(Operation, settings=_QUICK)
    print(f"{time.monotonic() - begun:6.1f} s until {bug.law} found: {bug.name}")


def test_the_documentation_lists_every_planted_bug() -> None:
    page = Path(__file__).parents[2] / "docs" / "faults.md"
    listed = re.findall(r"^\| ([\w ]+) \| `(\w+)`[\w ,`]* \| [\w ]+ s \|$", page.read_text(), re.MULTILINE)
    assert listed == [(bug.name, bug.law.partition("|")[0]) for bug in BUGS]
