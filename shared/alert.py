"""A security alert of Defender for Cloud (Security Center), in one form whichever door it came through.

It names where to look and what somebody seems to have tried; the live state and the policy decide what is done. Shapes:
Microsoft.Security alerts 2022-01-01, and the flat records of continuous export.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

ALERT_PREFIX = "alert:"
"""How the id of an alert's trigger begins: no event may come with such an id."""


class AlertStatus(StrEnum):
    """Where an alert stands in its life. The export calls an active one `New`."""

    ACTIVE = "active"
    IN_PROGRESS = "inprogress"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Entity:
    """Something an alert is about: `kind` is Defender's word in lower case (`ip`, `account`, `azureresource`, ...),
    `name` its address or name, `details` what else is known (`location`, `asn`, ...)."""

    kind: str
    name: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. Every text comes from outside: one printable line, cut to a length.

    `id` is the SystemAlertId, lower case: every update of an alert has the same. `severity` is Defender's word in lower
    case (`informational`, `low`, `medium`, `high`). `resource` is the ARM id it is about, empty where it names none.
    `facts` are the extended properties: names for people, with spaces. `sample` marks the ones made for trying: they
    change nothing. `incident` says that it groups others; `part_of` is the incident that it belongs to. `location` is
    Azure's region of the alert itself, which its status is written through; `subscription` and `group` (a resource
    group, if any) are where Defender keeps it. `more_entities` says how many were left out, because nobody reads
    thousands.
    """

    id: str
    type: str
    title: str
    severity: str
    resource: str
    status: AlertStatus = AlertStatus.ACTIVE
    description: str = ""
    intent: str = ""
    link: str = ""
    entities: tuple[Entity, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    started_at: datetime | None = None
    raised_at: datetime | None = None
    sample: bool = False
    incident: bool = False
    part_of: str = ""
    location: str = ""
    subscription: str = ""
    group: str = ""
    more_entities: int = 0

    def named(self, kind: str) -> tuple[str, ...]:
        """The names of the entities of this kind, each once, in order."""
        return tuple(dict.fromkeys(entity.name for entity in self.entities if entity.kind == kind))


@dataclass(frozen=True, slots=True)
class StatusWish:
    """The status that an alert is to have in Defender, and where Defender keeps that alert.

    An empty `location` is looked up when it is needed: not every door says it.
    """

    alert: str
    status: AlertStatus
    subscription: str
    group: str = ""
    location: str = ""
