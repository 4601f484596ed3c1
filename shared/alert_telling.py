"""Alerts that lead to no server are told to people all the same: recorded under the fleet, once for each status."""

import uuid
from datetime import datetime

from shared.alerts.address import Homeless, trigger_id
from shared.incident import severity_of
from shared.journal import Actor, NoticeKind, Trigger
from shared.ports import Store
from shared.stewardship import log

DEFENDER = Actor("Defender for Cloud")
_TOLD = uuid.UUID("6f1d7f0e-6a4c-5b0e-9a53-2f4b1c9d7e10")


async def tell_of_homeless(store: Store, homeless: Homeless, at: datetime) -> None:
    """Say that an alert about PostgreSQL names no server."""
    alert = homeless.alert
    record = str(uuid.uuid5(_TOLD, trigger_id(alert)))
    kind, severity = NoticeKind.ALERT_RECEIVED, severity_of(alert)
    await log(store, DEFENDER, at, _words(homeless), kind, severity, record=record, alert=alert)


async def tell_of_deleted(store: Store, trigger: Trigger, at: datetime) -> None:
    """Say that an alert is about a server that does not exist any more: somebody may have to know why. Other triggers
    have nothing to say."""
    if trigger.alert is not None:
        await tell_of_homeless(store, Homeless(trigger.alert, f"{trigger.target} does not exist any more"), at)


def _words(homeless: Homeless) -> str:
    alert = homeless.alert
    named = f"{alert.title or alert.type} ({alert.type}, {alert.status})"
    return f"{named} leads to no PostgreSQL server: {homeless.reason}. Nothing was changed"
