"""The parts of the policy that are neither modes nor people: how long, how often, how many. Defaults are cautious."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.policy.words import Frozen, ServerScopeId, TagName
from shared.references import Ids

_Count = Annotated[int, Field(ge=1, le=100_000)]
_Minutes = Annotated[float, Field(gt=0, le=7 * 24 * 60)]
_Hours = Annotated[float, Field(gt=0, le=90 * 24)]
_Days = Annotated[float, Field(gt=0, le=3660)]


class Exempting(Frozen):
    """How long exemptions may last, and when their owners hear that they end."""

    longest_days: _Days = Field(default=90, description="No exemption ends later than this from now.")
    warn_days: _Days = Field(default=14, description="The owner hears that an exemption ends so many days before.")
    azure_policy: bool = Field(
        default=False,
        description="Whether Azure Policy exemptions count, for controls that their definitions are mapped to.",
    )


class Breaker(Frozen):
    """When somebody fights back: a control that was fixed too often on one server is held there."""

    fixes: _Count = Field(default=3, description="So many fixes of one control on one server ...")
    minutes: _Minutes = Field(default=60, description="... within so many minutes, and it is held.")


class Flapping(Frozen):
    """When a drift that comes and goes is no longer told each time."""

    reports: _Count = Field(default=4, description="So many reports of one drift ...")
    minutes: _Minutes = Field(
        default=60, description="... within so many minutes, and it is not told again for as long."
    )


class BlastRadius(Frozen):
    """When too much is changed at once: everything stops and asks."""

    servers: Annotated[int, Field(ge=0, le=100_000)] = Field(
        default=20, description="More servers than this changed (0 sets no limit) ..."
    )
    minutes: _Minutes = Field(default=10, description="... within so many minutes, and everything is held.")


class Retention(Frozen):
    """How long what is over is kept. What is open is never dropped, however old it is."""

    records_days: Annotated[float, Field(ge=30, le=36_600)] = Field(
        default=400, description="Records, and decisions about plans, are dropped so many days after their last line."
    )
    dead_letters_days: Annotated[float, Field(ge=1, le=36_600)] = Field(
        default=90, description="Dead letters are dropped after so many days."
    )


class AtExpiry(StrEnum):
    """What becomes of a plan that nobody decided about in time."""

    DENY = "deny"
    ESCALATE = "escalate"


class Approvals(Frozen):
    """Who may approve plans, and for how long they can."""

    valid_hours: _Hours = Field(default=24, description="How long a plan waits for a person.")
    at_expiry: AtExpiry = Field(
        default=AtExpiry.DENY,
        description="Then it counts as denied, or the escalation routes are told and it waits once more.",
    )
    approvers: Ids = Field(
        default=(), description="Object ids of people or groups, or identity:NAME; empty: any person who is signed in."
    )
    four_eyes: bool = Field(default=True, description="Whoever caused the drift does not decide about it.")


class FailoverRules(Frozen):
    """When a replica may take over, and who says so. A failover is only ever made because a person asks for it."""

    approval: bool = Field(
        default=False,
        description="Whether it waits for an approval, by the rules of `approvals`: with four eyes, of somebody else.",
    )
    max_lag_seconds: Annotated[float, Field(ge=0, le=86_400)] = Field(
        default=300, description="A planned failover is refused while the replica lags behind by more than this."
    )


class BreakGlass(Frozen):
    """A tag with which anybody who may tag a server keeps Holdfast from writing there for a while."""

    tag: TagName = Field(description="The tag's name; its value is a moment with offset: 2026-03-01T18:00+01:00.")
    longest_hours: _Hours = Field(default=12, description="A moment further ahead than this does not count.")


class DatabaseAccess(Frozen):
    """Servers whose databases Holdfast may look into, and as whom it signs in there."""

    scope: ServerScopeId = Field(description="Servers below this ARM id: a server, a resource group, a subscription.")
    user: Annotated[str, Field(min_length=1, max_length=128)] = Field(
        description="The role in the database that stands for Holdfast's identity in Entra."
    )
    only: tuple[Annotated[str, Field(min_length=1, max_length=63)], ...] = Field(
        default=(), description="The databases that are opened; none: all that take connections."
    )
