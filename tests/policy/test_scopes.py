"""More specific scope wins: what each level leaves out comes from above."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from shared.control import Disposition, Parameters
from shared.policy import ControlPolicy, Delay, Mode, Policy, Rule, Scope
from shared.policy.spot import Spot
from shared.scope import MANAGEMENT_GROUP, Place
from tests.builders import SUBSCRIPTION, a_target
from tests.shared.judges import a_control

OFF, AUDIT, NOTIFY, APPROVE, ENFORCE = Mode
SERVER = a_target().id.lower()
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/rg-payments"
HERE = Place(a_target(), {"Env": "prod", "team": "payments"}, ("near", "far"))
PROD = {"env": frozenset({"prod", "production"})}
PROD_PAYMENTS = {**PROD, "team": frozenset({"payments"})}
FROM_GENERAL_TO_SPECIFIC: list[dict[str, object]] = [
    {"scope": f"{MANAGEMENT_GROUP}far"},
    {"scope": f"{MANAGEMENT_GROUP}near"},
    {"scope": f"/subscriptions/{SUBSCRIPTION}"},
    {"scope": GROUP},
    {"tags": PROD},
    {"tags": PROD_PAYMENTS},
    {"scope": SERVER},
]


class Limits(Parameters):
    maximum: int = 10
    minimum: int = 1


CONTROL = a_control(parameters=Limits)


def a_scope(match: Mapping[str, object], **says: object) -> Scope:
    return Scope(**{**match, **says})  # type: ignore[arg-type]  # a scope's own keys


def line(**says: object) -> dict[str, ControlPolicy]:
    return {CONTROL.id: ControlPolicy(**says)}  # type: ignore[arg-type]  # a line's own keys


def rule(*scopes: Scope, place: Place = HERE, policy: Policy | None = None) -> Rule:
    return replace(policy or Policy(), scopes=scopes).rule(CONTROL, place)


@pytest.mark.parametrize("specific", range(1, len(FROM_GENERAL_TO_SPECIFIC)))
@pytest.mark.parametrize("turned", [False, True])
def test_the_more_specific_scope_wins_in_whatever_order_they_stand(specific: int, turned: bool) -> None:
    scopes = [a_scope(match, mode=NOTIFY) for match in FROM_GENERAL_TO_SPECIFIC[:specific]]
    scopes.append(a_scope(FROM_GENERAL_TO_SPECIFIC[specific], mode=ENFORCE))
    assert rule(*(reversed(scopes) if turned else scopes)).fresh is ENFORCE


def test_a_scope_wins_over_the_policy_s_line_for_the_control() -> None:
    assert rule(a_scope({"scope": GROUP}, mode=NOTIFY), policy=Policy(controls=line(mode=ENFORCE))).fresh is NOTIFY


def test_within_a_scope_the_control_s_own_line_wins() -> None:
    found = rule(a_scope({"scope": GROUP}, mode=NOTIFY, controls=line(mode=ENFORCE)))
    assert (found.fresh, found.named) == (ENFORCE, True)


def test_a_scope_somewhere_else_says_nothing() -> None:
    elsewhere: list[dict[str, object]] = [
        {"scope": f"{MANAGEMENT_GROUP}other"},
        {"scope": GROUP + "2"},
        {"scope": SERVER + "2"},
        {"tags": {"env": frozenset({"test"})}},
        {"tags": {"owner": frozenset({"payments"})}},
    ]
    assert rule(*(a_scope(match, mode=ENFORCE) for match in elsewhere)).fresh is AUDIT


def test_a_scope_s_default_is_held_back_by_the_catalogue() -> None:
    control = replace(CONTROL, fresh=Disposition.APPROVAL)
    policy = Policy(scopes=(a_scope({"scope": GROUP}, mode=ENFORCE),))
    assert policy.rule(control, HERE).fresh is APPROVE


def test_each_parameter_and_the_delay_come_from_the_most_specific_line_that_has_them() -> None:
    found = rule(
        a_scope({"scope": SERVER}, controls=line(mode=ENFORCE)),
        a_scope({"scope": GROUP}, controls=line(parameters=Limits(maximum=3))),
        policy=Policy(controls=line(parameters=Limits(maximum=5, minimum=2), delay=Delay(24))),
    )
    assert (found.fresh, found.parameters, found.delay) == (ENFORCE, Limits(maximum=3, minimum=2), Delay(24))


def test_a_delay_of_no_hours_takes_the_delay_away() -> None:
    policy = Policy(controls=line(delay=Delay(24)))
    assert rule(a_scope({"scope": GROUP}, controls=line(delay=Delay(0))), policy=policy).delay is None


def test_a_scope_that_does_less_also_does_less_at_first_sight() -> None:
    policy = Policy(mode=ENFORCE, first_sight=ENFORCE)
    assert rule(a_scope({"scope": GROUP}, mode=AUDIT), policy=policy).first_sight is AUDIT


def test_a_scope_that_does_more_does_no_more_at_first_sight_than_was_said() -> None:
    policy = Policy(mode=AUDIT, first_sight=AUDIT)
    assert rule(a_scope({"scope": GROUP}, mode=ENFORCE), policy=policy).first_sight is AUDIT
    assert rule(a_scope({"scope": GROUP}, mode=ENFORCE, first_sight=ENFORCE), policy=policy).first_sight is APPROVE


def test_a_rule_says_which_line_decided_and_which_it_overrode() -> None:
    scope = a_scope({"scope": GROUP}, mode=NOTIFY, lines={("mode",): Spot("scopes.yaml", 7, 3)})
    found = rule(scope, policy=Policy(mode=ENFORCE, lines={("mode",): Spot("policy.yaml", 2, 1)}))
    assert found.where == "scopes.yaml:7"
    assert [said.where for said in found.traces["mode"].overridden] == ["policy.yaml:2"]


def test_a_control_that_is_on_somewhere_is_possible() -> None:
    off = Policy(mode=OFF)
    assert not off.possible(CONTROL)
    assert replace(off, scopes=(a_scope({"tags": PROD}, mode=AUDIT),)).possible(CONTROL)
    assert replace(off, scopes=(a_scope({"tags": PROD}, controls=line(first_sight=AUDIT)),)).possible(CONTROL)
    assert not replace(off, scopes=(a_scope({"tags": PROD}, mode=OFF, controls=line(mode=OFF)),)).possible(CONTROL)


def test_a_policy_knows_what_it_needs_to_know_of_a_server() -> None:
    assert (Policy().tag_names, Policy().needs_tags, Policy().needs_management_groups) == (frozenset(), False, False)
    policy = Policy(scopes=(a_scope({"tags": PROD_PAYMENTS}), a_scope(FROM_GENERAL_TO_SPECIFIC[0])))
    assert policy.tag_names == {"env", "team"}
    assert policy.needs_tags
    assert policy.needs_management_groups
