"""Standing orders: what people, or the breaker, have said must not be done for now. `shared.standing` keeps them.

A hold stops all writing in its scope until somebody releases it. An exemption lets a drift stand until it expires.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.scope import Place, covers


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing is written in `scope` (see shared.scope), for `control` only where it is named.

    `automatic` says that the breaker or the blast radius placed it, not a person.
    """

    id: str
    scope: str
    reason: str
    by: str
    at: datetime
    control: str = ""
    automatic: bool = False

    def stops(self, place: Place, control: str) -> bool:
        """Whether it forbids writing here for this control."""
        return self.control in ("", control) and covers(self.scope, place)


@dataclass(frozen=True, slots=True)
class Exemption:
    """The controls (none named: all) may drift in `scope`, or where `tags` stand, until `expires_at`.

    `owner` answers for it, `ticket` says where it was agreed. `source` is `file:line`, or how the command was given.
    """

    id: str
    scope: str
    controls: tuple[str, ...]
    reason: str
    owner: str
    expires_at: datetime
    ticket: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime | None = None
    by: str = ""
    source: str = ""

    def holds(self, place: Place, control: str, at: datetime) -> bool:
        """Whether it exempts this control here at this moment. An expired exemption is no exemption."""
        return (
            at < self.expires_at
            and (not self.controls or control in self.controls)
            and covers(self.scope, place)
            and all(place.tag(name) == value for name, value in self.tags.items())
        )


@dataclass(frozen=True, slots=True)
class Orders:
    """All standing orders. `warned` are the ids of exemptions whose owner has heard that they expire soon."""

    holds: tuple[Hold, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    warned: tuple[str, ...] = ()
    unknown: Mapping[str, Any] = field(default_factory=dict)

    def hold(self, place: Place, control: str = "") -> Hold | None:
        """The hold that forbids writing here, the oldest first."""
        found = (hold for hold in self.holds if hold.stops(place, control))
        return min(found, key=lambda hold: hold.at, default=None)


def exemption_for(exemptions: Iterable[Exemption], place: Place, control: str, at: datetime) -> Exemption | None:
    """The exemption that lasts longest of those that hold here now."""
    found = (exemption for exemption in exemptions if exemption.holds(place, control, at))
    return max(found, key=lambda exemption: exemption.expires_at, default=None)
