"""Deployment identities whose changes are let stand, and when."""

from collections.abc import Set
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.policy.words import Frozen, Name, ScopeId, Some, wanted
from shared.references import IdSet
from shared.scope import Place, covers


def _cron(text: str) -> str:
    # croniter is imported only where there is a window.
    from shared.policy.cron import is_cron

    if not is_cron(text):
        raise wanted("a cron line: minute, hour, day of month, month, day of week, such as 0 22 * * 1-5")
    return text


def _timezone(name: str) -> str:
    import zoneinfo

    known = zoneinfo.available_timezones()
    if name in known:
        return name
    near = get_close_matches(name[:100], known, 1)
    raise wanted(f"an IANA time zone such as {near[0] if near else 'Europe/Zurich'}")


class Window(Frozen):
    """A change window: it opens at every moment the cron line names, by the clock of the time zone."""

    opens: Annotated[str, AfterValidator(_cron)] = Field(
        description="When it opens, as a cron line: minute hour day-of-month month day-of-week."
    )
    hours: Annotated[float, Field(gt=0, le=7 * 24)] = Field(description="How long it stays open.")
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(
        default="UTC", description="IANA name, such as Europe/Zurich."
    )

    def is_open(self, at: datetime) -> bool:
        """Whether the window is open at this moment."""
        from shared.policy.cron import is_open

        return is_open(self.opens, self.hours, self.timezone, at)


class Trusted(Frozen):
    """A deployment identity whose changes are let stand: always, inside windows, or with a ticket.

    The claim counts once it is confirmed. The activity log may
    take minutes: for `patience_minutes` after the event it is waited for before the change is treated as anybody's.
    """

    name: Name = Field(description="What records call it.")
    ids: Annotated[IdSet, Some] = Field(description="Its object ids and application ids, or identity:NAME.")
    windows: tuple[Window, ...] = Field(
        default=(), description="Only while one of these is open, or there is a ticket."
    )
    ticket_tag: Annotated[str, Field(max_length=512)] = Field(
        default="", description="Only while the server has this tag with any value, or a window is open."
    )
    scopes: tuple[ScopeId, ...] = Field(default=(), description="Only servers below these ARM ids; none: every server.")
    patience_minutes: Annotated[float, Field(ge=0, le=24 * 60)] = Field(
        default=0, description="How long the activity log is waited for, to confirm that it really was this identity."
    )

    def may_change(self, ids: Set[str], place: Place, at: datetime) -> bool:
        """Whether it is this identity, and its change is let stand here and now, once it is confirmed."""
        return bool(ids & self.ids) and self._reaches(place) and self._in_time(place, at)

    def _reaches(self, place: Place) -> bool:
        return not self.scopes or any(covers(scope, place) for scope in self.scopes)

    def _in_time(self, place: Place, at: datetime) -> bool:
        """Inside a change window or with a ticket on the server; at any time where neither is asked for."""
        if not self.windows and not self.ticket_tag:
            return True
        if self.ticket_tag and (place.tag(self.ticket_tag) or "").strip():
            return True
        return any(window.is_open(at) for window in self.windows)
