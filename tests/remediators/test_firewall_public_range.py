"""firewall-public-ip-range-size: all rules together admit few public addresses; private ones do not count."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from remediators.firewall_public_range import Limit, detect, plan
from shared.control import Case, Change, Drift, LastGood, NotApplicable, Refusal, Source
from shared.firewall import public_addresses
from shared.state import FIREWALL_RULES, FirewallRule, Setting, SettingKind, State, rule_value
from tests.builders import a_rule, a_server, a_state, a_target

TEN = Limit()
APP = Setting(SettingKind.FIREWALL_RULE, "app")
NARROW, WIDE = rule_value("203.0.113.1", "203.0.113.2"), rule_value("203.0.113.1", "203.0.113.99")


def public(*rules: FirewallRule) -> State:
    return a_state(server=a_server(public_access=True), firewall_rules=rules)


def drift_of(state: State, limit: Limit = TEN) -> Drift:
    found = detect(state, limit)
    assert isinstance(found, tuple)
    (drift,) = found
    return drift


def proposal(state: State, **values: dict[str, str]) -> object:
    """What is proposed when these rules are the last known good ones."""
    known = {Setting(SettingKind.FIREWALL_RULE, name): value for name, value in values.items()}
    last_good = LastGood(known, frozenset({FIREWALL_RULES}))
    return plan(Case(state, (drift_of(state),), last_good, TEN))


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("203.0.113.10", "203.0.113.10", 1),
        ("203.0.113.0", "203.0.113.255", 256),
        ("0.0.0.0", "0.0.0.0", 1),
        ("0.0.0.0", "255.255.255.255", 2**32 - 2**24 - 2**20 - 2**16),
        ("10.0.0.0", "10.255.255.255", 0),
        ("9.255.255.255", "11.0.0.0", 2),
        ("172.15.255.255", "172.32.0.0", 2),
        ("192.167.255.255", "192.169.0.0", 2),
        ("192.168.1.1", "192.168.1.7", 0),
        ("100.64.0.0", "100.64.0.0", 1),
        ("203.0.113.9", "203.0.113.1", 0),
        ("10.0.0.9", "10.0.0.1", 0),
    ],
    ids=str,
)
def test_only_addresses_outside_the_private_ranges_count(start: str, end: str, count: int) -> None:
    assert public_addresses(a_rule("x", start, end)) == count


@settings(deadline=None)
@given(st.tuples(st.ip_addresses(v=4), st.ip_addresses(v=4)))
def test_no_rule_admits_fewer_than_none_or_more_than_its_size(ends: tuple[object, object]) -> None:
    rule = a_rule("x", str(ends[0]), str(ends[1]))
    assert 0 <= public_addresses(rule) <= rule.size


@pytest.mark.parametrize(("last", "good"), [(10, True), (11, False)])
def test_the_limit_itself_is_good_and_one_more_is_not(last: int, good: bool) -> None:
    assert (detect(public(a_rule("app", "203.0.113.1", f"203.0.113.{last}")), TEN) == ()) is good


def test_all_rules_are_added_up() -> None:
    drift = drift_of(
        public(
            a_rule("a", "203.0.113.1", "203.0.113.6"),
            a_rule("b", "203.0.113.1", "203.0.113.5"),
            a_rule("c", "10.0.0.1"),
        )
    )
    assert (drift.found, drift.wanted) == ("11 public addresses", "at most 10")
    assert [setting.name for setting in drift.settings] == ["a", "b"]
    assert drift.setting == Setting(SettingKind.FIREWALL_RULE)


def test_private_addresses_fill_no_limit() -> None:
    assert detect(public(a_rule("a", "10.0.0.0", "10.255.255.255"), a_rule("b")), Limit(maximum=1)) == ()


def test_a_limit_of_none_admits_none() -> None:
    assert drift_of(public(a_rule()), Limit(maximum=0)).wanted == "at most 0"
    assert detect(public(), Limit(maximum=0)) == ()


@pytest.mark.parametrize("maximum", [-1, 2**32 + 1, "many", None])
def test_a_limit_that_is_no_number_of_addresses_is_refused(maximum: object) -> None:
    with pytest.raises(ValidationError):
        Limit.model_validate({"maximum": maximum})


@pytest.mark.parametrize("server", [a_server(public_access=True, virtual_network=True), a_server(public_access=False)])
def test_rules_that_are_not_in_force_are_not_judged(server: object) -> None:
    state = a_state(server=server, firewall_rules=(a_rule("x", "0.0.0.0", "255.255.255.255"),))
    assert isinstance(detect(state, TEN), NotApplicable)


def test_rules_that_were_not_read_are_no_finding() -> None:
    assert detect(State(a_target()), TEN) == ()


def test_a_widened_rule_goes_back_to_what_it_was() -> None:
    state = public(a_rule("app", "203.0.113.1", "203.0.113.99"), a_rule("old"))
    old = rule_value("203.0.113.10", "203.0.113.10")
    assert proposal(state, app=NARROW, old=old) == (Change(APP, WIDE, NARROW, Source.LAST_GOOD),)


def test_a_new_rule_is_deleted() -> None:
    assert proposal(public(a_rule("app", "203.0.113.1", "203.0.113.99"))) == (
        Change(APP, WIDE, None, Source.LAST_GOOD),
    )


def test_where_no_rule_changed_a_person_chooses() -> None:
    answer = proposal(public(a_rule("app", "203.0.113.1", "203.0.113.99")), app=WIDE)
    assert answer == Refusal(
        "no rule changed since Holdfast first saw this server: choose which rule to narrow",
    )
