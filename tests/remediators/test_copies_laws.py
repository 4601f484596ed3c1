"""Laws of copies, over any two servers: in step is left alone, what is copied stays, and nothing is opened wider."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from remediators.copies import ROWS
from shared.control import LastGood
from shared.parity import Extras
from shared.plan import Judge, make_plan, simulate
from shared.state import FirewallRule, SettingKind, State
from shared.target import Kind
from tests.remediators.copies import a_one, a_pair
from tests.remediators.judging import judge_of
from tests.test_every_control import a_copy, states_of

NOTHING = LastGood()


def alone(state: State) -> State:
    return replace(state, original=None)


servers = {kind: states_of(kind).map(alone) for kind in Kind}
pairs = st.tuples(st.sampled_from(Kind), st.sampled_from(Kind)).flatmap(
    lambda kinds: st.builds(a_copy, servers[kinds[0]], servers[kinds[1]], st.booleans())
)
extras = st.sampled_from(Extras)


def judges(copy: State, extras: Extras = Extras.TOLD) -> list[Judge]:
    return [judge_of(row.id, copy, extras=extras) for row in ROWS]


@settings(deadline=None)
@given(st.sampled_from(Kind).flatmap(lambda kind: servers[kind]), st.booleans(), extras)
def test_a_copy_that_equals_its_source_is_left_alone(server: State, follows: bool, extras: Extras) -> None:
    copy = a_copy(server, server, follows)
    assert make_plan(copy, judges(copy, extras), NOTHING).changes == ()


@settings(deadline=None)
@given(pairs, extras)
def test_a_second_pass_copies_nothing_of_the_first_and_undo_restores(copy: State, extras: Extras) -> None:
    plan = make_plan(copy, judges(copy, extras), NOTHING)
    after = simulate(copy, plan.changes)
    again = make_plan(after, judges(copy, extras), NOTHING)
    assert not {one.setting for one in again.changes} & {one.setting for one in plan.changes}
    back = simulate(after, plan.undo)
    assert {one.setting: back.value(one.setting) for one in plan.changes} == {
        one.setting: copy.value(one.setting) for one in plan.changes
    }


@settings(deadline=None)
@given(pairs)
def test_two_passes_are_enough(copy: State) -> None:
    for _ in range(2):
        copy = simulate(copy, make_plan(copy, judges(copy), NOTHING).changes)
    assert make_plan(copy, judges(copy), NOTHING).changes == ()


@settings(deadline=None)
@given(pairs)
def test_nothing_that_only_the_copy_has_goes_unless_the_policy_says_so(copy: State) -> None:
    assert not [one for one in make_plan(copy, judges(copy), NOTHING).changes if one.after is None]


@settings(deadline=None)
@given(pairs, extras)
def test_nobody_is_let_in_who_is_let_in_on_neither(copy: State, extras: Extras) -> None:
    original = copy.original
    assert original is not None
    after = simulate(copy, make_plan(copy, judges(copy, extras), NOTHING).changes)
    known = {*_ranges(copy), *_ranges(original)}
    assert {*_ranges(after)} <= known
    before = {one.object_id for one in (*(copy.administrators or ()), *(original.administrators or ()))}
    assert {one.object_id for one in after.administrators or ()} <= before
    assert copy.server is not None
    assert after.server is not None
    assert copy.server.public_access or not after.server.public_access
    assert copy.server.password_auth or not after.server.password_auth


@settings(deadline=None)
@given(pairs, extras)
def test_the_source_stays_as_it_is(copy: State, extras: Extras) -> None:
    after = simulate(copy, make_plan(copy, judges(copy, extras), NOTHING).changes)
    assert after.original is copy.original


def test_very_many_rules_are_planned_in_one_go() -> None:
    addresses = [f"198.51.{number // 250}.{number % 250}" for number in range(300)]
    rules = tuple(FirewallRule(f"rule-{number:04}", one, one) for number, one in enumerate(addresses))
    copy = a_pair(a_one(), a_one("pg-source", firewall_rules=rules))
    changes = make_plan(copy, judges(copy), NOTHING).changes
    assert len([one for one in changes if one.setting.kind is SettingKind.FIREWALL_RULE]) == len(rules)


def _ranges(state: State) -> list[tuple[str, str]]:
    return [(rule.start, rule.end) for rule in state.firewall_rules or ()]
