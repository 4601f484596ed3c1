"""What Holdfast hears and reports: triggers, requests, records, notices, dead letters.

These are the things that cross the border to a store, so all of them turn into JSON and back without loss
(`encode`, `decode`). Times are aware UTC datetimes.
"""

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from shared.alert import Alert, StatusWish
from shared.control import Change
from shared.state import Value


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


_latest = [0]


def new_id(at: datetime | None = None) -> str:
    """A UUID that sorts by time (version 7): names a record, and is the correlation id of its ARM calls.

    Ids of one process and one millisecond count up, so that records keep the order in which they were begun.
    """
    milliseconds = int((at or now()).timestamp() * 1000)
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    if _latest[0] >> 80 == milliseconds:
        value = _latest[0] + 1
    _latest[0] = value
    return str(uuid.UUID(int=value))


def first_id(at: datetime) -> str:
    """No id that `new_id` made before that moment sorts behind this, and none that it made later before it."""
    return str(uuid.UUID(int=(int(at.timestamp() * 1000) << 80) | 7 << 76 | 2 << 62))


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something: as an event's claims say it, or as the platform signed somebody in.

    Names are for people to read. `groups` are the object ids of the groups and the roles of a person who is signed in.
    """

    name: str
    object_id: str = ""
    app_id: str = ""
    kind: str = "unknown"
    ip: str = ""
    groups: tuple[str, ...] = ()


class Origin(StrEnum):
    """What made Holdfast look."""

    EVENT = "event"
    SWEEP = "sweep"
    PERSON = "person"
    APPOINTMENT = "appointment"
    ALERT = "alert"


class Wish(StrEnum):
    """What a person asks for about one server."""

    APPLY = "apply"
    UNDO = "undo"
    FAILOVER = "failover"
    MIRROR = "mirror"


@dataclass(frozen=True, slots=True)
class Request:
    """A person's wish. `changes` are exactly those that were shown and confirmed: they are made, or nothing is.

    `record` names the record to undo, or the failover (shared.failover.book). `exempt_hours` exempts the server from
    the controls concerned after an undo, so that it is not fixed again at once; 0 does not. `source` is the ARM id of
    the server that is mirrored.
    """

    wish: Wish
    by: Actor
    changes: tuple[Change, ...] = ()
    record: str = ""
    reason: str = ""
    exempt_hours: float = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A reason to look at a target. `at` is when it happened, `received_at` when we heard.

    `operation` is the ARM operation below the server's type, lower case (`firewallrules/write`); `*` means every
    control. `child` is the path below the server, lower case; of what stands outside the server, the whole ARM id.
    `authentic` says that the event came
    through a door which only Event Grid's own identity can use, so that its claims are true (docs/decisions/0004).
    `alert` is the security alert that brought it.
    """

    id: str
    target: str
    operation: str
    child: str
    at: datetime
    origin: Origin = Origin.EVENT
    actor: Actor | None = None
    correlation_id: str = ""
    outcome: str = "success"
    received_at: datetime = field(default_factory=now)
    authentic: bool = False
    request: Request | None = None
    alert: Alert | None = None

    @property
    def trace(self) -> str:
        """What its trace is named by: the caller's correlation id where there is one."""
        return self.correlation_id or f"{self.id} {self.target}"

    @property
    def outside(self) -> bool:
        """Whether it is about something that stands outside the server."""
        return self.child.startswith("/")


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One drift and what was decided about it, as people read it.

    `where` is the policy's line: `file:line`. `person` is what a person does, where no write can mend it.
    """

    control: str
    title: str
    severity: str
    setting: str
    found: Value
    wanted: Value
    why: str
    verb: str
    reason: str
    where: str = ""
    person: str = ""

    @property
    def key(self) -> str:
        """The drift's own: `control|setting`."""
        return f"{self.control}|{self.setting}"


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change of a plan, as people read it."""

    setting: str
    before: Value
    after: Value
    source: str
    risk: str


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """What came of one response to a security alert, as people read it.

    `alert` is the alert's id, `response` that of the response, `does` what it does. `course` says how far it came
    (`done`, `asked`, `nothing to do`, ...), `detail` why. What was done ends by itself at `until`, where that is set;
    `undo` says how it is taken back, by which record.
    """

    alert: str
    response: str
    does: str
    course: str
    detail: str = ""
    until: datetime | None = None
    undo: str = ""
    record: str = ""


class NoticeKind(StrEnum):
    """What people and machines are told; the value is the event type Holdfast publishes."""

    DRIFT_DETECTED = "Holdfast.DriftDetected"
    APPROVAL_NEEDED = "Holdfast.ApprovalNeeded"
    APPROVAL_ENDED = "Holdfast.ApprovalEnded"
    REMEDIATION_SCHEDULED = "Holdfast.RemediationScheduled"
    REMEDIATED = "Holdfast.Remediated"
    REMEDIATION_FAILED = "Holdfast.RemediationFailed"
    DRIFT_RESOLVED = "Holdfast.DriftResolved"
    HELD = "Holdfast.Held"
    UNDONE = "Holdfast.Undone"
    FAILOVER_BEGUN = "Holdfast.FailoverBegun"
    FAILED_OVER = "Holdfast.FailedOver"
    FAILOVER_FAILED = "Holdfast.FailoverFailed"
    CANNOT_OBSERVE = "Holdfast.CannotObserve"
    EXEMPTION_EXPIRING = "Holdfast.ExemptionExpiring"
    POLICY_REFUSED = "Holdfast.PolicyRefused"
    ORDERS_CHANGED = "Holdfast.OrdersChanged"
    ALERT_RECEIVED = "Holdfast.AlertReceived"
    ALERT_STATUS = "Holdfast.AlertStatus"
    MEASURE_LIFTED = "Holdfast.MeasureLifted"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything there is to say about one thing that happened to one server.

    `target` is a server's id, or `FLEET.id` where it is about no single one. `elapsed_seconds` runs from the moment the
    trigger was received until the fix was proven. `tags` are those of the server's tags that the policy speaks of.
    `management_groups` are those above its subscription, where the policy asks for them. `approval` names the approval
    that is asked for, `escalated` says that nobody decided when it was asked for the first time, `owner` is whoever is
    responsible for what is reported. `answers` are the responses to security alerts, `seen` what stood on the server
    when the alert came, by setting.
    """

    record: str
    target: str
    severity: str
    at: datetime
    trigger: Trigger | None = None
    findings: tuple[FindingLine, ...] = ()
    changes: tuple[ChangeLine, ...] = ()
    outcome: str = ""
    error: str = ""
    elapsed_seconds: float | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    management_groups: tuple[str, ...] = ()
    approval: str = ""
    escalated: bool = False
    owner: str = ""
    answers: tuple[AnswerLine, ...] = ()
    seen: Mapping[str, Value] = field(default_factory=dict)


