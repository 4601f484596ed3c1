"""An alert's life in Defender, kept in step with ours: in progress when Holdfast acts, resolved when that is proven.

It goes through the outbox, as what people are told does: at least once, in order per server, again until Defender has
taken it, and the record says so. To set a status that an alert has already changes nothing. Defender's actions take no
comment (Microsoft.Security alerts 2022-01-01: no body), so the link between the two is in our record alone.
"""

from dataclasses import replace
from datetime import datetime

from shared import scribe
from shared.alert import Alert, AlertStatus, StatusWish
from shared.journal import Notice, NoticeKind, Report
from shared.target import parse_target

_WORDS = {
    AlertStatus.ACTIVE: "active",
    AlertStatus.IN_PROGRESS: "in progress",
    AlertStatus.RESOLVED: "resolved",
    AlertStatus.DISMISSED: "dismissed",
}


def status_notice(report: Report, alert: Alert, status: AlertStatus, at: datetime, number: int) -> Notice:
    """The notice that gives `alert` this status in Defender, once its commit is in the store.

    `report` is that of the record the notice belongs to, which is about the server; `number` is the notice's own in
    that record, as `scribe.notice` takes it. People are not told, machines are (Holdfast.AlertStatus). Commit it
    together with what justifies it: IN_PROGRESS with the intent to act, RESOLVED with the proof. Not for an alert that
    somebody has dismissed, and not needed for a status that the alert was reported with.
    """
    said = replace(report, outcome=f"alert {alert.id} is set to {_WORDS[status]} in Defender", findings=(), changes=())
    return replace(scribe.notice(said, NoticeKind.ALERT_STATUS, at, number, quiet=True), defender=_wish(alert, status))


def _wish(alert: Alert, status: AlertStatus) -> StatusWish:
    """Where Defender keeps the alert: where it said so, else with the server that it is about."""
    if alert.subscription:
        return StatusWish(alert.id, status, alert.subscription, alert.group, alert.location)
    target = parse_target(alert.resource)
    return StatusWish(alert.id, status, target.subscription, target.resource_group, alert.location)
