import re
import unicodedata
from dataclasses import replace
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from shared.journal import Actor, ChangeLine, Notice, NoticeKind, Origin
from shared.notify.message import compose
from shared.notify.wording import SHORT, duration_words, tame, value_words
from tests.notify.builders import OPEN, RECORD, SERVER, a_finding, a_notice, a_report, a_trigger
from tests.notify.examples import an_example

HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "x" * 10_000,
            "\u202egnp.exe",
            "a\r\nServer: pg-other",
            "<script>alert(1)</script>",
            "<!channel> <@U12345>",
            "[click](http://evil.example)",
            "![x](http://evil.example/x.png)",
            "`code` **bold** _so_ ~~so~~ # head",
            "&lt;b&gt; &#60;b&#62;",
            "``` \n- item",
            "\ud800 \x00\x1b[31m",
            "{{ secret }}",
            "",
        ]
    ),
)
RENDER = MarkdownIt("commonmark").render
# What Apprise turns Markdown into HTML with, for mail.
MAIL = import_module("markdown").markdown
LABELS = {"Server", "Who", "What", "When", "From", "Found → wanted", "Why", "Decided", "Control", "Change", "Outcome"}
LABELS |= {"Error", "Took", "Record", "Portal", "Owner", "Approval"}
SURE_TAGS = re.compile(r"</?(ul|li|p|strong|code|a href=\"https://portal\.azure\.com/#@/resource/[^\"]*\"|a)>")


DRIFT = "firewall rule office is 0.0.0.0-255.255.255.255, wanted 203.0.113.10"
DANA = "changed by dana.fields@contoso.example (user)"
TITLES = {
    NoticeKind.DRIFT_DETECTED: f"[critical] pg-payments drifted, nothing was changed: {DRIFT}, {DANA}",
    NoticeKind.APPROVAL_NEEDED: (
        "[high] pg-payments needs your decision, nothing was changed: "
        f"public network access is Enabled, wanted Disabled, {DANA}; waits for a decision until 2025-11-25 09:00 UTC"
    ),
    NoticeKind.APPROVAL_ENDED: (
        "[high] pg-payments: nothing was changed, the question is closed, denied by ivo.keller@contoso.example: "
        f"the migration needs it until Friday: public network access is Enabled, wanted Disabled, {DANA}"
    ),
    NoticeKind.REMEDIATION_SCHEDULED: (
        f"[critical] pg-payments will be put right unless somebody objects: {DRIFT}, {DANA}; "
        "will be put back at 2025-11-25 09:00 UTC unless it is exempted"
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
    NoticeKind.CANNOT_OBSERVE: (
        "[high] pg-payments cannot be watched: the identity lacks flexibleServers/read at rg-payments"
    ),
    NoticeKind.HELD: (
        "[critical] pg-payments is held, nothing is written there, put back 3 times within 60 min; "
        f"held until somebody releases it: {DRIFT}, {DANA}"
    ),
    NoticeKind.UNDONE: (
        "[critical] pg-payments: our change was taken back by ivo.keller@contoso.example (user): "
        "firewall rule office was 203.0.113.10, is now 0.0.0.0-255.255.255.255"
    ),
    NoticeKind.EXEMPTION_EXPIRING: (
        "[medium] an exemption ends soon: exemption payments-migration (policy.yaml:31) of firewall-no-any-any "
        f"for {SERVER.partition('/providers')[0]} ends at 2025-12-08 09:00 UTC"
    ),
    NoticeKind.POLICY_REFUSED: (
        "[high] a new policy was refused, the last good one stays in force: policy.yaml:2:7: found 'enforced'; did "
        "you mean 'enforce'? policy.yaml:4:3: unknown control 'firewal-no-any-any'; did you mean 'firewall-no-any-any'?"
    ),
    NoticeKind.ORDERS_CHANGED: (
        "[high] standing orders were changed by ivo.keller@contoso.example (user): everything is held: incident 4711"
    ),
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
        "Outcome: put back and proven by reading again",
        "Took: 0.84 s",
        f"Record: {RECORD}",
        f"Portal: https://portal.azure.com/#@/resource{SERVER}",
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
    [(0.0, "0.00 s"), (0.842, "0.84 s"), (9.996, "10.00 s"), (59.4, "59 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_durations_are_words(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


@given(st.text(), st.integers(1, 50))
def test_tamed_text_is_one_printable_line_of_limited_length(text: str, limit: int) -> None:
    line = tame(text, limit)
    assert len(line) <= limit
    assert all(unicodedata.category(letter)[0] != "C" for letter in line)
    assert not re.search(r"[<>\n\r\u2028\u2029\x85]|  ", line)
    assert tame(line, limit) == line


def test_honest_text_is_left_alone() -> None:
    assert tame("Žofie O'Brien-Łukasz (שלום)") == "Žofie O'Brien-Łukasz (שלום)"


@given(st.sampled_from(NoticeKind), st.lists(HOSTILE, min_size=9, max_size=9))
def test_hostile_text_changes_neither_lines_nor_mark_up(kind: NoticeKind, texts: list[str]) -> None:
    hostile, harmless = compose(_with(kind, texts)), compose(_with(kind, ["word"] * 9))
    assert [_label(line) for line in hostile.text.splitlines()] == [_label(line) for line in harmless.text.splitlines()]
    assert len(hostile.title) <= 265
    assert len(hostile.text) < 8_000
    assert "\n" not in hostile.title
    for render in (RENDER, MAIL):
        assert not re.search(r"[<>]", SURE_TAGS.sub("", render(hostile.markdown)))
        # A title may come out slanted, never as a link or a tag.
        assert not re.search(r"[<>]", SURE_TAGS.sub("", render(hostile.title).replace("em>", "p>")))
    assert _tags(RENDER(hostile.markdown)) == _tags(RENDER(harmless.markdown))


def _with(kind: NoticeKind, texts: list[str]) -> Notice:
    name, child, rule, why, reason, outcome, error, title, value = texts
    actor = Actor(name or "x", "o", "", "user", "198.51.100.23")
    finding = a_finding(title=title, setting=f"firewallRules/{rule}", found=value, why=why, reason=reason)
    change = ChangeLine(f"firewallRules/{rule}", value, None, "policy", "safe")
    report = a_report(
        trigger=a_trigger(child=child, actor=actor),
        findings=(finding,),
        changes=(change,),
        outcome=outcome or "x",
        error=error or "x",
    )
    return replace(a_notice(), kind=kind, report=report)


def _label(line: str) -> str:
    label = line.partition(": ")[0]
    return label if label in LABELS else "heading"


def _tags(page: str) -> list[str]:
    return re.findall(r"</?\w+", page)


def test_a_flood_costs_no_more_than_its_limit() -> None:
    assert tame("\u200b" * 1_000_000 + "x") == "…"
    assert len(tame("x" * 1_000_000)) == SHORT
