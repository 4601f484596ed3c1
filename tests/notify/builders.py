"""Small makers of reports and notices."""

from dataclasses import replace
from typing import Any

from shared.journal import Actor, ChangeLine, FindingLine, Notice, NoticeKind, Report, Trigger
from tests.fakes.clock import START

RECORD = "019ab2c4-7d00-7a10-8f3e-5d2f6a1b9c04"
SERVER = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-payments"
    "/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-payments"
)
OPEN = {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}
NARROW = {"startIpAddress": "203.0.113.10", "endIpAddress": "203.0.113.10"}
DANA = Actor("dana.fields@contoso.example", "dddddddd-dddd-4ddd-8ddd-dddddddddddd", "", "user", "198.51.100.23")


def a_trigger(**changes: Any) -> Trigger:
    trigger = Trigger(
        id="5f1c9f6e-2b64-4a53-9c8e-1f0f3b7f3a11",
        target=SERVER,
        operation="firewallrules/write",
        child="firewallrules/office",
        at=START,
        actor=DANA,
        correlation_id="c0ffee00-0000-4000-8000-000000000001",
        received_at=START,
    )
    return replace(trigger, **changes)


def a_finding(**changes: Any) -> FindingLine:
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
    report = Report(
        record=RECORD,
        target=SERVER,
        severity="critical",
        at=START,
        trigger=a_trigger(),
        findings=(a_finding(),),
        changes=(A_CHANGE,),
        outcome="put back and proven by reading again",
        elapsed_seconds=0.84,
    )
    return replace(report, **changes)


def a_notice(number: int = 0, kind: NoticeKind = NoticeKind.REMEDIATED, **changes: Any) -> Notice:
    notice = Notice(f"{RECORD}.{number}", kind, a_report(), START, number)
    return replace(notice, **changes)


_UNCHANGED = {"outcome": "nothing was changed", "elapsed_seconds": None}
_AUDIT = a_finding(verb="record", reason="the policy says audit (it held before)")
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
EXAMPLES = {
    NoticeKind.DRIFT_DETECTED: a_report(findings=(_AUDIT,), **_UNCHANGED),
    NoticeKind.APPROVAL_NEEDED: a_report(
        severity="high", trigger=_WRITE, findings=(_ASK,), changes=(_CLOSE,), **_UNCHANGED
    ),
    NoticeKind.REMEDIATED: a_report(),
    NoticeKind.REMEDIATION_FAILED: a_report(
        outcome="not fixed", error="the identity lacks flexibleServers/firewallRules/write at rg-payments"
    ),
    NoticeKind.DRIFT_RESOLVED: a_report(
        severity="low",
        trigger=None,
        findings=(),
        changes=(),
        outcome="no longer drifting: firewall-no-any-any: firewallRules/office",
        elapsed_seconds=None,
    ),
    NoticeKind.CANNOT_OBSERVE: a_report(
        severity="high",
        trigger=None,
        findings=(),
        changes=(),
        outcome="the server could not be read; the next sweep looks again",
        error="the identity lacks flexibleServers/read at rg-payments",
        elapsed_seconds=None,
    ),
}
"""What each kind of notice typically reports; docs/events.md shows these."""


def an_example(kind: NoticeKind) -> Notice:
    return a_notice(0, kind, report=EXAMPLES[kind])
