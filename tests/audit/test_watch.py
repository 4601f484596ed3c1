"""Evidence is what a control looked at, and looking on changes no judgement."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.audit.watch import Witness, watched
from shared.state import FacetKind, Setting, SettingKind, State, Value
from shared.target import Kind
from tests.builders import CATALOGUE, a_parameter, a_rule, a_server, a_state
from tests.test_every_control import JUDGES, STATES, judge


@pytest.mark.parametrize("kind", Kind)
@settings(deadline=None)
@given(data=st.data())
def test_being_watched_changes_no_answer(kind: Kind, data: st.DataObject) -> None:
    state = data.draw(STATES[kind])
    for each in JUDGES[kind]:
        assert each.find(watched(state, {})) == each.find(state)


def _seen(control: str, state: State) -> dict[str, str]:
    return {one.what: one.value for one in Witness(state).evidence_of(judge(CATALOGUE[control]))}


def test_a_parameter_is_evidence_with_its_value() -> None:
    assert _seen("tls-required", a_state()) == {"configurations/require_secure_transport": "on"}


def test_a_parameter_that_waits_for_a_restart_says_so() -> None:
    held = a_parameter("require_secure_transport", "off", pending_restart=True)
    seen = _seen("tls-required", a_state(parameters={held.name: held}))
    assert seen == {"configurations/require_secure_transport": "off, waits for a restart"}


@pytest.mark.parametrize(("names", "expected"), [((), "none"), (("app",), "203.0.113.10")])
def test_firewall_rules_are_evidence_also_where_there_are_none(names: tuple[str, ...], expected: str) -> None:
    rules = tuple(map(a_rule, names))
    seen = _seen("firewall-no-any-any", a_state(server=a_server(public_access=True), firewall_rules=rules))
    assert expected in seen.values()
    assert seen["network.publicNetworkAccess"] == "Enabled"


def test_more_than_a_person_would_compare_is_counted() -> None:
    rules = tuple(a_rule(f"rule-{number:03}") for number in range(200))
    seen = _seen("firewall-no-any-any", a_state(server=a_server(public_access=True), firewall_rules=rules))
    assert len(seen) < 30
    assert int(seen["further values"]) > 150


def test_of_what_was_there_before_only_what_is_asked_for_is_evidence() -> None:
    lock, door = Setting(SettingKind.LOCK, "keep"), Setting(SettingKind.PUBLIC_ACCESS)
    recalled: dict[Setting, Value] = {lock: {"level": "CanNotDelete"}, door: "Disabled"}
    seen = _seen("resource-lock-present", replace(a_state(children={FacetKind.LOCKS: {}}), recalled=recalled))
    assert seen["last known good/locks/keep/level"] == "CanNotDelete"
    assert not any("network" in what for what in seen)
