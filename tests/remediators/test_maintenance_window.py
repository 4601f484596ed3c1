"""maintenance-window-custom: the whole window is one value, and keeps what the policy does not name."""

import pytest

from remediators.maintenance_window import Window, detect
from shared.control import Finding, NotApplicable
from shared.state import State, Value
from shared.target import Kind
from tests.builders import a_server, a_state, a_target


def a_window(custom: str = "Enabled", day: str = "3", hour: str = "4", minute: str = "30") -> dict[str, str]:
    return {"customWindow": custom, "dayOfWeek": day, "startHour": hour, "startMinute": minute}


def a_server_with(window: dict[str, str], kind: Kind = Kind.FLEXIBLE) -> State:
    return a_state(
        a_target(kind=kind), server=a_server(facts={f"maintenanceWindow.{name}": window[name] for name in window})
    )


def wanted(found: Finding) -> Value:
    assert isinstance(found, tuple)
    return found[0].wanted


@pytest.mark.parametrize("custom", ["Enabled", "enabled"])
def test_any_window_that_somebody_chose_is_good(custom: str) -> None:
    assert detect(a_server_with(a_window(custom)), Window()) == ()


@pytest.mark.parametrize("kind", [Kind.FLEXIBLE, Kind.CITUS])
def test_a_window_that_azure_chooses_becomes_a_quiet_one(kind: Kind) -> None:
    state = a_server_with(a_window("Disabled", "0", "0", "0"), kind)
    assert wanted(detect(state, Window())) == a_window("Enabled", "0", "2", "0")


def test_a_window_at_another_time_moves_to_the_time_of_the_policy() -> None:
    found = detect(a_server_with(a_window()), Window(day="sunday", start_hour=1))
    assert wanted(found) == a_window("Enabled", "0", "1", "30")


def test_a_window_at_the_time_of_the_policy_is_good() -> None:
    assert detect(a_server_with(a_window()), Window(day="wednesday", start_hour=4, start_minute=30)) == ()


def test_a_server_without_a_window_is_not_judged() -> None:
    assert isinstance(detect(a_server_with({}), Window()), NotApplicable)


def test_the_window_that_was_there_before_is_the_value_of_one_setting() -> None:
    state = a_server_with(a_window())
    (setting,) = [setting for setting in state.settings() if setting.name == "maintenanceWindow"]
    changed = state.with_value(setting, a_window("Disabled", "0", "0", "0"))
    assert changed.with_value(setting, state.value(setting)) == state
