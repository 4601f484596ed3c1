import pytest

from shared.journal import ChangeLine, NoticeKind, Origin
from shared.notify.message import compose
from shared.notify.wording import duration_words, setting_words, value_words, way_words
from shared.state import Value
from shared.target import FLEET
from tests.notify.builders import OPEN, RECORD, SERVER, a_finding, a_notice, a_report, a_trigger
from tests.notify.examples import an_example


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


def test_the_advice_for_a_person_is_passed_on() -> None:
    advice = "no private endpoint: add one first, then close the public one"
    report = a_report(findings=(a_finding(verb="tell", reason=advice),), changes=())
    assert f"Not changed: {advice}" in compose(a_notice(kind=NoticeKind.DRIFT_DETECTED, report=report)).text


def test_what_one_control_finds_is_told_together_and_what_was_changed_once() -> None:
    settings = ("firewallRules/office", "firewallRules/a", "firewallRules/b")
    findings = tuple(a_finding(setting=one, verb="tell", person=f"mend {one}") for one in settings)
    text = compose(a_notice(kind=NoticeKind.REMEDIATED, report=a_report(findings=findings))).text
    assert text.count(findings[0].title) == 1
    assert "Differs: 1 setting, see the changes below" in text
    assert text.count("Not changed:") == 2
    assert "(mend firewallRules/a)" in text


def test_many_findings_are_counted_not_listed() -> None:
    report = a_report(findings=tuple(a_finding(control=f"control-{number}") for number in range(14)))
    message = compose(a_notice(kind=NoticeKind.DRIFT_DETECTED, report=report))
    assert "and 13 more, changed by" in message.title
    assert message.text.count("Found → wanted") == 10
    assert "And: 4 more, see the record" in message.text


def test_nobody_is_blamed_for_what_a_sweep_found() -> None:
    trigger = a_trigger(origin=Origin.SWEEP, actor=None, operation="*", child="")
    message = compose(a_notice(report=a_report(trigger=trigger)))
    assert "Who: not known, found by the regular sweep" in message.text
    assert "changed by" not in message.title


def test_an_undo_says_who_asked_why_and_for_how_long_it_stands() -> None:
    lines = compose(an_example(NoticeKind.UNDONE)).text.splitlines()
    for line in (
        "Asked by: ivo.keller@contoso.example (user)",
        "From: 192.0.2.44",
        "Reason: the supplier works on it until noon",
        "Exempt for: 4 h",
        "Was mended because: the policy says enforce for firewall-no-any-any",
        "Change: firewall rule office: 203.0.113.10 → 0.0.0.0-255.255.255.255 (a person's wish, lets more in than now)",
    ):
        assert line in lines


@pytest.mark.parametrize("kind", [NoticeKind.EXEMPTION_EXPIRING, NoticeKind.POLICY_REFUSED, NoticeKind.ORDERS_CHANGED])
def test_what_is_about_no_single_server_names_none(kind: NoticeKind) -> None:
    message = compose(an_example(kind))
    assert "Server: " not in message.text
    assert "portal.azure.com" not in message.text
    assert "the fleet" not in message.title


@pytest.mark.parametrize("kind", [NoticeKind.EXEMPTION_EXPIRING, NoticeKind.POLICY_REFUSED])
def test_holdfast_is_not_named_as_the_one_who_did_it(kind: NoticeKind) -> None:
    assert "By: " not in compose(an_example(kind)).text


def test_an_order_names_who_gave_it() -> None:
    assert "By: ivo.keller@contoso.example (user)" in compose(an_example(NoticeKind.ORDERS_CHANGED)).text


def test_the_owner_and_the_approval_are_named() -> None:
    assert "Owner: dana.fields@contoso.example" in compose(an_example(NoticeKind.EXEMPTION_EXPIRING)).text
    assert f"Approval: {RECORD}" in compose(an_example(NoticeKind.APPROVAL_NEEDED)).text


def test_the_tags_say_whose_server_it_is() -> None:
    assert "Tags: env=prod, team=payments" in compose(an_example(NoticeKind.APPROVAL_NEEDED)).text


