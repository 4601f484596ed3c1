"""The way back for every setting: last good first, then the policy's value, none that another control objects to."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.control import Case, Change, Disposition, Drift, Finding, LastGood, Proposal, Refusal, Risk, Source
from shared.plan import Judge, Plan, checked, make_plan, simulate
from shared.policy import Mode, Policy
from shared.risk import risk_of
from shared.state import (
    ADMINISTRATORS,
    FIREWALL_RULES,
    SERVER,
    FacetKind,
    Setting,
    SettingKind,
    State,
    Value,
    administrator_value,
    parameter,
    rule_value,
)
from tests.builders import DBA_GROUP, STRANGER, a_parameter, a_rule, a_server, a_state, a_target, an_admin
from tests.shared.judges import a_judge, silent, wants

DOOR = Setting(SettingKind.PUBLIC_ACCESS)
SIGN_IN = Setting(SettingKind.AUTHENTICATION)
RULE = Setting(SettingKind.FIREWALL_RULE, "app")
TLS = Setting(SettingKind.PARAMETER, "tls")
DBA = Setting(SettingKind.ADMINISTRATOR, DBA_GROUP)
INTRUDER = Setting(SettingKind.ADMINISTRATOR, STRANGER)
ONE, FEW, ALL = (
    rule_value("203.0.113.10", "203.0.113.10"),
    rule_value("203.0.113.8", "203.0.113.11"),
    rule_value("0.0.0.0", "255.255.255.255"),
)
GOOD, POLICY = Source.LAST_GOOD, Source.POLICY


def known(setting: Setting, value: Value) -> LastGood:
    """The setting's facet was judged, and this was its value (None: it did not exist)."""
    return LastGood({setting: value} if value is not None else {}, frozenset({setting.facet}))


def tls(value: str = "1.0", **changes: object) -> State:
    return a_state(parameters={"tls": a_parameter("tls", value, **changes)})


def ways(state: State, *judges: Judge, last_good: LastGood | None = None) -> list[tuple[Setting, Value, Source]]:
    """What is planned, without the risks."""
    plan = make_plan(state, judges, last_good or LastGood())
    return [(change.setting, change.after, change.source) for change in plan.changes]


def refusal(state: State, *judges: Judge, last_good: LastGood | None = None) -> str:
    """Why nothing is planned for the one setting that drifts."""
    plan = make_plan(state, judges, last_good or LastGood())
    assert plan.changes == ()
    (reason,) = plan.refusals.values()
    return reason


# Which value


def test_a_server_in_good_order_needs_no_plan() -> None:
    assert make_plan(tls("1.2"), [wants(TLS, "1.2"), silent()], LastGood()) == Plan()


def test_the_last_good_value_comes_first() -> None:
    assert ways(tls(), wants(TLS, "1.2", "1.3"), last_good=known(TLS, "1.3")) == [(TLS, "1.3", GOOD)]


def test_without_a_last_good_value_it_is_what_the_policy_asks_for() -> None:
    assert ways(tls(), wants(TLS, "1.2", "1.3")) == [(TLS, "1.2", POLICY)]


def test_a_last_good_value_that_the_policy_no_longer_takes_is_passed_over() -> None:
    assert ways(tls("1.0"), wants(TLS, "1.2"), last_good=known(TLS, "1.1")) == [(TLS, "1.2", POLICY)]


def test_a_last_good_value_that_is_the_present_one_is_no_way_back() -> None:
    assert ways(tls("1.0"), wants(TLS, "1.2"), last_good=known(TLS, "1.0")) == [(TLS, "1.2", POLICY)]


def test_a_value_that_stood_at_first_sight_is_no_way_back() -> None:
    standing = LastGood(seen=frozenset({parameter("tls")}), standing=frozenset({TLS}))
    assert ways(tls(), wants(TLS, "1.2"), last_good=standing) == [(TLS, "1.2", POLICY)]


def test_a_rule_that_did_not_exist_is_deleted_even_where_the_policy_would_narrow_it() -> None:
    state = a_state(firewall_rules=(a_rule("app", "0.0.0.0", "255.255.255.255"),))
    assert ways(state, wants(RULE, ONE, None), last_good=known(RULE, None)) == [(RULE, None, GOOD)]


