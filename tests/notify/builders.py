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
IVO = Actor("ivo.keller@contoso.example", "eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee", "", "user", "192.0.2.44")
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
