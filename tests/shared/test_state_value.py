"""One setting is asked for without making all of them, and the answer is the same."""

import pytest

from shared.state import Setting, SettingKind
from shared.target import Kind
from tests.test_every_control import good_state


@pytest.mark.parametrize("kind", Kind)
def test_each_setting_has_the_value_that_all_of_them_show(kind: Kind) -> None:
    state = good_state(kind)
    for setting, value in state.settings().items():
        assert state.value(setting) == value, setting


@pytest.mark.parametrize("kind", Kind)
def test_what_is_not_there_has_no_value(kind: Kind) -> None:
    state = good_state(kind)
    here = [setting for setting in state.settings() if setting.kind is SettingKind.NEIGHBOUR]
    others = [Setting(one, "nobody") for one in SettingKind if one not in (SettingKind.NEIGHBOUR, SettingKind.TAG)]
    missing = [Setting(one.kind, f"{one.name}-other") for one in here]
    everything = state.settings()
    for setting in (*others, *missing):
        assert state.value(setting) == everything.get(setting), setting
