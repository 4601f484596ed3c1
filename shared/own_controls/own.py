"""A control of the owner's, and what people are shown of it beside its card."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.control import Remediator
from shared.policy.spot import Spot


@dataclass(frozen=True, slots=True)
class Own:
    """`spot` is where it stands. `texts` are what a module says under each heading; `wanted` and `why`, what a row
    says."""

    remediator: Remediator
    spot: Spot
    texts: Mapping[str, str] = field(default_factory=dict)
    wanted: str = ""
    why: str = ""

    @property
    def id(self) -> str:
        """The control's id."""
        return self.remediator.control.id
