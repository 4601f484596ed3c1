"""The parts of the policy that are neither modes nor people: how long, how often, how many. Defaults are cautious."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.policy.words import Frozen

_Count = Annotated[int, Field(ge=1, le=100_000)]
_Minutes = Annotated[float, Field(gt=0, le=7 * 24 * 60)]
_Hours = Annotated[float, Field(gt=0, le=90 * 24)]
_Days = Annotated[float, Field(gt=0, le=3660)]


class Exempting(Frozen):
    """No exemption lasts longer than `longest_days`; its owner hears of its end `warn_days` before.

    `azure_policy` says whether Azure Policy exemptions count for the controls that their definitions are mapped to.
    """

    longest_days: _Days = 90
    warn_days: _Days = 14
    azure_policy: bool = False


class Breaker(Frozen):
    """Somebody fights back: a control fixed this often on one server within these minutes is held."""

    fixes: _Count = 3
    minutes: _Minutes = 60


class Flapping(Frozen):
    """A drift reported this often within these minutes is reported once more, and then no longer."""

    reports: _Count = 4
    minutes: _Minutes = 60


class BlastRadius(Frozen):
    """More servers than this changed within these minutes, and everything stops and asks; 0 sets no limit."""

    servers: Annotated[int, Field(ge=0, le=100_000)] = 20
    minutes: _Minutes = 10


class AtExpiry(StrEnum):
    """What becomes of a plan that nobody decided about in time."""

    DENY = "deny"
    ESCALATE = "escalate"


class Approvals(Frozen):
    """Who may approve plans, and for how long.

    `approvers` are ids of people, groups or applications (empty: any person who is signed in). With `four_eyes` whoever
    caused the drift cannot approve the plan against it.
    """

    valid_hours: _Hours = 24
    at_expiry: AtExpiry = AtExpiry.DENY
    approvers: tuple[str, ...] = ()
    four_eyes: bool = True


class BreakGlass(Frozen):
    """On a server with this tag nothing is written until the moment that is the tag's value."""

    tag: Annotated[str, Field(min_length=1, max_length=512)]
    longest_hours: _Hours = 12
