import pytest

from shared.journal import NoticeKind, Origin
from shared.notify.title import title
from tests.notify.builders import IVO, a_finding, a_notice, a_report, a_trigger
from tests.notify.examples import an_example

DRIFT = "firewall rule office is 0.0.0.0-255.255.255.255, wanted 203.0.113.10"
DANA = "changed by dana.fields@contoso.example (user)"
TITLES = {
    NoticeKind.DRIFT_DETECTED: f"[critical] pg-payments drifted, nothing was changed: {DRIFT}, {DANA}",
    NoticeKind.APPROVAL_NEEDED: (
        f"[high] pg-payments needs your decision: public network access is Enabled, wanted Disabled, {DANA}; "
        "nothing was changed; waits for a decision until 2025-11-25 09:00 UTC"
    ),
    NoticeKind.APPROVAL_ENDED: (
        f"[high] pg-payments was not changed: public network access is Enabled, wanted Disabled, {DANA}; "
        "denied by ivo.keller@contoso.example: the migration needs it until Friday"
    ),
    NoticeKind.REMEDIATION_SCHEDULED: (
        "[critical] pg-payments will be put right later: it is put back at 2025-11-25 09:00 UTC unless it is exempted "
        f"or mended before (policy.yaml:14); {DRIFT}, {DANA}"
    ),
    NoticeKind.REMEDIATED: (
        "[critical] pg-payments was put right in 0.84 s: firewall rule office was 0.0.0.0-255.255.255.255, "
        f"is now 203.0.113.10, {DANA}"
    ),
    NoticeKind.REMEDIATION_FAILED: (
        "[critical] pg-payments could not be put right, "
        f"the identity lacks flexibleServers/firewallRules/write at rg-payments: {DRIFT}, {DANA}"
    ),
    NoticeKind.DRIFT_RESOLVED: (
        "[low] pg-payments is right again without our doing: "
        "no longer drifting: firewall-no-any-any: firewallRules/office"
    ),
    NoticeKind.HELD: (
        "[critical] pg-payments is not mended any more: held by the loop breaker: firewall-no-any-any was put back 3 "
        f"times within 60 minutes and drifts again: somebody, or something, fights back; {DRIFT}, cha…"
    ),
    NoticeKind.UNDONE: (
        "[high] pg-payments was changed back by ivo.keller@contoso.example (user): "
        "firewall rule office was 203.0.113.10, is now 0.0.0.0-255.255.255.255"
    ),
    NoticeKind.FAILOVER_BEGUN: (
        "[high] pg-payments is being promoted: switchover of pg-payments-a to pg-payments, planned, asked for by "
        "ivo.keller@contoso.example, because: move west"
    ),
    NoticeKind.FAILED_OVER: (
        "[high] pg-payments was promoted in 3 min 34 s: switchover of pg-payments-a to pg-payments, planned, asked for "
        "by ivo.keller@contoso.example, because: move west; 1 thing left for people"
    ),
    NoticeKind.FAILOVER_FAILED: (
        "[high] pg-payments was not promoted: ReplicationBroken: the log is gone. Now: pg-payments-a follows nobody "
        "and is Ready, pg-payments follows pg-payments-a and is Re…"
    ),
    NoticeKind.CANNOT_OBSERVE: (
        "[high] pg-payments cannot be watched: the identity lacks flexibleServers/read at rg-payments"
    ),
    NoticeKind.EXEMPTION_EXPIRING: (
        "[medium] an exemption ends soon: the exemption of …/rg-payments from firewall-no-any-any expires at "
        "2025-12-08 09:00 UTC; after that drifts are put right again. It was given because: the supplier migrates"
    ),
    NoticeKind.POLICY_REFUSED: (
        "[high] a new policy was refused, the last good one stays in force: "
        "policy.yaml:2:7: found 'enforced'; did you mean 'enforce'? and 1 more"
    ),
    NoticeKind.ORDERS_CHANGED: "[medium] ivo.keller@contoso.example holds everything: incident 4711",
    NoticeKind.ALERT_RECEIVED: (
        "[medium] security alert, the fleet: Suspected brute force attack (SQL.PostgreSQL_BruteForce, active) leads to "
        "no PostgreSQL server: found no resource id. Nothing was changed"
    ),
    NoticeKind.ALERT_STATUS: (
        "[medium] pg-payments: alert 2517184898549829577_cdcf9f94-ec53-47a6-ab87-76130f87218d is set to in progress in "
        "Defender"
    ),
    NoticeKind.MEASURE_LIFTED: (
        "[medium] pg-payments: what answered a security alert for a while is over: firewall rule office was "
        "203.0.113.10, is now 0.0.0.0-255.255.255.255"
    ),
}


@pytest.mark.parametrize("kind", NoticeKind)
def test_the_title_says_it_all(kind: NoticeKind) -> None:
    assert title(an_example(kind)) == TITLES[kind]


def test_a_drift_that_is_about_to_be_mended_does_not_say_so() -> None:
    assert "nothing was changed" not in title(a_notice(kind=NoticeKind.DRIFT_DETECTED))


def test_a_failure_says_why_in_its_title() -> None:
    assert "could not be put right, the identity lacks" in title(an_example(NoticeKind.REMEDIATION_FAILED))


def test_the_title_of_a_fix_says_what_the_setting_is_now_whatever_the_policy_wanted() -> None:
    report = a_report(findings=(a_finding(wanted=None),))
    assert "is now 203.0.113.10, changed by" in title(a_notice(report=report))


def test_an_undo_that_failed_is_not_called_a_fix_that_failed() -> None:
    trigger = an_example(NoticeKind.UNDONE).report.trigger
    notice = a_notice(kind=NoticeKind.REMEDIATION_FAILED, report=a_report(trigger=trigger, error="the server is gone"))
    assert "pg-payments could not be changed back, the server is gone" in title(notice)


def test_a_fix_that_a_person_set_off_names_them() -> None:
    approved = a_trigger(origin=Origin.PERSON, operation="*", child="", actor=IVO)
    assert title(a_notice(report=a_report(trigger=approved))).endswith(
        "is now 203.0.113.10, set off by ivo.keller@contoso.example (user)"
    )
