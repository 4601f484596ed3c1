"""What is known about one server between two looks: good values, the fix under way, what was asked and told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.control import Change, LastGood
from shared.journal import Actor, Report
from shared.measure import Answer, Course, Held, Measure
from shared.state import Facet, FacetKind, Setting, Value
from shared.summary import Summary


class Assent(StrEnum):
    """How somebody agreed: to a plan that was proposed, or by asking for it in so many words."""

    APPROVED = "approved"
    ASKED_FOR = "asked for"


@dataclass(frozen=True, slots=True)
class Consent:
    """Somebody agreed to exactly these changes: all of them are made, or none.

    `id` is the approval's, or that of the trigger that brought the request. What was `begun` with somebody's consent
    may be finished with it, as long as the rest of it can be done as it was agreed.
    """

    id: str
    changes: tuple[Change, ...]
    by: str
    how: Assent
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Copied:
    """That the server is a copy of another: `source` is that one's ARM id, empty where nobody could tell.

    A `replica` says so itself, as long as it is one. Of any other it is known since `since` from its creation, or
    because `by` asked for it to be mirrored; it is compared until it was mirrored once, at `done_at`.
    """

    source: str
    since: datetime
    by: str = ""
    replica: bool = False
    done_at: datetime | None = None

    @property
    def in_force(self) -> bool:
        """Whether it is still to be compared with its source."""
        return bool(self.source) and self.done_at is None


class Purpose(StrEnum):
    """Why Holdfast writes."""

    FIX = "fix"
    UNDO = "undo"
    PROMOTE = "promote"


@dataclass(frozen=True, slots=True)
class Remediation:
    """Writing that was begun and not yet proven. `sent` are the settings whose write Azure accepted.

    `operations` are the addresses of Azure's operations: signed and long, kept whole, never logged. `announced` says
    that machines have been told of the drift. `measures` are those it carries out, or, of an undo, takes back because
    they are over. `agreed` is what people agreed to, where somebody had to. `undoes` and
    `exempt_hours` are those of the request behind an undo.
    """

    id: str
    controls: tuple[str, ...]
    changes: tuple[Change, ...]
    report: Report
    opened_at: datetime
    entries: int = 0
    sent: tuple[Setting, ...] = ()
    operations: tuple[str, ...] = ()
    attempts: int = 0
    announced: bool = False
    measures: tuple[str, ...] = ()
    agreed: tuple[Consent, ...] = ()
    purpose: Purpose = Purpose.FIX
    undoes: str = ""
    exempt_hours: float = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the last looks at a target came to nothing."""

    reason: str
    since: datetime
    times: int = 1
    told: bool = False


@dataclass(frozen=True, slots=True)
class Approval:
    """A plan that waits for a person. `id` is its record's; `digest` stands for exactly these changes.

    `caused_by` is whose change drifted: that person cannot approve. `escalated` says that a first deadline has passed.
    One with the purpose to promote is a failover's: no drift brings it, and none takes it away.
    """

    id: str
    controls: tuple[str, ...]
    changes: tuple[Change, ...]
    digest: str
    report: Report
    asked_at: datetime
    expires_at: datetime
    caused_by: Actor | None = None
    entries: int = 1
    escalated: bool = False
    purpose: Purpose = Purpose.FIX


@dataclass(frozen=True, slots=True)
class Denial:
    """Somebody did not want a change, or nobody decided in time.

    It is not asked for again as long as the change of `setting` stays the one that was denied.
    """

    by: str
    at: datetime
    reason: str = ""
    setting: str = ""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A value that a trusted identity set; while it stands, it is not put back.

    The activity log fills up late. Until it is `final`, everybody who wrote since `since` is asked for once more.
    """

    value: Value
    by: str
    at: datetime
    reason: str
    ids: tuple[str, ...] = ()
    since: datetime | None = None
    final: bool = True


@dataclass(frozen=True, slots=True)
class Waiting:
    """A drift that will be put back later; `reminded` counts the reminders already sent."""

    since: datetime
    reminded: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known about a target between two looks.

    `told` maps `control|setting` to a digest of the drift already reported, so that nothing is told twice; `flips` to
    the moments of the latest reports, `muted` to the moment since when people are not told any more. `closed` are the
    correlation ids of our latest finished fixes: their echoes need no look. `fixes` are control ids with the moment
    they were fixed, for the breaker. `denials` go by a change's key, `accepted` by setting, `waiting` by
    `control|setting`. `causes` are those whose changes drifted, by setting; `claimed` says since when one is said to
    be a trusted identity's. `copied` says of which server it is a copy. `good_at` says when each facet was last seen
    without a fresh drift. At `due_at` the server is looked at without any event. `uses` are the ARM ids, lower case, of
    what it uses outside itself, by the facet that shows it: from these it is found (`shared.usage`). `failover` is the
    id of the primary of a failover in which the server takes part (see shared.failover.book): while that is under way,
    nothing else is done here. `answers` are the alerts that are being answered, `held` the settings that their measures
    have changed for a while, `answered` the last alerts that are over, by id. `summary` is what the overview says.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    seen: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    open: Remediation | None = None
    closed: tuple[str, ...] = ()
    trouble: Trouble | None = None
    approvals: tuple[Approval, ...] = ()
    denials: Mapping[str, Denial] = field(default_factory=dict)
    accepted: Mapping[str, Acceptance] = field(default_factory=dict)
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    fixes: tuple[tuple[str, datetime], ...] = ()
    flips: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    muted: Mapping[str, datetime] = field(default_factory=dict)
    good_at: Mapping[str, datetime] = field(default_factory=dict)
    causes: Mapping[str, Actor] = field(default_factory=dict)
    claimed: Mapping[str, datetime] = field(default_factory=dict)
    copied: Copied | None = None
    due_at: datetime | None = None
    uses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    failover: str = ""
    answers: tuple[Answer, ...] = ()
    held: tuple[Held, ...] = ()
    answered: tuple[str, ...] = ()
    summary: Summary | None = None
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures that are in force."""
        return tuple(one for answer in self.answers for one in answer.measures if one.in_force)

    @property
    def ends(self) -> bool:
        """Whether something that answered an alert is to be taken back."""
        return any(one.course is Course.ENDING for answer in self.answers for one in answer.measures)

    @property
    def open_records(self) -> frozenset[str]:
        """Records that may still grow: of a fix under way, of plans that wait, of alerts being answered."""
        opened = (self.open.id, self.open.undoes) if self.open else ()
        waiting = [one.id for one in self.approvals]
        answers = [record for one in self.answers for record in (one.record, *(each.record for each in one.measures))]
        return frozenset((*opened, *waiting, *answers)) - {""}

    def last_good(self) -> LastGood:
        """The last known good values, in the form that remediators take."""
        return LastGood(
            values={Setting.parse(text): value for text, value in self.values.items()},
            seen=frozenset(_facet(text) for text in self.seen),
            standing=frozenset(Setting.parse(text) for text in self.standing),
        )


def _facet(text: str) -> Facet:
    kind, _, name = text.partition("/")
    return Facet(FacetKind(kind), name)
