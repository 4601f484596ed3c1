"""What each kind of notice typically reports: shown by `holdfast notify preview`, and by docs/events.md."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from shared.alert import Alert
from shared.journal import (
    Actor,
    AnswerLine,
    ChangeLine,
    FindingLine,
    Notice,
    NoticeKind,
    Origin,
    Report,
    Request,
    Trigger,
    Wish,
)
from shared.target import FLEET

AT = datetime(2025, 11, 24, 9, 0, tzinfo=UTC)
RECORD = "019ab2c4-7d00-7a10-8f3e-5d2f6a1b9c04"
SERVER = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-payments"
    "/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-payments"
)
OPEN = {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}  # noqa: S104 - a rule, no binding
NARROW = {"startIpAddress": "203.0.113.10", "endIpAddress": "203.0.113.10"}
IVO = Actor("ivo.keller@contoso.example", "eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee", "", "user", "192.0.2.44")
DANA = Actor("dana.fields@contoso.example", "dddddddd-dddd-4ddd-8ddd-dddddddddddd", "", "user", "198.51.100.23")


def a_trigger(**changes: Any) -> Trigger:
    """An event of the portal."""
    trigger = Trigger(
        id="5f1c9f6e-2b64-4a53-9c8e-1f0f3b7f3a11",
        target=SERVER,
        operation="firewallrules/write",
        child="firewallrules/office",
        at=AT,
        actor=DANA,
        correlation_id="c0ffee00-0000-4000-8000-000000000001",
        received_at=AT,
    )
    return replace(trigger, **changes)


def a_finding(**changes: Any) -> FindingLine:
    """A firewall rule that was widened."""
    finding = FindingLine(
        control="firewall-no-any-any",
        title="No firewall rule opens the server to the whole Internet",
        severity="critical",
        setting="firewallRules/office",
        found=OPEN,
        wanted=NARROW,
        why="the rule admits the whole internet",
        verb="act",
        reason="the policy says enforce for firewall-no-any-any",
    )
    return replace(finding, **changes)


A_CHANGE = ChangeLine("firewallRules/office", OPEN, NARROW, "last known good", "safe")


def a_report(**changes: Any) -> Report:
    """The rule is as it was."""
    report = Report(
        record=RECORD,
        target=SERVER,
        severity="critical",
        at=AT,
        trigger=a_trigger(),
        findings=(a_finding(),),
        changes=(A_CHANGE,),
        outcome="put back and proven by reading again",
        elapsed_seconds=0.84,
    )
    return replace(report, **changes)


def a_notice(number: int = 0, kind: NoticeKind = NoticeKind.REMEDIATED, **changes: Any) -> Notice:
    """The message about it."""
    notice = Notice(f"{RECORD}.{number}", kind, a_report(), AT, number)
    return replace(notice, **changes)


UNDONE_RECORD = "019ab2c1-0a00-7c33-9d2e-1b7f5e0c4a02"
TAGS = {"env": "prod", "team": "payments"}
_UNCHANGED: dict[str, Any] = {"outcome": "nothing was changed", "elapsed_seconds": None}
_NOTHING: dict[str, Any] = {"trigger": None, "findings": (), "changes": (), "elapsed_seconds": None}
_AUDIT = a_finding(verb="record", reason="the policy says audit (policy.yaml:2; it held before)")
_ASK = a_finding(
    control="public-network-access-disabled",
    title="Public network access is disabled",
    severity="high",
    setting="network.publicNetworkAccess",
    found="Enabled",
    wanted="Disabled",
    why="the server has a public endpoint",
    verb="ask",
    reason="a person has to approve it: it would close the only way into the server",
)
_CLOSE = ChangeLine("network.publicNetworkAccess", "Enabled", "Disabled", "policy", "cuts-only-door")
_WRITE = a_trigger(operation="write", child="")
_ASKED: dict[str, Any] = {
    "severity": "high",
    "trigger": _WRITE,
    "findings": (_ASK,),
    "changes": (_CLOSE,),
    "elapsed_seconds": None,
    "tags": TAGS,
    "approval": RECORD,
}


def _asks(wish: Wish, **changes: Any) -> Trigger:
    return replace(_by(IVO), target=SERVER, request=Request(wish, IVO, **changes))


def _by(actor: Actor) -> Trigger:
    """Somebody used a command, or Holdfast itself speaks."""
    return Trigger(RECORD, FLEET.id, "*", "", AT, Origin.PERSON, actor, received_at=AT)


ALERT_LINK = "https://portal.azure.com/#blade/Microsoft_Azure_Security/AlertBlade/alertId/2517184898549829577"
_ALERT = Alert(
    id="2517184898549829577_cdcf9f94-ec53-47a6-ab87-76130f87218d",
    type="SQL.PostgreSQL_BruteForce",
    title="Suspected brute force attack",
    severity="medium",
    resource=SERVER,
)
_OF_ALERT = Trigger(f"alert:{_ALERT.id}:active", SERVER, "", "", AT, Origin.ALERT, received_at=AT, alert=_ALERT)

_PRIMARY = SERVER.replace("pg-payments", "pg-payments-a")
_PROMOTION = ChangeLine(
    "replication",
    {"replicationRole": "GeoAsyncReplica", "source": _PRIMARY},
    {"replicationRole": "Primary", "promoteMode": "Switchover", "promoteOption": "Planned"},
    "a person's wish",
    "may-cut-clients",
)
_SWITCHOVER = (
    "switchover of pg-payments-a to pg-payments, planned, asked for by ivo.keller@contoso.example, because: move west"
)
_LEFT = a_finding(
    control="failover-high-availability",
    title="high availability of pg-payments",
    severity="medium",
    setting="high-availability",
    found="none",
    wanted="ZoneRedundant",
    why="found after the promotion",
    verb="tell",
    reason="a failover changes roles and endpoints, the rest is for people",
    person="switch it on for pg-payments: a replica has none, so the new primary begins without",
)
_FAILOVER: dict[str, Any] = {
    "severity": "high",
    "trigger": _asks(Wish.FAILOVER, record="019ab2c1-0a00-7c33-9d2e-1b7f5e0c4a09", reason="move west"),
    "findings": (),
    "changes": (_PROMOTION,),
}

_OF_LOST_ALERT = replace(
    _by(Actor("Defender for Cloud")), origin=Origin.ALERT, alert=replace(_ALERT, resource="", link=ALERT_LINK)
)

EXAMPLES: dict[NoticeKind, Report] = {
    NoticeKind.DRIFT_DETECTED: a_report(findings=(_AUDIT,), **_UNCHANGED),
    NoticeKind.APPROVAL_NEEDED: a_report(
        outcome="nothing was changed; waits for a decision until 2025-11-25 09:00 UTC", **_ASKED
    ),
    NoticeKind.APPROVAL_ENDED: a_report(
        outcome="denied by ivo.keller@contoso.example: the migration needs it until Friday", **_ASKED
    ),
    NoticeKind.REMEDIATION_SCHEDULED: a_report(
        findings=(
            a_finding(
                verb="wait",
                reason="it is put back at 2025-11-25 09:00 UTC unless it is exempted or mended before (policy.yaml:14)",
            ),
        ),
        **_UNCHANGED,
    ),
    NoticeKind.REMEDIATED: a_report(),
    NoticeKind.REMEDIATION_FAILED: a_report(
        outcome="not fixed", error="the identity lacks flexibleServers/firewallRules/write at rg-payments"
    ),
    NoticeKind.DRIFT_RESOLVED: a_report(
        severity="low", outcome="no longer drifting: firewall-no-any-any: firewallRules/office", **_NOTHING
    ),
    NoticeKind.HELD: a_report(
        findings=(
            a_finding(
                verb="hold",
                reason="held by the loop breaker: firewall-no-any-any was put back 3 times within 60 minutes and "
                "drifts again: somebody, or something, fights back",
            ),
        ),
        **_UNCHANGED,
    ),
    NoticeKind.UNDONE: a_report(
        severity="high",
        trigger=_asks(Wish.UNDO, record=UNDONE_RECORD, reason="the supplier works on it until noon", exempt_hours=4),
        changes=(ChangeLine("firewallRules/office", NARROW, OPEN, "a person's wish", "widens-access"),),
        outcome=f"undoes {UNDONE_RECORD}: the supplier works on it until noon; put back and proven by reading again",
        elapsed_seconds=1.31,
    ),
    NoticeKind.FAILOVER_BEGUN: a_report(**_FAILOVER, outcome=_SWITCHOVER, elapsed_seconds=None),
    NoticeKind.FAILED_OVER: a_report(
        **{**_FAILOVER, "findings": (_LEFT,)},
        outcome=f"{_SWITCHOVER}; 1 thing left for people",
        elapsed_seconds=214.0,
    ),
    NoticeKind.FAILOVER_FAILED: a_report(
        **_FAILOVER,
        outcome="not failed over",
        error="ReplicationBroken: the log is gone. Now: pg-payments-a follows nobody and is Ready, pg-payments follows"
        " pg-payments-a and is Ready. Next: clients are served by pg-payments-a as before; put right what is named,"
        " then call `holdfast failover` again",
        elapsed_seconds=61.0,
    ),
    NoticeKind.CANNOT_OBSERVE: a_report(
        severity="high",
        outcome="the server could not be read; the next sweep looks again",
        error="the identity lacks flexibleServers/read at rg-payments",
        **_NOTHING,
    ),
    NoticeKind.EXEMPTION_EXPIRING: a_report(
        target=FLEET.id,
        severity="medium",
        **{**_NOTHING, "trigger": _by(Actor("Holdfast"))},
        outcome=(
            f"the exemption of {SERVER.partition('/providers')[0].lower()} from firewall-no-any-any expires at "
            "2025-12-08 09:00 UTC; after that drifts are put right again. It was given because: the supplier migrates"
        ),
        owner="dana.fields@contoso.example",
    ),
    NoticeKind.POLICY_REFUSED: a_report(
        target=FLEET.id,
        severity="high",
        **{**_NOTHING, "trigger": _by(Actor("Holdfast"))},
        outcome="the last good policy stays in force",
        error=(
            "policy.yaml:2:7: found 'enforced'; did you mean 'enforce'?\n"
            "policy.yaml:4:3: unknown control 'firewal-no-any-any'; did you mean 'firewall-no-any-any'?"
        ),
    ),
    NoticeKind.ORDERS_CHANGED: a_report(
        target=FLEET.id,
        severity="medium",
        **{**_NOTHING, "trigger": _by(IVO)},
        outcome="ivo.keller@contoso.example holds everything: incident 4711",
    ),
    NoticeKind.ALERT_RECEIVED: a_report(
        target=FLEET.id,
        severity="medium",
        **{**_NOTHING, "trigger": _OF_LOST_ALERT},
        outcome=(
            "Suspected brute force attack (SQL.PostgreSQL_BruteForce, active) leads to no PostgreSQL server: found no "
            "resource id. Nothing was changed"
        ),
    ),
    NoticeKind.ALERT_STATUS: a_report(
        severity="medium",
        trigger=_OF_ALERT,
        outcome=f"alert {_ALERT.id} is set to in progress in Defender",
        **{name: value for name, value in _NOTHING.items() if name != "trigger"},
    ),
    NoticeKind.MEASURE_LIFTED: a_report(
        severity="medium",
        trigger=_OF_ALERT,
        findings=(),
        changes=(
            ChangeLine("firewallRules/office", NARROW, OPEN, "what stood there before the alert", "widens-access"),
        ),
        answers=(
            AnswerLine(
                _ALERT.id,
                "respond-block-address",
                "cut the attacking address out of the firewall rules that let it in",
                "lifted",
                "its time is over",
            ),
        ),
        outcome="an answer to an alert ends: its time is over; put back and proven by reading again",
        elapsed_seconds=1.31,
    ),
}


def an_example(kind: NoticeKind) -> Notice:
    """A notice of this kind."""
    return a_notice(0, kind, report=EXAMPLES[kind])


class ExamplePages:
    """The links of an app with pages; they lead nowhere."""

    def approval(self, notice: Notice) -> str:
        """Where a plan is decided about."""
        return "https://holdfast.example/api/approve/TOKEN" if notice.report.approval else ""

    def record(self, record: str) -> str:
        """Where a record is shown."""
        return f"https://holdfast.example/api/records/{record}"

    def server(self, target: str) -> str:
        """The page of the server."""
        return f"https://holdfast.example/api/servers/{target.rpartition('/')[2]}"
