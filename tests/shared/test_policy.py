"""What the policy says about one control: its own line decides alone, a default is held back by the catalogue."""

from dataclasses import FrozenInstanceError, replace

import pytest
from pydantic import ValidationError

from shared.control import Disposition, Parameters, Severity
from shared.journal import NoticeKind
from shared.policy import ControlPolicy, Mode, Policy, Route, Rule
from shared.policy_file.sheet import Sheet
from tests.builders import SUBSCRIPTION
from tests.shared.judges import a_control

AUTO, APPROVAL, NOTIFY = Disposition.AUTO, Disposition.APPROVAL, Disposition.NOTIFY
OFF, AUDIT, TELL, APPROVE, ENFORCE = Mode


def rule(
    policy: Policy, own: ControlPolicy | None = None, fresh: Disposition = AUTO, first_sight: Disposition = AUTO
) -> Rule:
    """The rule of a control whose card says so much, in a policy with this line for it."""
    control = a_control(fresh=fresh, first_sight=first_sight)
    return replace(policy, controls={control.id: own} if own else {}).general_rule(control)


def a_route(**changes: object) -> Route:
    return Route.model_validate({"name": "dba", "url_setting": "TEAMS_URL"} | changes)


def test_modes_go_from_nothing_to_everything() -> None:
    assert sorted(Mode, key=lambda mode: mode.rank) == [OFF, AUDIT, TELL, APPROVE, ENFORCE]


def test_a_policy_that_says_nothing_observes_and_changes_nothing() -> None:
    assert (rule(Policy()).fresh, rule(Policy()).first_sight) == (AUDIT, AUDIT)


@pytest.mark.parametrize(
    ("card", "mode", "expected"),
    [
        (AUTO, ENFORCE, ENFORCE),
        (AUTO, APPROVE, APPROVE),
        (APPROVAL, ENFORCE, APPROVE),
        (APPROVAL, APPROVE, APPROVE),
        (APPROVAL, TELL, TELL),
        (NOTIFY, ENFORCE, TELL),
        (NOTIFY, APPROVE, TELL),
        (NOTIFY, AUDIT, AUDIT),
        (NOTIFY, OFF, OFF),
    ],
)
def test_a_default_is_held_back_by_the_catalogue(card: Disposition, mode: Mode, expected: Mode) -> None:
    assert rule(Policy(mode=mode), fresh=card).fresh is expected
    assert rule(Policy(mode=mode), first_sight=card).first_sight is expected


@pytest.mark.parametrize("card", list(Disposition))
@pytest.mark.parametrize("mode", list(Mode))
def test_a_line_of_its_own_decides_alone(card: Disposition, mode: Mode) -> None:
    assert rule(Policy(mode=AUDIT), ControlPolicy(mode=mode), fresh=card).fresh is mode


def test_a_line_of_its_own_does_not_widen_what_is_done_at_first_sight() -> None:
    assert rule(Policy(mode=ENFORCE), ControlPolicy(mode=ENFORCE), first_sight=APPROVAL).first_sight is APPROVE
    assert rule(Policy(mode=AUDIT), ControlPolicy(mode=ENFORCE)).first_sight is AUDIT


def test_a_line_of_its_own_narrows_what_is_done_at_first_sight() -> None:
    assert rule(Policy(mode=ENFORCE), ControlPolicy(mode=TELL)).first_sight is TELL


@pytest.mark.parametrize("mode", [None, OFF, ENFORCE])
def test_a_line_about_first_sight_decides_alone(mode: Mode | None) -> None:
    own = ControlPolicy(mode=mode, first_sight=ENFORCE)
    assert rule(Policy(mode=AUDIT), own, first_sight=NOTIFY).first_sight is ENFORCE


def test_the_default_for_first_sight_is_held_back_as_well() -> None:
    policy = Policy(mode=AUDIT, first_sight=ENFORCE)
    assert rule(policy, first_sight=APPROVAL).first_sight is APPROVE
    assert rule(policy).fresh is AUDIT