def test_a_value_that_another_control_objects_to_is_passed_over() -> None:
    judges = wants(TLS, "1.2", "1.3", name="a"), wants(TLS, "1.3", name="b")
    assert ways(tls(), *judges) == [(TLS, "1.3", POLICY)]


def test_a_last_good_value_that_another_control_objects_to_is_passed_over() -> None:
    judges = wants(TLS, "1.3", "1.2", name="a"), wants(TLS, "1.3", name="b")
    assert ways(tls(), *judges, last_good=known(TLS, "1.2")) == [(TLS, "1.3", POLICY)]


LISTED = Setting(SettingKind.PARAMETER, "tls")


def lists(word: str, **card: Any) -> Judge:
    """A judge who wants one more word in a list, and keeps what is there."""

    def detect(state: State, _: object) -> Finding:
        words = str(state.value(LISTED)).split(",")
        if word in words:
            return ()
        return (Drift(f"lists-{word}", LISTED, ",".join(words), ",".join([*words, word]), "a word is missing"),)

    return a_judge(detect, name=f"lists-{word}", facets=(LISTED.facet,), **card)


def test_what_several_controls_want_in_a_list_comes_in_one_change() -> None:
    assert ways(tls("a"), lists("b"), lists("c"), lists("d")) == [(LISTED, "a,b,c,d", POLICY)]


def test_what_an_exempt_control_wants_goes_into_no_change_of_another() -> None:
    judges = [lists("b"), lists("c")]
    plan = make_plan(tls("a"), judges, LastGood(), silent=frozenset({f"lists-b|{LISTED}"}))
    assert [change.after for change in plan.changes] == ["a,c"]
    assert set(plan.later) == {f"lists-b|{LISTED}"}


def test_where_nobody_else_wants_anything_an_exempt_control_shows_what_it_would_do() -> None:
    plan = make_plan(tls("a"), [lists("b")], LastGood(), silent=frozenset({f"lists-b|{LISTED}"}))
    assert [change.after for change in plan.changes] == ["a,b"]
    assert plan.later == {}


def test_what_needs_a_persons_yes_waits_for_what_needs_none() -> None:
    asks = lists("b", policy=Policy(mode=Mode.APPROVE))
    plan = make_plan(tls("a"), [asks, lists("c", first_sight=Disposition.AUTO)], LastGood())
    assert [change.after for change in plan.changes] == ["a,c"]
    assert set(plan.later) == {f"lists-b|{LISTED}"}


def test_a_last_good_value_that_would_mend_what_is_exempt_comes_after_one_that_does_not() -> None:
    judges = [lists("b"), lists("c")]
    exempt = frozenset({f"lists-b|{LISTED}"})
    plan = make_plan(tls("a"), judges, known(LISTED, "a,b,c"), silent=exempt)
    assert [(change.after, change.source) for change in plan.changes] == [("a,c", POLICY)]
    plan = make_plan(tls("a"), judges, known(LISTED, "a,b,c"))
    assert [(change.after, change.source) for change in plan.changes] == [("a,b,c", GOOD)]


def test_the_last_good_list_keeps_what_a_neighbour_has_put_into_it_since() -> None:
    assert ways(tls("a,new"), lists("b"), last_good=known(LISTED, "a,b,c")) == [(LISTED, "a,b,c,new", GOOD)]


def test_a_last_good_list_with_nothing_of_what_stands_there_is_passed_over() -> None:
    assert ways(tls("new"), lists("b"), last_good=known(LISTED, "a,b")) == [(LISTED, "new,b", POLICY)]


def test_what_mends_one_may_mend_what_is_exempt_where_there_is_no_other_way() -> None:
    judges = [wants(TLS, "1.2"), wants(TLS, "1.2", name="strict")]
    plan = make_plan(tls(), judges, LastGood(), silent=frozenset({f"strict|{TLS}"}))
    assert [change.after for change in plan.changes] == ["1.2"]


