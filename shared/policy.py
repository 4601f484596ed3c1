"""What the owner of the servers wants. Frozen; unknown keys are refused; the defaults observe and change nothing."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.control import Control, Disposition, Parameters, Severity


class Mode(StrEnum):
    """What Holdfast may do about a drift, from nothing to everything."""

    OFF = "off"
    AUDIT = "audit"
    NOTIFY = "notify"
    APPROVE = "approve"
    ENFORCE = "enforce"

    @property
    def rank(self) -> int:
        """Position on the scale."""
        return list(Mode).index(self)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ControlPolicy(_Frozen):
    """One control's line in the policy. What it leaves out comes from the policy's own defaults."""

    mode: Mode | None = None
    first_sight: Mode | None = None
    parameters: Parameters = Parameters()


class Route(_Frozen):
    """A way to reach people: an Apprise URL, kept in an application setting since it holds a secret."""

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")]
    url_setting: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    minimum_severity: str = "low"
    kinds: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


class Policy(_Frozen):
    """The whole policy. `mode` holds for every control without a line of its own."""

    version: int = 1
    mode: Mode = Mode.AUDIT
    first_sight: Mode | None = None
    controls: Mapping[str, ControlPolicy] = Field(default_factory=dict)
    routes: tuple[Route, ...] = ()

    def rule(self, control: Control) -> "Rule":
        """What this policy says about one control.

        A line that names the control decides alone. A default is held back by the catalogue: where the catalogue
        asks for a person, a default of `enforce` asks for a person too.
        """
        own = self.controls.get(control.id, ControlPolicy(parameters=control.parameters()))
        return Rule(
            fresh=own.mode or _capped(self.mode, control.fresh),
            first_sight=own.first_sight
            or min(
                _capped(self.first_sight or self.mode, control.first_sight),
                own.mode or Mode.ENFORCE,
                key=lambda mode: mode.rank,
            ),
            parameters=own.parameters,
            named=own.mode is not None,
        )


class Rule(_Frozen):
    """The policy about one control: modes for a fresh drift and for a drift found at first sight."""

    fresh: Mode
    first_sight: Mode
    parameters: Parameters
    named: bool


_CAP = {
    Disposition.AUTO: Mode.ENFORCE,
    Disposition.APPROVAL: Mode.APPROVE,
    Disposition.NOTIFY: Mode.NOTIFY,
}


def _capped(mode: Mode, disposition: Disposition) -> Mode:
    return min(mode, _CAP[disposition], key=lambda candidate: candidate.rank)


SEVERITIES = {str(severity): severity for severity in Severity}
