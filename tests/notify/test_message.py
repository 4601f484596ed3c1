import pytest

from shared.journal import NoticeKind, Origin
from shared.notify.message import compose
from shared.notify.wording import duration_words, value_words
from tests.notify.builders import OPEN, RECORD, SERVER, a_finding, a_notice, a_report, a_trigger
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
        "[critical] pg-payments is not mended any more: firewall-no-any-any was put back 3 times within 60 minutes "
        f"and drifts again: somebody, or something, fights back; {DRIFT}, changed by dana.fields@contos…"
    ),
    NoticeKind.UNDONE: (
        "[high] pg-payments was changed back by ivo.keller@contoso.example (user): "
        "firewall rule office was 203.0.113.10, is now 0.0.0.0-255.255.255.255"
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
}


@pytest.mark.parametrize("kind", NoticeKind)
def test_the_title_says_it_all(kind: NoticeKind) -> None:
    assert compose(an_example(kind)).title == TITLES[kind]


def test_the_body_names_who_what_when_where_and_the_way_back() -> None:
    lines = compose(a_notice()).text.splitlines()
    for line in (
        "Server: pg-payments, resource group rg-payments",
        "Who: dana.fields@contoso.example (user)",
        "What: write of firewallrules/office",
        "When: 2025-11-24 09:00:00 UTC",
        "From: 198.51.100.23",
        "Found → wanted: firewall rule office: 0.0.0.0-255.255.255.255 → 203.0.113.10",
        "Why: the rule admits the whole internet",
        "What was done",
        "Change: firewall rule office: 0.0.0.0-255.255.255.255 → 203.0.113.10 (the last known good value)",
        "Status: put back and proven by reading again",
        "Took: 0.84 s",
        f"Undo it: holdfast undo {RECORD}",
        f"Record: {RECORD}",
        f"Open the server in the portal: https://portal.azure.com/#@/resource{SERVER}",
    ):
        assert line in lines


@pytest.mark.parametrize("kind", [NoticeKind.DRIFT_DETECTED, NoticeKind.APPROVAL_NEEDED])
def test_an_observed_drift_says_that_nothing_was_changed(kind: NoticeKind) -> None:
    message = compose(an_example(kind))
    assert "nothing was changed" in message.title
    assert "What was done" not in message.text


def test_a_drift_that_is_about_to_be_mended_does_not_say_so() -> None:
    assert "nothing was changed" not in compose(a_notice(kind=NoticeKind.DRIFT_DETECTED)).title


def test_the_advice_for_a_person_is_passed_on() -> None:
    advice = "no private endpoint: add one first, then close the public one"
    report = a_report(findings=(a_finding(verb="tell", reason=advice),), changes=())
    assert f"Not changed: {advice}" in compose(a_notice(kind=NoticeKind.DRIFT_DETECTED, report=report)).text


def test_a_failure_says_why_in_its_title() -> None:
    assert "could not be put right, the identity lacks" in compose(an_example(NoticeKind.REMEDIATION_FAILED)).title


def test_the_title_of_a_fix_says_what_the_setting_is_now_whatever_the_policy_wanted() -> None:
    report = a_report(findings=(a_finding(wanted=None),))
    assert "is now 203.0.113.10, changed by" in compose(a_notice(report=report)).title


def test_many_findings_are_counted_not_listed() -> None:
    report = a_report(findings=(a_finding(),) * 14)
    message = compose(a_notice(kind=NoticeKind.DRIFT_DETECTED, report=report))
    assert "and 13 more, changed by" in message.title
    assert message.text.count("Found → wanted") == 10
    assert "And: 4 more, see the record" in message.text


def test_nobody_is_blamed_for_what_a_sweep_found() -> None:
    trigger = a_trigger(origin=Origin.SWEEP, actor=None, operation="*", child="")
    message = compose(a_notice(report=a_report(trigger=trigger)))
    assert "Who: not known, found by the regular sweep" in message.text
    assert "changed by" not in message.title


def test_the_portal_link_survives_any_resource_group() -> None:
    target = SERVER.replace("rg-payments", "rg(é).x")
    message = compose(a_notice(report=a_report(target=target)))
    assert "/resourceGroups/rg%28%C3%A9%29.x/" in message.markdown


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "absent"),
        ("", "empty"),
        ("on", "on"),
        (OPEN, "0.0.0.0-255.255.255.255"),
        ({"startIpAddress": "10.0.0.1", "endIpAddress": "10.0.0.1"}, "10.0.0.1"),
        ({"principalName": "dba", "principalType": "Group", "tenantId": "t"}, "dba (Group)"),
        ({"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled"}, "Entra Enabled, password Disabled"),
    ],
)
def test_values_are_words(value: dict[str, str] | str | None, words: str) -> None:
    assert value_words(value) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0.00 s"),
        (0.842, "0.84 s"),
        (9.996, "10.00 s"),
        (59.4, "59 s"),
        (200, "3 min 20 s"),
        (180, "3 min"),
        (7500, "2 h 5 min"),
        (14_400, "4 h"),
    ],
)
def test_durations_are_words(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words