def test_each_error_of_a_policy_stands_on_a_line_and_many_are_counted() -> None:
    report = a_report(
        target=FLEET.id, findings=(), changes=(), error="\n".join(f"policy.yaml:{n}:1: no" for n in range(14))
    )
    message = compose(a_notice(kind=NoticeKind.POLICY_REFUSED, report=report))
    assert message.text.count("Problem: policy.yaml:") == 10
    assert "And: 4 more, see the record" in message.text
    assert message.title.endswith("policy.yaml:0:1: no and 13 more")


def test_a_long_id_is_cut_in_the_title_and_whole_in_the_text() -> None:
    message = compose(an_example(NoticeKind.EXEMPTION_EXPIRING))
    assert "of …/rg-payments from" in message.title
    assert "/subscriptions/11111111-1111-4111-8111-111111111111/resourcegroups/rg-payments from" in message.text


@pytest.mark.parametrize(("verb", "label"), [("wait", "Later because"), ("hold", "Held because"), ("new", "Decided")])
def test_a_decision_is_introduced_by_what_it_means(verb: str, label: str) -> None:
    report = a_report(findings=(a_finding(verb=verb, reason="so"),))
    assert f"{label}: so" in compose(a_notice(kind=NoticeKind.HELD, report=report)).text


def test_a_source_or_risk_of_a_later_version_is_shown_as_it_is() -> None:
    change = ChangeLine("firewallRules/office", None, OPEN, "a neighbour", "may-amaze")
    message = compose(a_notice(report=a_report(changes=(change,))))
    assert "absent → 0.0.0.0-255.255.255.255 (a neighbour, may-amaze)" in message.text


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


SOC = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g/providers/Microsoft.X/workspaces/soc"
AUDIT = '[{"categoryGroup": "audit", "enabled": true}]'
BOTH = '[{"category": "PostgreSQLLogs", "enabled": true}, {"category": "Kept", "enabled": false}]'


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"workspaceId": SOC, "logs": AUDIT}, None, ("workspace …/soc, logs audit", "absent")),
        ({"workspaceId": SOC}, {"workspaceId": SOC, "logs": AUDIT}, ("no logs", "logs audit")),
        ({"logs": BOTH}, {"logs": AUDIT}, ("logs PostgreSQLLogs + Kept (off)", "logs audit")),
        ({"workspaceId": SOC}, {"workspaceId": f"{SOC}-2"}, ("workspace …/soc", "workspace …/soc-2")),
        (
            {"level": "NotSpecified", "notes": "n"},
            {"level": "CanNotDelete", "notes": "n"},
            ("level NotSpecified", "level CanNotDelete"),
        ),
        ({"members": '["a"]'}, {"members": '["a", "b"]'}, ("members a", "members a + b")),
        (
            {"disabledAlerts": "[]"},
            {"disabledAlerts": '[{"a": 1}]'},
            ("no switched-off alerts", 'switched-off alerts {"a": 1}'),
        ),
        ({"notes": "[broken"}, {"notes": ""}, ("notes [broken", "no notes")),
        ("off", "on", ("off", "on")),
    ],
)
def test_of_two_values_what_differs_is_told(before: Value, after: Value, words: tuple[str, str]) -> None:
    assert way_words(before, after) == words


def test_ids_that_differ_only_in_front_are_told_whole() -> None:
    elsewhere = SOC.replace("/g/", "/h/")
    was, becomes = way_words({"workspaceId": SOC}, {"workspaceId": elsewhere})
    assert was != becomes


def test_what_is_made_above_the_server_is_named_shortly() -> None:
    assert setting_words(f"locks/{SOC}") == "lock …/soc"


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


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (f"neighbours/vaultKeys:{SOC}/keys/postgres", "key postgres of workspace soc"),
        (
            f"neighbours/defenderPlans:{SOC}/pricings/Name#pricingTier",
            "Defender plan Name of workspace soc: pricingTier",
        ),
    ],
)
def test_what_stands_outside_a_server_is_called_by_its_own_name(setting: str, words: str) -> None:
    assert setting_words(setting) == words
