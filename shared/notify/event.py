"""A notice as an event of the Event Grid schema. docs/events.md is the contract; a change here is a change there.

Receivers remove duplicates by the event's id: it is the notice's, and the same each time the notice is sent.
"""

from shared.alert import Alert
from shared.journal import Actor, AnswerLine, ChangeLine, FindingLine, Notice, Report, Request, Trigger
from shared.notify.wording import LONG, tame

DATA_VERSION = "1"


def event_of(notice: Notice) -> dict[str, object]:
    """The notice as an event of the Event Grid schema."""
    return {
        "id": notice.id,
        "subject": notice.report.target,
        "eventType": notice.kind.value,
        "eventTime": notice.created_at.isoformat(),
        "dataVersion": DATA_VERSION,
        "data": _data(notice.report),
    }


def _data(report: Report) -> dict[str, object]:
    return {
        "record": report.record,
        "target": report.target,
        "severity": report.severity,
        "at": report.at.isoformat(),
        "trigger": _trigger(report.trigger) if report.trigger else None,
        "findings": [_finding(finding) for finding in report.findings],
        "changes": [_change(change) for change in report.changes],
        "outcome": report.outcome,
        "error": report.error,
        "elapsedSeconds": report.elapsed_seconds,
        "tags": {tame(name, LONG): tame(value, LONG) for name, value in report.tags.items()},
        "approval": report.approval,
        "escalated": report.escalated,
        "owner": tame(report.owner),
        "answers": [_answer(line) for line in report.answers],
    }


def _answer(line: AnswerLine) -> dict[str, object]:
    return {
        "alert": line.alert,
        "response": line.response,
        "course": line.course,
        "detail": tame(line.detail, LONG),
        "until": line.until.isoformat() if line.until else None,
    }


def _trigger(trigger: Trigger) -> dict[str, object]:
    return {
        "id": trigger.id,
        "origin": trigger.origin.value,
        "operation": trigger.operation,
        "child": trigger.child,
        "at": trigger.at.isoformat(),
        "receivedAt": trigger.received_at.isoformat(),
        "correlationId": trigger.correlation_id,
        "outcome": trigger.outcome,
        "actor": _actor(trigger.actor) if trigger.actor else None,
        "authentic": trigger.authentic,
        "request": _request(trigger.request) if trigger.request else None,
        "alert": _alert(trigger.alert) if trigger.alert else None,
    }


def _alert(alert: Alert) -> dict[str, object]:
    """What tells alerts apart. Who or what they name stays with Defender, where `id` leads."""
    return {
        "id": alert.id,
        "type": tame(alert.type),
        "title": tame(alert.title, LONG),
        "severity": alert.severity,
        "status": alert.status.value,
        "sample": alert.sample,
    }


def _request(request: Request) -> dict[str, object]:
    return {
        "wish": request.wish.value,
        "by": _actor(request.by),
        "record": request.record,
        "reason": tame(request.reason, LONG),
        "exemptHours": request.exempt_hours,
    }


def _actor(actor: Actor) -> dict[str, str]:
    """Personal data: these five and no other claim. Claims may hold anything, so they are tamed for machines too."""
    return {
        "name": tame(actor.name),
        "objectId": tame(actor.object_id),
        "appId": tame(actor.app_id),
        "kind": tame(actor.kind),
        "ip": tame(actor.ip),
    }


def _finding(finding: FindingLine) -> dict[str, object]:
    return {
        "control": finding.control,
        "title": finding.title,
        "severity": finding.severity,
        "setting": finding.setting,
        "found": finding.found,
        "wanted": finding.wanted,
        "why": finding.why,
        "decision": finding.verb,
        "reason": finding.reason,
        **({"policy": finding.where} if finding.where else {}),
        **({"byHand": finding.person} if finding.person else {}),
    }


def _change(change: ChangeLine) -> dict[str, object]:
    return {
        "setting": change.setting,
        "before": change.before,
        "after": change.after,
        "source": change.source,
        "risk": change.risk,
    }
