"""server-name-convention: names follow the owner's pattern, and no pattern can hang the app."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from remediators.server_name import Convention, detect
from shared.control import Finding, NotApplicable
from shared.state import State
from tests.builders import a_state, a_target, the_drift

NAMES = st.text("abp-1", min_size=1, max_size=63)
PIECES = st.sampled_from(
    ["a", "-", "[ab]", "[a-z]+", "[^-]*", "(?:a|b)", "(ab|p-?)?", ".", ".?", "a{2}", "b{1,3}", r"\d"]
)
PATTERNS = st.lists(PIECES, min_size=1, max_size=6).map("".join)


def judged(name: str, pattern: str) -> Finding:
    return detect(a_state(a_target(name)), Convention(pattern=pattern))


@pytest.mark.parametrize("name", ["pg-payments-prod", "psql-a1-dev"])
def test_a_name_that_fits_is_good(name: str) -> None:
    assert judged(name, r"(pg|psql)-[a-z0-9]+-(dev|test|prod)") == ()


@pytest.mark.parametrize("name", ["payments", "pg-payments", "pg-payments-prod-2", "xpg-payments-prod"])
def test_a_name_fits_as_a_whole_or_not_at_all(name: str) -> None:
    drift = the_drift(judged(name, r"pg-[a-z0-9]+-(dev|test|prod)"))
    assert drift.found == name
    assert drift.person


def test_without_a_pattern_or_a_server_nothing_is_judged() -> None:
    assert judged("payments", "") == NotApplicable("the policy names no pattern")
    assert isinstance(detect(State(a_target()), Convention(pattern="pg")), NotApplicable)


@given(NAMES, PATTERNS)
def test_a_pattern_that_is_taken_means_what_it_always_means(name: str, pattern: str) -> None:
    try:
        wish = Convention(pattern=pattern)
    except ValidationError:
        return
    assert (detect(a_state(a_target(name)), wish) == ()) is (re.fullmatch(pattern, name) is not None)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(a+)+b", "not repeated"),
        ("(a|a)*b", "not repeated"),
        ("(a|b){2,}", "not repeated"),
        (r"(a)\1", "refers back"),
        ("(?=a)a", "is not taken"),
        ("(?i)a", "is not taken"),
        ("(?P<x>a)", "is not taken"),
        ("a*" * 8 + "b", "too many repetitions"),
        ("(a|a)" * 30 + "b", "too many repetitions"),
        ("a?" * 40 + "b", "too many repetitions"),
        ("a" * 201, "at most 200"),
        ("(a", "not a regular expression"),
    ],
)
def test_a_pattern_that_could_take_long_or_says_nothing_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(why)):
        Convention(pattern=pattern)


@pytest.mark.parametrize(
    "pattern", ["[a-z]*[a-z]*[a-z]*b", "(a|a|a)(a|a|a)(a|a|a)(a|a)?a*a*b", ".*.*.*-", "a{0,63}a{0,63}b"]
)
def test_the_slowest_patterns_that_are_taken_are_quick(pattern: str) -> None:
    started = time.process_time()
    assert judged("a" * 63, pattern)
    assert time.process_time() - started < 2
