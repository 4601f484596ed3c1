"""server-running-state: a server that was stopped is started, before anything else is done to it."""

import pytest

from remediators.running_server import CONTROL, REMEDIATORS, detect
from shared.control import LastGood, NotApplicable, Parameters, Risk, Source
from shared.plan import Judge, make_plan
from shared.policy import Mode, Policy
from shared.state import STOPPED, Setting, SettingKind, State
from shared.target import Kind
from tests.builders import CATALOGUE, a_server, a_state, a_target

POWER = Setting(SettingKind.POWER)
JUDGE = Judge(REMEDIATORS[0], Policy(mode=Mode.ENFORCE).general_rule(CONTROL))


@pytest.mark.parametrize("state", ["Ready", "Updating", "Starting", "Restarting", "Inaccessible", ""])
def test_a_server_that_nobody_stopped_is_good(state: str) -> None:
    assert detect(a_state(server=a_server(state=state)), Parameters()) == ()


@pytest.mark.parametrize("kind", [Kind.FLEXIBLE, Kind.CITUS])
@pytest.mark.parametrize("state", ["Stopped", "stopping"])
def test_a_stopped_server_is_started_and_can_be_stopped_again(kind: Kind, state: str) -> None:
    plan = make_plan(a_state(a_target(kind=kind), server=a_server(state=state)), [JUDGE], LastGood())
    (change,), (back,) = plan.changes, plan.undo
    assert (change.after, change.source, change.risk) == ("running", Source.POLICY, Risk.SAFE)
    assert back.after == STOPPED


def test_it_is_started_before_anything_else_is_changed() -> None:
    door = CATALOGUE["public-network-access-disabled"]
    judges = [Judge(door, Policy(mode=Mode.ENFORCE).general_rule(door.control)), JUDGE]
    state = a_state(server=a_server(state="Stopped", public_access=True))
    assert make_plan(state, judges, LastGood()).changes[0].setting == POWER


def test_a_single_server_cannot_be_stopped() -> None:
    assert a_state(a_target(kind=Kind.SINGLE)).value(POWER) is None
    assert isinstance(detect(State(a_target()), Parameters()), NotApplicable)
