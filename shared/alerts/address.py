"""Which server an alert is about: ours, nobody's of ours, or one that it does not say and people have to look for."""

import re
from dataclasses import dataclass
from datetime import datetime

from shared.alert import ALERT_PREFIX, Alert
from shared.alerts.reading import Ignored
from shared.errors import MalformedEvent
from shared.journal import Origin, Trigger
from shared.target import Resource, parse_resource

_OURS = re.compile(r"sql\.postgresql|postgresql_|^postgres", re.IGNORECASE)
_SOMETHING = re.compile(r"/subscriptions/[^/]+/.*providers/[^/]+/[^/]+/[^/]+.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Homeless:
    """An alert about PostgreSQL that names no server; `reason` says what it names instead."""

    alert: Alert
    reason: str


def addressed(alert: Alert, at: datetime) -> Trigger | Homeless | Ignored:
    """The reason to look at the server, heard at `at`. Its operation is empty: no control is asked for its sake."""
    try:
        resource = parse_resource(alert.resource)
    except MalformedEvent as error:
        return Homeless(alert, str(error))
    if resource is not None:
        return _trigger(alert, resource, at)
    if not _OURS.search(alert.type) or _SOMETHING.fullmatch(alert.resource):
        return Ignored("not about an Azure Database for PostgreSQL server")
    return Homeless(alert, f"found {alert.resource}" if alert.resource else "found no resource id")


def trigger_id(alert: Alert) -> str:
    """The same for every copy of the alert with this status."""
    return f"{ALERT_PREFIX}{alert.id}:{alert.status}"


def _trigger(alert: Alert, resource: Resource, at: datetime) -> Trigger:
    return Trigger(
        id=trigger_id(alert),
        target=resource.target.id,
        operation="",
        child="",
        at=min(alert.raised_at or at, at),
        origin=Origin.ALERT,
        received_at=at,
        alert=alert,
    )