def test_an_exempt_control_whose_wish_still_stands_keeps_nobody_from_mending_theirs() -> None:
    judges = [wants(TLS, "1.2"), wants(TLS, "2.0", name="strict")]
    plan = make_plan(tls(), judges, LastGood(), silent=frozenset({f"strict|{TLS}"}))
    assert [change.after for change in plan.changes] == ["1.2"]


def test_controls_that_want_opposites_leave_it_to_a_person() -> None:
    judges = wants(TLS, "1.2", name="a"), wants(TLS, "1.3", name="b")
    assert refusal(tls(), *judges) == "configurations/tls: no value of this setting satisfies every control"


def test_a_control_that_waits_for_a_person_is_no_objection() -> None:
    judges = wants(TLS, "1.2", name="a"), wants(TLS, "never", name="b", person="restart it")
    plan = make_plan(tls(), judges, LastGood())
    assert [change.after for change in plan.changes] == ["1.2"]


def test_a_drift_only_a_person_can_mend_is_refused_in_his_words() -> None:
    assert refusal(tls(), wants(TLS, "1.2", person="call the owner")) == "call the owner"


def test_a_refusal_of_the_remediator_is_kept() -> None:
    judge = wants(TLS, "1.2", plan=lambda _case: Refusal("not while it rains"))
    assert refusal(tls(), judge) == "not while it rains"


# What this server takes


@pytest.mark.parametrize("allowed", ["1.2,1.3", " 1.2 , 1.3 ", "", "0-100", "1-2,5", "[^'\\\\]*"])
def test_a_value_the_server_allows_is_taken(allowed: str) -> None:
    assert ways(tls(allowed=allowed), wants(TLS, "1.2")) == [(TLS, "1.2", POLICY)]


def test_a_list_may_hold_several_of_the_allowed_words() -> None:
    assert ways(tls("a", allowed="A,B,C"), wants(TLS, "a,b")) == [(TLS, "a,b", POLICY)]
    assert "a,d is not among the values" in refusal(tls("a", allowed="A,B,C"), wants(TLS, "a,d"))


def test_allowed_values_are_compared_without_regard_to_case() -> None:
    assert ways(tls("off", allowed="ON,OFF"), wants(TLS, "on")) == [(TLS, "on", POLICY)]


def test_a_value_the_server_does_not_allow_is_refused_with_those_it_does() -> None:
    assert refusal(tls(allowed="1.0,1.1"), wants(TLS, "1.2")) == (
        "configurations/tls: 1.2 is not among the values this server allows (1.0,1.1)"
    )


def test_a_last_good_value_the_server_no_longer_allows_is_passed_over() -> None:
    state = tls(allowed="1.2,1.3")
    assert ways(state, wants(TLS, "1.2", "1.1"), last_good=known(TLS, "1.1")) == [(TLS, "1.2", POLICY)]


def test_a_read_only_parameter_is_refused() -> None:
    reason = refusal(tls(read_only=True), wants(TLS, "1.2"), last_good=known(TLS, "1.2"))
    assert reason == "configurations/tls: the parameter is read-only on this server"


def test_a_parameter_the_server_lacks_is_refused() -> None:
    reason = refusal(a_state(parameters={"tls": None}), wants(TLS, "1.2"))
    assert reason == "configurations/tls: the server does not have this parameter"


def locked(level: str) -> State:
    return a_state(children={FacetKind.LOCKS: {"keep": {"level": level}}}, server=a_server(public_access=True))


def test_a_lock_that_forbids_a_change_is_named_before_azure_refuses_it() -> None:
    assert refusal(locked("CanNotDelete"), wants(RULE, None)) == (
        "firewallRules/app: the lock keep (CanNotDelete) forbids it: a person removes the lock, or makes the change by"
        " hand"
    )
    assert "the lock keep (ReadOnly) forbids it" in refusal(locked("ReadOnly"), wants(DOOR, "Disabled"))


def test_a_lock_against_deleting_lets_values_be_changed() -> None:
    assert ways(locked("CanNotDelete"), wants(DOOR, "Disabled")) == [(DOOR, "Disabled", POLICY)]


