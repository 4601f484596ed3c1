"""The shape of the policy file, key by key."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, SerializeAsAny

from shared.control import Parameters
from shared.policy.layer import ControlPolicy, Delay
from shared.policy.mode import Mode
from shared.policy.model import Policy
from shared.policy.routes import Route
from shared.policy.sections import Approvals, BlastRadius, Breaker, BreakGlass, Exempting, Flapping
from shared.policy.trust import Trusted
from shared.policy.words import Frozen


class DelaySheet(Frozen):
    """How long a fix waits, and when reminders go out. 0 hours: it does not wait."""

    hours: Annotated[float, Field(ge=0, le=24 * 90)]
    remind_hours_before: tuple[Annotated[float, Field(gt=0)], ...] = ()


class ControlSheet(Frozen):
    """One control's line. What it leaves out comes from above."""

    mode: Mode | None = None
    first_sight: Mode | None = None
    parameters: SerializeAsAny[Parameters] | None = None
    delay: DelaySheet | None = None

    def control_policy(self) -> ControlPolicy:
        """The line, ready for use."""
        delay = Delay(self.delay.hours, self.delay.remind_hours_before) if self.delay else None
        return ControlPolicy(self.mode, self.first_sight, self.parameters, delay)


class Sheet(Frozen):
    """A whole policy."""

    version: Literal[1] = 1
    mode: Mode = Mode.AUDIT
    first_sight: Mode | None = None
    controls: Mapping[str, ControlSheet] = Field(default_factory=dict)
    exempting: Exempting = Exempting()
    breaker: Breaker = Breaker()
    flapping: Flapping = Flapping()
    blast_radius: BlastRadius = BlastRadius()
    approvals: Approvals = Approvals()
    operators: tuple[str, ...] = ()
    trusted: tuple[Trusted, ...] = ()
    break_glass: BreakGlass | None = None
    routes: tuple[Route, ...] = ()


def policy_of(sheet: Sheet) -> Policy:
    """The policy that the file asks for."""
    same = {name: getattr(sheet, name) for name in Sheet.model_fields if name != "controls"}
    return Policy(**same, controls={name: line.control_policy() for name, line in sheet.controls.items()})
