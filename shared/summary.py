"""What is said of one server at a glance: for each control that was judged, how it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Mark(StrEnum):
    """How a control stands on a server, the worst first.

    `HELD`: it does not hold, and a hold forbids putting it right. `EXEMPT`: it does not hold, and is allowed not to for
    a while. `UNKNOWN`: it could not be read.
    """

    DRIFT = "drift"
    HELD = "held"
    UNKNOWN = "unknown"
    EXEMPT = "exempt"
    OK = "ok"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Mark).index(self)


@dataclass(frozen=True, slots=True)
class Summary:
    """`marks` go by control; one that does not apply has none. `at` is when it was written down: an unchanged server is
    written anew each hour. `waiting` counts the plans that wait for a person, `trouble` says why the last look came to
    nothing."""

    at: datetime
    marks: Mapping[str, Mark] = field(default_factory=dict)
    waiting: int = 0
    trouble: str = ""
    unknown: Mapping[str, Any] = field(default_factory=dict)