class Stage(StrEnum):
    """The steps of a record, in the order in which they can happen."""

    DETECTED = "detected"
    ASKED = "asked"
    DECIDED = "decided"
    INTENDED = "intended"
    APPLIED = "applied"
    PROVEN = "proven"
    FAILED = "failed"
    RESOLVED = "resolved"
    ORDERED = "ordered"
    NOTIFIED = "notified"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the append-only record `record`. `number` counts up within the record."""

    record: str
    number: int
    stage: Stage
    at: datetime
    report: Report
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that waits in the outbox. `delivered` names the routes that have taken it, `refused` says of those that
    never will why not.

    A `quiet` notice is for machines (the Event Grid topic) and the record; people are not told. `defender` is the
    status that it gives a security alert.
    """

    id: str
    kind: NoticeKind
    report: Report
    created_at: datetime
    number: int = 0
    quiet: bool = False
    delivered: frozenset[str] = frozenset()
    attempts: int = 0
    next_at: datetime | None = None
    last_error: str = ""
    defender: StatusWish | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Something that could not be handled, kept where an operator sees it, with the reason."""

    id: str
    source: str
    reason: str
    body: str
    at: datetime


_adapters: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def encode(thing: object) -> bytes:
    """The thing as JSON, with what a newer Holdfast had written into it (`unknown`)."""
    unknown = getattr(thing, "unknown", None)
    if unknown is None:
        return _adapter(type(thing)).dump_json(thing)
    known = _adapter(type(thing)).dump_json(thing, exclude={"unknown"})
    return to_json({**unknown, **from_json(known)}) if unknown else known


def decode[T](kind: type[T], data: bytes | str) -> T:
    """The reverse of `encode`. What has a field `unknown` keeps in it what a newer Holdfast wrote and this one does not
    know, so that it survives being written again (docs/upgrades.md)."""
    thing: T = _adapter(kind).validate_json(data)
    names = kind.__dataclass_fields__ if is_dataclass(kind) else {}
    if "unknown" in names and (unknown := {key: item for key, item in from_json(data).items() if key not in names}):
        return replace(thing, unknown=unknown)  # type: ignore[type-var]  # it is a dataclass
    return thing
