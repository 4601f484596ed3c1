"""A lock at the server or above it; one that is gone comes back."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from shared.control import LastGood, NotApplicable
from shared.plan import make_plan
from shared.state import FacetKind, Setting, SettingKind, State, Value
from shared.target import Kind
from tests.builders import a_rule, a_state, a_target
from tests.remediators.judging import drifts_of, finding_of, judge_of

ID = "resource-lock-present"
KEEP = Setting(SettingKind.LOCK, "keep")
ABOVE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Authorization/locks/keep"
PROTECTS = {"level": "CanNotDelete", "notes": "production"}


def locked(recalled: Mapping[Setting, Value] | None = None, **locks: str) -> State:
    named = {name: {"level": level} for name, level in locks.items()}
    return replace(a_state(children={FacetKind.LOCKS: named}), recalled=recalled or {})


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("name", ["keep", ABOVE])
def test_a_lock_at_the_server_or_above_it_protects_it(kind: Kind, name: str) -> None:
    state = a_state(a_target(kind=kind), children={FacetKind.LOCKS: {name: PROTECTS}})
    assert drifts_of(ID, state) == ()


@pytest.mark.parametrize("kind", Kind)
def test_a_server_without_a_lock_gets_one(kind: Kind) -> None:
    (drift,) = drifts_of(ID, a_state(a_target(kind=kind), children={FacetKind.LOCKS: {}}))
    assert (drift.setting.name, drift.found) == ("holdfast", None)
    assert drift.wanted == {"level": "CanNotDelete", "notes": "Holdfast keeps this lock"}


@pytest.mark.parametrize("locks", [{}, {"keep": "NotSpecified"}])
def test_the_lock_that_was_there_comes_back(locks: dict[str, str]) -> None:
    (drift,) = drifts_of(ID, locked({KEEP: PROTECTS}, **locks))
    assert (drift.setting, drift.wanted) == (KEEP, PROTECTS)


@pytest.mark.parametrize(
    "before", [{KEEP: {"level": "NotSpecified"}}, {Setting(SettingKind.FIREWALL_RULE, "app"): PROTECTS}]
)
def test_what_did_not_protect_is_no_way_back(before: dict[Setting, Value]) -> None:
    (drift,) = drifts_of(ID, locked(before))
    assert drift.setting.name == "holdfast"


def test_the_lock_of_the_group_is_not_remembered_for_each_server() -> None:
    state = a_state(children={FacetKind.LOCKS: {ABOVE: PROTECTS, "keep": PROTECTS}})
    assert [setting for setting in state.settings() if setting.kind is SettingKind.LOCK] == [KEEP]


def test_a_read_only_lock_is_a_persons_to_replace() -> None:
    (drift,) = drifts_of(ID, locked({KEEP: PROTECTS}, keep="ReadOnly"))
    assert drift.person == "put a CanNotDelete lock in the place of the ReadOnly lock"
    assert drifts_of(ID, locked(keep="ReadOnly", other="CanNotDelete")) == ()


def test_the_lock_comes_after_what_it_would_forbid() -> None:
    opened = replace(locked(), firewall_rules=(a_rule("all", "0.0.0.0", "255.255.255.255"), a_rule()))
    state = replace(opened, server=None)
    judges = [judge_of(ID, state), judge_of("firewall-no-any-any", state)]
    changes = make_plan(state, judges, LastGood()).changes
    assert [str(change.setting) for change in changes] == ["firewallRules/all", "locks/holdfast"]


def test_locks_that_were_not_read_are_not_judged() -> None:
    assert finding_of(ID, a_state()) == NotApplicable("the locks were not read")
