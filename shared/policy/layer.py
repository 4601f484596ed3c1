"""What one level of the policy says: the policy itself, or one of its scopes. What it leaves out comes from above."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.control import Parameters
from shared.policy.mode import Mode
from shared.policy.spot import Spot

type Key = tuple[str, ...]
"""Names a line below a level: `("mode",)`, `("controls", "tls-required", "parameters", "maximum")`."""


@dataclass(frozen=True, slots=True)
class Delay:
    """A fix waits this many hours after the drift was told; reminders go out so many hours before its end."""

    hours: float
    remind_hours_before: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class ControlPolicy:
    """One control's line. Of `parameters` only those that were written count; each stands for itself."""

    mode: Mode | None = None
    first_sight: Mode | None = None
    parameters: Parameters | None = None
    delay: Delay | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The modes of one level, and its controls' lines. `lines` says in which file and line each was written."""

    mode: Mode | None = None
    first_sight: Mode | None = None
    controls: Mapping[str, ControlPolicy] = field(default_factory=dict)
    lines: Mapping[Key, Spot] = field(default_factory=dict)

    def where(self, *key: str) -> str:
        """`policy.yaml:12`, or nothing for what is in no file."""
        return str(self.lines[key]) if key in self.lines else ""
