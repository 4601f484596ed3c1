"""What an audit says about one control on one server, and what that rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.control import Control
from shared.policy import Mode
from shared.state import Value
from shared.target import Target


class Status(StrEnum):
    """The answer, the worst first.

    `ERROR`: it could not be read. `MANUAL`: Holdfast cannot see it by itself, a person has to confirm it. `EXEMPT`: it
    does not hold, and is allowed not to for a while.
    """

    FAIL = "FAIL"
    ERROR = "ERROR"
    MANUAL = "MANUAL"
    EXEMPT = "EXEMPT"
    PASS = "PASS"  # noqa: S105 - a verdict
    NOT_APPLICABLE = "NOT_APPLICABLE"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Status).index(self)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that the judgement looked at, and what was read there."""

    what: str
    value: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it should be: what mends it, and what the engine would do about it now.

    `verb` and `decision` are empty where the policy has Holdfast take no notice of the control.
    """

    setting: str
    found: Value
    wanted: Value
    why: str
    remedy: str
    decision: str = ""
    verb: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One control on one server.

    `reason` says why it does not apply, could not be read, is exempt, or what a person has to confirm. `missing` is the
    permission that reading it lacks, `calls` are the requests that show what was judged. `mode` and `first_sight` are
    the policy's, `exemption` the one that holds here, needed or not.
    """

    target: Target
    control: Control
    status: Status
    mode: Mode
    first_sight: Mode
    reason: str = ""
    missing: str = ""
    exemption: str = ""
    faults: tuple[Fault, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    calls: tuple[str, ...] = ()
    at: datetime | None = None
    frameworks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def off(self) -> bool:
        """Whether the policy has Holdfast take no notice of the control here."""
        return self.mode is self.first_sight is Mode.OFF


@dataclass(frozen=True, slots=True)
class Report:
    """Everything about one server, the worst first."""

    target: Target
    findings: tuple[Finding, ...]
