"""Deployment identities whose changes are let stand, and when."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.policy.words import Frozen, ScopeId


class Window(Frozen):
    """A change window: from each moment that the cron line `opens` names, by the clock of `timezone`, for `hours`."""

    opens: str
    hours: Annotated[float, Field(gt=0, le=7 * 24)]
    timezone: str = "UTC"

    def is_open(self, at: datetime) -> bool:
        """Whether the window is open at this moment."""
        from shared.policy.cron import is_open

        return is_open(self.opens, self.hours, self.timezone, at)


class Trusted(Frozen):
    """An identity (`ids`: object ids and application ids, lower case) whose changes are let stand.

    Only inside one of the `windows` (none: always), or while the server has the tag `ticket_tag`; only below `scopes`
    (none: everywhere). The claim counts once it is confirmed. The activity log may take minutes: for `patience_minutes`
    after the event it is waited for before the change is treated as anybody's (0: not at all).
    """

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")]
    ids: frozenset[str]
    windows: tuple[Window, ...] = ()
    ticket_tag: str = ""
    scopes: tuple[ScopeId, ...] = ()
    patience_minutes: Annotated[float, Field(ge=0, le=24 * 60)] = 0
