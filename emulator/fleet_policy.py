"""Azure Policy as a fleet file describes it: its initiatives, assignments and exemptions, by id."""

import re
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from emulator.body import Body

_KINDS = {one.lower(): one for one in ("policySetDefinitions", "policyAssignments", "policyExemptions")}
_ID = re.compile(rf"(?:/\S+)?/providers/Microsoft\.Authorization/({'|'.join(_KINDS)})/[^/\s]+", re.IGNORECASE)


class PolicyResource(BaseModel):
    """One of them; the id says what it is and where it was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    properties: Body

    @property
    def type(self) -> str:
        """Its resource type."""
        return f"Microsoft.Authorization/{_KINDS[self.id.split('/')[-2].lower()]}"

    @model_validator(mode="after")
    def _has_such_an_id(self) -> Self:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"found {self.id!r}, wanted the id of one of {', '.join(_KINDS.values())}")
        return self
