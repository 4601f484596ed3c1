"""Laws of every policy: the more specific scope wins, always; nothing else about the order of a file matters."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from shared.control import Control, Disposition
from shared.policy import ControlPolicy, Mode, Policy, Rule, Scope
from shared.policy.mode import capped
from shared.scope import MANAGEMENT_GROUP, Place
from tests.policy.random_policies import CONTROLS, lawful, places, policies, scopes

some_control = st.sampled_from(CONTROLS)


def rank(scope: Scope, place: Place) -> tuple[int, int] | None:
    """How specific a scope is here, read off the words of the documentation; None where it does not hold."""
    if scope.tags:
        own = {name.lower(): value for name, value in place.tags.items()}
        return (4, len(scope.tags)) if all(own.get(name) in scope.tags[name] for name in scope.tags) else None
    if scope.scope.startswith(MANAGEMENT_GROUP):
        name = scope.scope.removeprefix(MANAGEMENT_GROUP)
        return (1, -place.management_groups.index(name)) if name in place.management_groups else None
    inside = f"{place.target.id.lower()}/".startswith(f"{scope.scope}/")
    return ({2: 2, 4: 3, 8: 5}[scope.scope.count("/")], 0) if inside else None


def said(policy: Policy, control: Control, place: Place, key: str) -> tuple[tuple[int, int, bool], object] | None:
    """The last word about a key: who says it (rank, and whether it names the control) and what."""
    words: list[tuple[tuple[int, int, bool], object]] = []
    own = policy.controls.get(control.id, ControlPolicy())
    general = {"mode": policy.mode, "first_sight": policy.first_sight}
    words += [((0, 0, False), general.get(key)), ((0, 0, True), getattr(own, key))]
    for scope in policy.scopes:
        place_rank = rank(scope, place)
        if place_rank is not None:
            line = scope.controls.get(control.id, ControlPolicy())
            words += [((*place_rank, False), getattr(scope, key, None)), ((*place_rank, True), getattr(line, key))]
    heard = [word for word in words if word[1] is not None]
    return max(heard, key=lambda word: word[0]) if heard else None


def naive_modes(policy: Policy, control: Control, place: Place) -> tuple[Mode, Mode]:
    mode, first = said(policy, control, place, "mode"), said(policy, control, place, "first_sight")
    assert mode is not None
    fresh = mode[1] if mode[0][2] else default(control, Mode(str(mode[1])), control.fresh)
    if first is None:
        defaults = replace(policy, controls={}, scopes=tuple(_without_lines(scope) for scope in policy.scopes))
        first = said(defaults, control, place, "mode")
        assert first is not None
    sight = first[1]
    if not first[0][2]:
        named = replace(control, optional=control.optional and not mode[0][2])
        sight = default(named, Mode(str(first[1])), control.first_sight)
    assert isinstance(fresh, Mode)
    assert isinstance(sight, Mode)
    narrowed = mode[0] > first[0] and fresh.rank < sight.rank
    return fresh, fresh if narrowed else sight


def default(control: Control, mode: Mode, disposition: Disposition) -> Mode:
    return Mode.OFF if control.optional else capped(mode, disposition)


def _without_lines(scope: Scope) -> Scope:
    return Scope(mode=scope.mode, scope=scope.scope, tags=scope.tags)


@lawful
@given(policies, places, some_control)
def test_a_rule_is_what_the_documentation_says_it_is(policy: Policy, place: Place, control: Control) -> None:
    rule = policy.rule(control, place)
    assert (rule.fresh, rule.first_sight) == naive_modes(policy, control, place)
    delay = said(policy, control, place, "delay")
    assert (rule.delay.hours if rule.delay else 0) == (getattr(delay[1], "hours", 0) if delay else 0)


@lawful
@given(policies, places, some_control, st.sampled_from(Mode))
def test_the_most_specific_scope_wins_always(policy: Policy, place: Place, control: Control, mode: Mode) -> None:
    server = place.target.id.lower()
    assume(all(scope.scope != server for scope in policy.scopes))
    own = Scope(scope=server, controls={control.id: ControlPolicy(mode=mode, first_sight=mode)})
    rule = replace(policy, scopes=(own, *policy.scopes)).rule(control, place)
    assert (rule.fresh, rule.first_sight) == (mode, mode)


@lawful
@given(policies, places, some_control, st.randoms(use_true_random=False))
def test_the_order_of_scopes_does_not_matter(policy: Policy, place: Place, control: Control, chance: object) -> None:
    shuffled = list(policy.scopes)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    turned = replace(policy, scopes=tuple(shuffled))
    assert essence(turned.rule(control, place)) == essence(policy.rule(control, place))


@lawful
@given(policies, places, scopes(), some_control)
def test_a_scope_that_does_not_hold_here_changes_nothing(
    policy: Policy, place: Place, scope: Scope, control: Control
) -> None:
    assume(rank(scope, place) is None)
    more = replace(policy, scopes=(*policy.scopes, scope))
    assert essence(more.rule(control, place)) == essence(policy.rule(control, place))


@lawful
@given(policies, places, some_control)
def test_what_is_on_anywhere_is_possible(policy: Policy, place: Place, control: Control) -> None:
    rule = policy.rule(control, place)
    if (rule.fresh, rule.first_sight) != (Mode.OFF, Mode.OFF):
        assert policy.possible(control)


@lawful
@given(policies, places, some_control)
def test_what_a_policy_does_not_ask_for_does_not_matter(policy: Policy, place: Place, control: Control) -> None:
    known = {name: value for name, value in place.tags.items() if name.lower() in policy.tag_names}
    groups = place.management_groups if policy.needs_management_groups else ()
    less = Place(place.target, known, groups)
    assert essence(policy.rule(control, less)) == essence(policy.rule(control, place))


@lawful
@given(policies, places, some_control)
def test_a_default_never_does_more_than_the_catalogue_lets_it(policy: Policy, place: Place, control: Control) -> None:
    rule = policy.rule(control, place)
    if not rule.named:
        assert rule.fresh is default(control, rule.fresh, control.fresh)


def essence(rule: Rule) -> tuple[object, ...]:
    return rule.fresh, rule.first_sight, rule.parameters, rule.delay, rule.named
