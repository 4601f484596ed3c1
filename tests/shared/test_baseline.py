"""What is learned as good: everything that was judged and that nobody objected to."""

from shared.baseline import learn
from shared.control import Drift, LastGood
from shared.memory import Memory
from shared.plan import Judge
from shared.state import FIREWALL_RULES, SERVER, Setting, SettingKind, State, rule_value
from tests.builders import a_rule, a_server, a_state, a_target
from tests.shared.judges import a_judge, silent, wants

DOOR = Setting(SettingKind.PUBLIC_ACCESS)
APP, TMP = Setting(SettingKind.FIREWALL_RULE, "app"), Setting(SettingKind.FIREWALL_RULE, "tmp")
ONE, ALL = rule_value("203.0.113.10", "203.0.113.10"), rule_value("0.0.0.0", "255.255.255.255")


def rules(**values: dict[str, str]) -> State:
    """A server with these firewall rules, of which nothing else was read."""
    found = tuple(a_rule(name, value["startIpAddress"], value["endIpAddress"]) for name, value in values.items())
    return State(a_target(), firewall_rules=found)


def learned(*looks: tuple[State, list[Judge]], memory: Memory | None = None) -> LastGood:
    """What is known after these looks."""
    memory = memory or Memory()
    for state, judges in looks:
        memory = learn(memory, state, judges)
    return memory.last_good()


def nobody_objects() -> list[Judge]:
    return [wants(APP, ONE, None)]


def too_many(*parts: Setting) -> Judge:
    """A finding about several rules at once."""
    drift = Drift("sum", Setting(SettingKind.FIREWALL_RULE), "many", "few", "too many", parts=parts)
    return a_judge(lambda _state, _parameters: (drift,), name="sum", facets=(FIREWALL_RULES,))


def test_what_nobody_objects_to_is_good() -> None:
    known = learned((rules(app=ONE, tmp=ALL), nobody_objects()))
    assert known == LastGood({APP: ONE, TMP: ALL}, frozenset({FIREWALL_RULES}))


def test_what_drifts_at_first_sight_is_standing_and_not_good() -> None:
    known = learned((rules(app=ALL), nobody_objects()))
    assert known == LastGood({}, frozenset({FIREWALL_RULES}), frozenset({APP}))
    assert not known.knows(APP)


def test_a_value_under_drift_keeps_its_good_one() -> None:
    known = learned((rules(app=ONE), nobody_objects()), (rules(app=ALL), nobody_objects()))
    assert known == LastGood({APP: ONE}, frozenset({FIREWALL_RULES}))


def test_a_good_value_follows_every_change_nobody_objects_to() -> None:
    judges = [wants(APP, ONE, ALL)]
    assert learned((rules(app=ONE), judges), (rules(app=ALL), judges)).values == {APP: ALL}


def test_what_nobody_misses_is_forgotten_but_known_to_be_absent() -> None:
    known = learned((rules(app=ONE), nobody_objects()), (rules(), nobody_objects()))
    assert known.values == {}
    assert known.knows(APP)
    assert known.changed_since(APP, ONE)


def test_a_new_rule_under_drift_is_known_not_to_have_existed() -> None:
    known = learned((rules(), nobody_objects()), (rules(app=ALL), nobody_objects()))
    assert known.knows(APP)
    assert known.value(APP) is None
    assert known.standing == frozenset()


def test_a_rule_that_is_missed_keeps_its_good_value() -> None:
    judges = [wants(APP, ONE)]
    assert learned((rules(app=ONE), judges), (rules(), judges)).values == {APP: ONE}


def test_a_standing_drift_that_is_mended_becomes_good() -> None:
    known = learned((rules(app=ALL), nobody_objects()), (rules(app=ONE), nobody_objects()))
    assert known == LastGood({APP: ONE}, frozenset({FIREWALL_RULES}))


def test_a_standing_drift_that_gets_worse_is_still_standing() -> None:
    judges = [wants(APP, None)]
    known = learned((rules(app=ONE), judges), (rules(app=ALL), judges))
    assert (known.values, known.standing) == ({}, frozenset({APP}))


def test_a_good_value_that_a_newer_policy_objects_to_is_standing() -> None:
    known = learned((rules(app=ALL), [wants(APP, ALL)]), (rules(app=ALL), [wants(APP, ONE)]))
    assert (known.values, known.standing) == ({}, frozenset({APP}))


def test_what_was_not_judged_this_time_is_kept() -> None:
    before = learned_memory()
    known = learned((rules(app=ONE), nobody_objects()), memory=before)
    assert known.values == {APP: ONE, DOOR: "Disabled", Setting(SettingKind.POWER): "running"}
    assert known.seen == {SERVER, FIREWALL_RULES}
    assert known.standing == {Setting(SettingKind.AUTHENTICATION)}


def learned_memory() -> Memory:
    """The server itself was judged before: its door was good, its sign-in was not."""
    judges = [wants(DOOR, "Disabled"), wants(Setting(SettingKind.AUTHENTICATION), "none")]
    return learn(Memory(), State(a_target(), server=a_server()), judges)


def test_a_child_that_was_not_there_is_known_not_to_have_been_and_a_property_always_was() -> None:
    known = LastGood(seen=frozenset({SERVER, FIREWALL_RULES}))
    assert known.knows(APP)
    assert not known.knows(DOOR)


def test_what_was_read_but_not_judged_is_not_good() -> None:
    assert learned((rules(app=ALL), [])) == LastGood()


def test_where_a_control_does_not_apply_nothing_is_learned() -> None:
    assert learned((rules(app=ALL), [silent(facets=(FIREWALL_RULES,))])) == LastGood()


def test_a_control_that_applies_teaches_for_one_that_does_not() -> None:
    judges = [silent(facets=(FIREWALL_RULES,)), *nobody_objects()]
    assert learned((rules(app=ONE), judges)).values == {APP: ONE}


def test_a_facet_that_was_not_read_is_not_seen() -> None:
    known = learned((State(a_target()), nobody_objects()))
    assert known == LastGood()


def test_one_objection_among_many_judges_is_enough() -> None:
    known = learned((rules(app=ONE), [wants(APP, ONE, name="a"), wants(APP, ALL, name="b")]))
    assert (known.values, known.standing) == ({}, frozenset({APP}))


def test_at_first_sight_the_parts_of_a_finding_about_several_are_good() -> None:
    assert learned((rules(app=ONE, tmp=ALL), [too_many(APP, TMP)])).values == {APP: ONE, TMP: ALL}


def test_the_part_that_just_changed_is_not_good() -> None:
    known = learned((rules(app=ONE, tmp=ONE), nobody_objects()), (rules(app=ONE, tmp=ALL), [too_many(APP, TMP)]))
    assert known.values == {APP: ONE, TMP: ONE}


def test_the_finding_itself_is_no_setting_to_remember() -> None:
    known = learned((rules(app=ONE), [too_many(APP)]))
    assert known.standing == frozenset()


def test_everything_else_in_the_memory_is_left_alone() -> None:
    before = Memory(told={"a|b": "c"}, closed=("x",))
    after = learn(before, a_state(), nobody_objects())
    assert (after.told, after.closed, after.open, after.trouble) == ({"a|b": "c"}, ("x",), None, None)
