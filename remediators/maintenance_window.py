"""maintenance-window-custom: Azure maintains the server when the owner says, not when Azure likes.

Why      Maintenance restarts the server; in a window of Azure's choice that may be in the middle of the day.
Fix      Write the whole window: the day and hour that the policy names, else those that were there.
Refuses  Servers for which Azure reports no window are not applicable.
Undo     Write the window as it was. A change holds from the next cycle on.
"""

from typing import Annotated, Literal

from pydantic import Field

from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Remediator,
    Severity,
)
from shared.state import SERVER, Setting, SettingKind, State
from shared.target import Kind

_SETTING = Setting(SettingKind.PROPERTY, "maintenanceWindow")
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
# What a window gets that nobody has chosen yet: early on Sunday.
_QUIET = {"dayOfWeek": "0", "startHour": "2", "startMinute": "0"}


class Window(Parameters):
    """`day`, `start_hour`, `start_minute`: when the window begins; what is left out stays as it is."""

    day: Literal["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] | None = None
    start_hour: Annotated[int, Field(ge=0, le=23)] | None = None
    start_minute: Annotated[int, Field(ge=0, le=59)] | None = None


CONTROL = Control(
    id="maintenance-window-custom",
    title="A custom maintenance window is configured",
    domain="Underlying OS / - (patching)",
    severity=Severity.LOW,
    facets=(SERVER,),
    operations=frozenset({"write"}),
    permissions=frozenset({"write"}),
    first_sight=Disposition.AUTO,
    kinds=frozenset({Kind.FLEXIBLE, Kind.CITUS}),
    parameters=Window,
    optional=True,
)


def detect(state: State, window: Window) -> Finding:
    """Find a window that Azure chooses, or one at another time than the policy's."""
    found = state.value(_SETTING)
    if found is None or isinstance(found, str):
        return NotApplicable("Azure reports no maintenance window for this server")
    custom = found.get("customWindow", "").lower() == "enabled"
    wanted = {**_QUIET, **(found if custom else {}), **_chosen(window), "customWindow": "Enabled"}
    if custom and all(found.get(name) == text for name, text in wanted.items() if name != "customWindow"):
        return ()
    why = "the window is at another time than the policy's" if custom else "Azure chooses when it restarts the server"
    return (Drift(CONTROL.id, _SETTING, found, wanted, why),)


def _chosen(window: Window) -> dict[str, str]:
    chosen = {
        "dayOfWeek": None if window.day is None else _DAYS.index(window.day),
        "startHour": window.start_hour,
        "startMinute": window.start_minute,
    }
    return {name: str(number) for name, number in chosen.items() if number is not None}


REMEDIATORS = (Remediator(CONTROL, detect),)