def test_a_lock_forbids_nothing_about_locks_and_is_written_last() -> None:
    lock = Setting(SettingKind.LOCK, "keep")
    state = locked("NotSpecified")
    changes = ways(state, wants(lock, {"level": "CanNotDelete"}), wants(RULE, None), wants(DOOR, "Disabled"))
    assert [setting for setting, *_ in changes] == [RULE, DOOR, lock]
    assert ways(locked("ReadOnly"), wants(lock, {"level": "CanNotDelete"})) != []


def test_what_was_made_above_the_server_is_not_changed_at_it() -> None:
    above = Setting(SettingKind.ROLE_ASSIGNMENT, "/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/a")
    drift = Drift("a-control", above, {"principalId": STRANGER}, None, "nobody knows them")
    judge = a_judge(lambda _state, _parameters: (drift,))
    assert refusal(a_state(), judge).endswith("it was made above the server, and is changed there")


# The plan as a whole


def everything() -> tuple[State, list[Judge]]:
    """A server on which every kind of setting drifts."""
    state = a_state(
        server=a_server(public_access=True, entra_auth=False),
        firewall_rules=(a_rule("app", "0.0.0.0", "255.255.255.255"),),
        parameters={"tls": a_parameter("tls", "1.0")},
        administrators=(an_admin(STRANGER),),
    )
    on = {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled", "tenantId": "t"}
    new = Setting(SettingKind.FIREWALL_RULE, "new")
    dba = administrator_value(an_admin())
    judges = [wants(DOOR, "Disabled"), wants(SIGN_IN, on), wants(TLS, "1.2"), wants(RULE, None), wants(new, ONE)]
    return state, [*judges, wants(INTRUDER, None), wants(DBA, dba)]


def test_administrators_come_first_and_the_door_is_closed_last() -> None:
    state, judges = everything()
    order = [str(setting.kind) for setting, *_ in ways(state, *judges)]
    assert order == [
        "administrators",
        "administrators",
        "firewallRules",
        "firewallRules",
        "configurations",
        "authConfig",
        "network.publicNetworkAccess",
    ]


def test_of_one_kind_what_is_added_comes_before_what_is_removed() -> None:
    state, judges = everything()
    settings = [setting for setting, *_ in ways(state, *judges)]
    assert settings.index(DBA) < settings.index(INTRUDER)
    assert settings.index(Setting(SettingKind.FIREWALL_RULE, "new")) < settings.index(RULE)


def test_the_undo_takes_the_changes_back_from_the_last_to_the_first() -> None:
    state, judges = everything()
    plan = make_plan(state, judges, LastGood())
    assert [change.setting for change in plan.undo] == [change.setting for change in reversed(plan.changes)]
    assert simulate(simulate(state, plan.changes), plan.undo).settings() == state.settings()


def test_a_plan_that_would_break_a_control_that_holds_is_dropped() -> None:
    def door_needs_tls(state: State, _: object) -> tuple[Drift, ...]:
        bad = state.value(DOOR) == "Disabled" and state.value(TLS) == "1.0"
        return (Drift("needs-tls", TLS, "1.0", "1.2", "unsafe"),) if bad else ()

    state = a_state(server=a_server(public_access=True), parameters={"tls": a_parameter("tls", "1.0")})
    plan = make_plan(state, [wants(DOOR, "Disabled"), a_judge(door_needs_tls, name="needs-tls")], LastGood())
    assert plan == Plan((), {DOOR: "the change would break needs-tls"})


def test_a_plan_that_leaves_a_drifting_control_drifting_is_kept() -> None:
    plan = Plan((Change(TLS, "1.0", "1.2", POLICY),))
    assert checked(tls(), plan, [wants(TLS, "1.3")]) == plan


def test_what_was_refused_stays_refused_when_the_plan_is_dropped() -> None:
    plan = Plan((Change(TLS, "1.2", "1.0", POLICY),), {DOOR: "no"})
    assert checked(tls("1.2"), plan, [wants(TLS, "1.2")]).refusals == {
        DOOR: "no",
        TLS: "the change would break wants-tls",
    }


# Part of a plan


def chain() -> Plan:
    """The third needs the second, and the second the first."""
    first, second, third = (Change(Setting(SettingKind.PARAMETER, name), "0", "1", POLICY) for name in "abc")
    return Plan(
        (
            first,
            Change(second.setting, "0", "1", POLICY, needs=(first.setting,)),
            Change(third.setting, "0", "1", POLICY, needs=(second.setting,)),
        ),
        {TLS: "no"},
    )


@pytest.mark.parametrize(("wanted", "kept"), [("a", "a"), ("b", "ab"), ("c", "abc"), ("", ""), ("ca", "abc")])
def test_a_part_of_a_plan_brings_along_what_it_cannot_do_without(wanted: str, kept: str) -> None:
    part = chain().only(Setting(SettingKind.PARAMETER, name) for name in wanted)
    assert "".join(change.setting.name for change in part.changes) == kept
    assert part.refusals == {TLS: "no"}


def test_changes_that_need_each_other_come_together() -> None:
    both = Plan((Change(DOOR, "a", "b", POLICY, needs=(TLS,)), Change(TLS, "a", "b", POLICY, needs=(DOOR,))))
    assert both.only([TLS]) == both


def with_successor(case: Case) -> Proposal:
    (drift,) = case.drifts
    removal = Change(drift.setting, drift.found, None, POLICY, needs=(DBA,))
    return Change(DBA, None, administrator_value(an_admin()), GOOD), removal


def test_the_last_good_value_needs_what_the_proposal_needed() -> None:
    state = a_state(administrators=(an_admin(STRANGER),))
    last_good = LastGood({DBA: administrator_value(an_admin())}, frozenset({ADMINISTRATORS}))
    plan = make_plan(state, [wants(INTRUDER, None, plan=with_successor)], last_good)
    assert [change.setting for change in plan.only([INTRUDER]).changes] == [DBA, INTRUDER]


def test_a_change_whose_need_cannot_be_met_is_refused() -> None:
    state = a_state(administrators=(an_admin(STRANGER),))
    judges = wants(INTRUDER, None, plan=with_successor), wants(DBA, None, name="no-groups")
    plan = make_plan(state, judges, LastGood())
    assert plan.changes == ()
    assert plan.refusals[INTRUDER] == f"it cannot be done without {DBA}, which is refused"


def test_what_needs_a_refused_change_is_refused_as_well() -> None:
    def after_removal(case: Case) -> Proposal:
        (drift,) = case.drifts
        return (Change(drift.setting, drift.found, "1.2", POLICY, needs=(INTRUDER,)),)

    state = a_state(administrators=(an_admin(STRANGER),), parameters={"tls": a_parameter("tls", "1.0")})
    judges = [wants(INTRUDER, None, plan=with_successor), wants(DBA, None, name="no-groups")]
    plan = make_plan(state, [*judges, wants(TLS, "1.2", plan=after_removal)], LastGood())
    assert plan.changes == ()
    assert plan.refusals[TLS] == f"it cannot be done without {INTRUDER}, which is refused"


# What a change can do


RULES = [a_rule("app", "203.0.113.8", "203.0.113.11"), a_rule("b")]


def risk(setting: Setting, before: Value, after: Value, source: Source = POLICY, **changes: Any) -> Risk:
    state = replace(a_state(firewall_rules=tuple(RULES)), **changes)
    return risk_of(state, Change(setting, before, after, source))


@pytest.mark.parametrize(
    ("before", "after", "source", "expected"),
    [
        (FEW, ONE, POLICY, Risk.SAFE),
        (FEW, ONE, GOOD, Risk.SAFE),
        (FEW, ALL, GOOD, Risk.WIDENS_ACCESS),
        (ONE, FEW, POLICY, Risk.WIDENS_ACCESS),
        (None, ONE, GOOD, Risk.WIDENS_ACCESS),
        (None, ONE, POLICY, Risk.WIDENS_ACCESS),
        (FEW, rule_value("203.0.113.11", "203.0.113.12"), POLICY, Risk.WIDENS_ACCESS),
        (FEW, rule_value("203.0.113.7", "203.0.113.8"), POLICY, Risk.WIDENS_ACCESS),
        (FEW, rule_value("198.51.100.7", "198.51.100.7"), GOOD, Risk.SAFE),
        (FEW, FEW, POLICY, Risk.SAFE),
        (FEW, None, GOOD, Risk.SAFE),
        (FEW, None, POLICY, Risk.MAY_CUT_CLIENTS),
    ],
)
def test_a_firewall_rule_widens_narrows_or_goes(before: Value, after: Value, source: Source, expected: Risk) -> None:
    assert risk(RULE, before, after, source) is expected


def test_the_last_rule_is_the_only_door() -> None:
    assert risk(RULE, FEW, None, firewall_rules=(RULES[0],)) is Risk.CUTS_ONLY_DOOR
    assert risk(RULE, FEW, None, firewall_rules=None) is Risk.CUTS_ONLY_DOOR


@pytest.mark.parametrize(
    ("after", "source", "endpoints", "expected"),
    [
        ("Enabled", POLICY, 1, Risk.WIDENS_ACCESS),
        ("Enabled", GOOD, 0, Risk.WIDENS_ACCESS),
        ("Disabled", GOOD, 0, Risk.SAFE),
        ("Disabled", POLICY, 0, Risk.CUTS_ONLY_DOOR),
        ("Disabled", POLICY, 1, Risk.MAY_CUT_CLIENTS),
    ],
)
def test_the_door_is_judged_by_what_other_doors_there_are(
    after: str, source: Source, endpoints: int, expected: Risk
) -> None:
    assert risk(DOOR, None, after, source, server=a_server(approved_endpoints=endpoints)) is expected


def test_a_door_of_a_server_that_was_not_read_is_the_only_one() -> None:
    assert risk(DOOR, "Enabled", "Disabled", server=None) is Risk.CUTS_ONLY_DOOR


def test_an_administrator_who_comes_widens_access_and_one_who_goes_does_not() -> None:
    assert risk(DBA, None, administrator_value(an_admin())) is Risk.WIDENS_ACCESS
    assert risk(DBA, administrator_value(an_admin()), None) is Risk.SAFE


@pytest.mark.parametrize(("dynamic", "expected"), [(True, Risk.SAFE), (False, Risk.NEEDS_RESTART)])
def test_a_static_parameter_needs_a_restart(dynamic: bool, expected: Risk) -> None:
    assert risk(TLS, "0", "1", parameters={"tls": a_parameter("tls", "0", dynamic=dynamic)}) is expected


def test_the_way_people_sign_in_may_cut_clients() -> None:
    assert risk(SIGN_IN, {}, {}) is Risk.MAY_CUT_CLIENTS


@pytest.mark.parametrize("risk", [Risk.NEEDS_RESTART, None])
def test_a_control_whose_card_says_restart_needs_one(risk: Risk | None) -> None:
    (change,) = make_plan(tls(), [wants(TLS, "1.2", risk=risk)], LastGood()).changes
    assert change.risk is (risk or Risk.SAFE)


def test_a_restart_of_another_control_is_none_of_this_setting() -> None:
    judges = wants(TLS, "1.2"), wants(DOOR, "Disabled", risk=Risk.NEEDS_RESTART)
    state = a_state(server=a_server(public_access=True), parameters={"tls": a_parameter("tls", "1.0")})
    risks = {change.setting: change.risk for change in make_plan(state, judges, LastGood()).changes}
    assert risks == {TLS: Risk.SAFE, DOOR: Risk.NEEDS_RESTART}


# Laws


values = st.sampled_from(["1.0", "1.1", "1.2", "1.3"])


@settings(deadline=None)
@given(values, st.lists(st.sets(values, min_size=1), min_size=1, max_size=3), st.none() | values)
def test_a_planned_value_satisfies_everybody(found: str, wishes: list[set[str]], good: str | None) -> None:
    judges = [wants(TLS, *sorted(wish), name=f"control-{index}") for index, wish in enumerate(wishes)]
    last_good = known(TLS, good) if good else LastGood()
    plan = make_plan(tls(found), judges, last_good)
    assert bool(plan.changes or plan.refusals) is any(found not in wish for wish in wishes)
    for change in plan.changes:
        assert all(change.after in wish for wish in wishes)


def test_state_that_was_not_read_plans_nothing() -> None:
    assert make_plan(State(a_target()), [silent()], LastGood(seen=frozenset({SERVER, FIREWALL_RULES}))) == Plan()
