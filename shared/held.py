"""What is wrong with one server parameter that was read: its value, or that the value is not in force yet."""

from shared.condition import Condition
from shared.control import Drift
from shared.state import Parameter, Setting, SettingKind


def drifts_of(control: str, held: Parameter, condition: Condition, why: str) -> tuple[Drift, ...]:
    """The drift of a parameter that must meet the condition; a good value may still wait for a restart."""
    setting = Setting(SettingKind.PARAMETER, held.name)
    if not condition.holds(held.value):
        return (Drift(control, setting, held.value, condition.mended(held.value), why),)
    if held.pending_restart:
        found = f"{held.value}, stored but not in force"
        person = f"{held.name} waits for a restart of the server; Holdfast restarts no server unasked"
        return (Drift(control, setting, found, condition.mended(held.value), why, person=person),)
    return ()
