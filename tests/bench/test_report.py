"""The measured tables come into their places of the page, and no prose is touched."""

import pytest

from bench.report import PERFORMANCE, filled, machine
from bench.tables import number

_PAGE = """\
Before.
<!-- measured: one -->
old
<!-- end -->
Between.
<!-- measured: two -->
kept
<!-- end -->
After.
"""


def test_a_table_takes_its_place_and_the_rest_stays() -> None:
    assert filled(_PAGE, {"one": "| new |"}) == _PAGE.replace("old", "| new |")


def test_filling_twice_is_filling_once() -> None:
    once = filled(_PAGE, {"one": "1", "two": "2"})

    assert filled(once, {"one": "1", "two": "2"}) == once


def test_a_table_without_a_place_is_refused() -> None:
    with pytest.raises(KeyError, match="no place for three"):
        filled(_PAGE, {"three": "3"})


def test_the_shipped_page_has_a_place_for_everything_that_is_measured() -> None:
    names = ("machine", "events-1", "events-16", "events-64", "pass", "starts", "lines", "operations", "cost")

    filled(PERFORMANCE.read_text(), dict.fromkeys(names, ""))


def test_the_machine_is_described_with_its_load() -> None:
    assert "virtual cores" in machine("make bench", 0.2, 1.5)
    assert "load average 0.2 before and 1.5 after" in machine("make bench", 0.2, 1.5)


@pytest.mark.parametrize(("value", "text"), [(1234.5, "1,234"), (100.2, "100"), (12.345, "12.3"), (0.4567, "0.457")])
def test_a_figure_has_as_many_digits_as_say_something(value: float, text: str) -> None:
    assert number(value) == text
