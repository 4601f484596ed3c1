"""Which alerts have been heard of, in which status: each status of an alert is taken in once, by whichever door.

A document of the fleet for each alert. It is written after the server was told to be looked at: whoever is killed in
between hears the alert again, and that costs one look.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from shared.alert import Alert, AlertStatus
from shared.errors import Conflict
from shared.journal import encode
from shared.ports import Store, read_document

COLLECTION = "alerts/"
# Defender keeps alerts for 90 days.
_KEPT = timedelta(days=90)
# Copies by other doors come within minutes; a status that comes back later was given anew.
_COPIES = timedelta(hours=1)
_ATTEMPTS = 10
_MANY = 10_000
# Defender's own ids begin with a clock that counts down: in their order the newest comes first.
_PLAIN = re.compile(r"\d{19}_[0-9a-f-]{36}")


@dataclass(frozen=True, slots=True)
class Heard:
    """A status of an alert, when we heard of it, and through which door."""

    status: AlertStatus
    at: datetime
    door: str


@dataclass(frozen=True, slots=True)
class Known:
    """An alert as it was last heard of, where it led, and every status that was heard."""

    alert: Alert
    target: str
    heard: tuple[Heard, ...] = ()
    note: str = ""
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def first_at(self) -> datetime | None:
        """When we first heard of it."""
        return self.heard[0].at if self.heard else None

    def is_copy(self, status: AlertStatus, at: datetime) -> bool:
        """Whether this status has been taken in before."""
        if not self.heard:
            return False
        same = [one.at for one in self.heard if one.status is status]
        return self.heard[-1].status is status or any(at - one < _COPIES for one in same)


async def known_alert(store: Store, alert_id: str) -> Known | None:
    """The alert with this SystemAlertId, or None."""
    document = await store.document(_name(alert_id))
    return None if document is None else read_document(Known, document)


async def known_alerts(store: Store, limit: int = 1000) -> list[Known]:
    """The alerts that are known, newest first by Defender's own ids."""
    return [read_document(Known, document) for document in await store.documents(COLLECTION, limit)]


async def note(store: Store, alert: Alert, target: str, heard: Heard, said: str = "") -> None:
    """Write down that the alert was heard of with this status."""
    name = _name(alert.id)
    for _ in range(_ATTEMPTS):
        document = await store.document(name)
        known = Known(alert, target) if document is None else read_document(Known, document)
        known = replace(known, alert=alert, target=target, heard=(*known.heard, heard)[-20:], note=said)
        try:
            await store.write_document(name, encode(known), document.version if document else "")
        except Conflict:
            continue
        return
    raise Conflict(f"{name} is being written by too many at once")


async def forget_old(store: Store, at: datetime) -> None:
    """Drop what Defender itself has dropped by now."""
    for document in await store.documents(COLLECTION, _MANY):
        known = read_document(Known, document)
        if known.heard and at - known.heard[-1].at > _KEPT:
            await store.remove_document(document.name)


def _name(alert_id: str) -> str:
    """Letters, digits and `-`: an id of Defender as it is, any other by its hash."""
    if _PLAIN.fullmatch(alert_id):
        return f"{COLLECTION}{alert_id.replace('_', '-')}"
    return f"{COLLECTION}other-{hashlib.sha256(alert_id.encode()).hexdigest()[:40]}"
