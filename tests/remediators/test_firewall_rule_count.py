"""firewall-rule-count: more rules than the owner allows are told of, never deleted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.firewall_rule_count import Limit, detect
from shared.control import NotApplicable
from tests.builders import a_rule, a_server, a_state, the_drift

OPEN = a_server(public_access=True)


@given(st.integers(0, 30), st.integers(0, 20))
def test_rules_are_counted(count: int, maximum: int) -> None:
    rules = tuple(a_rule(f"rule-{number}") for number in range(count))
    finding = detect(a_state(server=OPEN, firewall_rules=rules), Limit(maximum=maximum))
    assert bool(finding) is (count > maximum)


def test_the_finding_says_how_many_and_who_decides() -> None:
    rules = tuple(a_rule(f"rule-{number}") for number in range(11))
    drift = the_drift(detect(a_state(server=OPEN, firewall_rules=rules), Limit()))
    assert (drift.found, drift.wanted) == ("11 rules", "at most 10")
    assert "ask the owner" in drift.person


@pytest.mark.parametrize("server", [a_server(), a_server(virtual_network=True)])
def test_rules_out_of_force_are_not_counted(server: object) -> None:
    assert isinstance(detect(a_state(server=server), Limit(maximum=0)), NotApplicable)