def test_the_default_for_first_sight_may_be_less_than_the_mode() -> None:
    assert rule(Policy(mode=ENFORCE, first_sight=TELL)).first_sight is TELL


@pytest.mark.parametrize(
    ("own", "named"),
    [
        (None, False),
        (ControlPolicy(), False),
        (ControlPolicy(first_sight=TELL), False),
        (ControlPolicy(mode=TELL), True),
    ],
)
def test_a_rule_knows_whether_a_mode_names_its_control(own: ControlPolicy | None, named: bool) -> None:
    assert rule(Policy(), own).named is named


def test_a_rule_has_the_parameters_of_the_line_or_the_defaults_of_the_card() -> None:
    class Limit(Parameters):
        maximum: int = 10

    control = a_control(parameters=Limit)
    policy = Policy(controls={control.id: ControlPolicy(parameters=Limit(maximum=3))})
    assert policy.general_rule(control).parameters == Limit(maximum=3)
    assert Policy().general_rule(control).parameters == Limit()


@pytest.mark.parametrize("data", [{"mod": "audit"}, {"mode": "hold"}, {"version": 2}, {"controls": {"a": {"when": 1}}}])
def test_what_a_policy_does_not_know_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Sheet.model_validate(data)


def test_a_policy_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Policy().mode = ENFORCE  # type: ignore[misc]  # that it is refused is the point


# Routes


def test_a_route_takes_everything_unless_it_says_less() -> None:
    route = a_route()
    assert (route.minimum_severity, route.kinds, route.scopes) == (Severity.LOW, (), ())


@pytest.mark.parametrize("severity", ["critical", Severity.CRITICAL])
def test_a_route_names_a_severity_by_its_word(severity: object) -> None:
    assert a_route(minimum_severity=severity).minimum_severity is Severity.CRITICAL


@pytest.mark.parametrize("kind", ["Remediated", "Holdfast.Remediated"])
def test_a_route_names_a_kind_of_notice_with_or_without_our_name(kind: str) -> None:
    assert a_route(kinds=[kind]).kinds == (NoticeKind.REMEDIATED,)


@pytest.mark.parametrize("changes", [{"minimum_severity": "urgent"}, {"minimum_severity": 5}, {"kinds": ["Mended"]}])
def test_a_route_with_a_word_nobody_knows_names_the_words_there_are(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="one of '"):
        a_route(**changes)


@pytest.mark.parametrize(
    "below",
    [
        "",
        "/resourceGroups/RG-Payments",
        "/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg",
        "/",
    ],
)
def test_a_scope_is_kept_in_lower_case_and_without_a_last_slash(below: str) -> None:
    scope = f"/subscriptions/{SUBSCRIPTION}{below}"
    assert a_route(scopes=[scope]).scopes == (scope.rstrip("/").lower(),)


@pytest.mark.parametrize(
    "scope",
    [
        "",
        "/",
        "*",
        "/subscriptions",
        "/subscriptions/production",
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups",
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/..",
        f"/subscriptions/{SUBSCRIPTION}/groups/rg",
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/a",
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/a/b/c",
        f"//subscriptions/{SUBSCRIPTION}",
    ],
)
def test_what_is_no_scope_is_refused_with_the_right_shape(scope: str) -> None:
    with pytest.raises(ValidationError, match="a management group, subscription, resource group or server: "):
        a_route(scopes=[scope])


@pytest.mark.parametrize("changes", [{"name": "DBA team"}, {"name": ""}, {"url_setting": "https://hooks.example"}])
def test_a_route_with_a_name_that_is_none_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        a_route(**changes)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("general", list(Mode))
def test_for_a_control_that_is_only_told_a_line_counts_at_first_sight_too(mode: Mode, general: Mode) -> None:
    control = a_control(permissions=frozenset())
    policy = Policy(mode=general, controls={control.id: ControlPolicy(mode=mode)})
    assert policy.general_rule(control).first_sight is mode
    silent = replace(policy, controls={control.id: ControlPolicy(mode=mode, first_sight=OFF)})
    assert silent.general_rule(control).first_sight is OFF
