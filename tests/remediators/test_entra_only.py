"""entra-only-auth: passwords go only where somebody can still sign in."""

import pytest

from remediators.entra_only import CONTROL, REMEDIATORS, detect
from shared.control import Drift, LastGood, NotApplicable, Parameters, Risk
from shared.plan import Judge, make_plan
from shared.policy import Policy
from shared.state import Setting, SettingKind, State, authentication_value
from shared.target import Kind
from tests.builders import TENANT, a_server, a_state, a_target

JUDGE = Judge(REMEDIATORS[0], Policy().general_rule(CONTROL))


def found(state: State) -> Drift:
    finding = detect(state, Parameters())
    assert isinstance(finding, tuple)
    (drift,) = finding
    return drift


def test_a_server_without_passwords_is_good() -> None:
    assert detect(a_state(server=a_server(entra_auth=True, password_auth=False)), Parameters()) == ()


@pytest.mark.parametrize("kind", [Kind.FLEXIBLE, Kind.CITUS])
def test_all_members_are_written_and_clients_may_be_cut(kind: Kind) -> None:
    state = a_state(a_target(kind=kind), server=a_server(password_auth=True))
    (change,) = make_plan(state, [JUDGE], LastGood()).changes
    assert change.setting == Setting(SettingKind.AUTHENTICATION)
    assert change.after == authentication_value(True, False, TENANT)
    assert change.risk is Risk.MAY_CUT_CLIENTS


@pytest.mark.parametrize(
    ("state", "first"),
    [
        (a_state(server=a_server(password_auth=True), administrators=()), "add a Microsoft Entra administrator first"),
        (a_state(server=a_server(entra_auth=False, password_auth=True)), "enable Microsoft Entra authentication first"),
    ],
)
def test_somebody_else_comes_first(state: State, first: str) -> None:
    assert found(state).person.startswith(first)
    assert make_plan(state, [JUDGE], LastGood()).changes == ()


def test_what_was_good_before_does_not_come_back_without_an_administrator_either() -> None:
    state = a_state(server=a_server(password_auth=True), administrators=())
    before = LastGood(values={Setting(SettingKind.AUTHENTICATION): authentication_value(True, False, TENANT)})
    assert make_plan(state, [JUDGE], before).changes == ()


def test_a_server_that_does_not_say_how_people_sign_in_is_not_judged() -> None:
    state = a_state(server=a_server(entra_auth=False, password_auth=False))
    assert isinstance(detect(state, Parameters()), NotApplicable)
    assert isinstance(detect(State(a_target()), Parameters()), NotApplicable)
