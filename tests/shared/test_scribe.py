"""Who is named as the cause, what is news, and what a report says."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.control import Change, Drift, Risk, Severity, Source
from shared.decide import Decision, Verb
from shared.journal import Actor, ChangeLine, FindingLine, NoticeKind, Stage, Trigger
from shared.scribe import blame, digest, entry, finished, news, notice, report
from shared.state import Setting, SettingKind
from shared.target import Kind
from tests.builders import CATALOGUE, DBA_GROUP, NOON, a_target, a_trigger

RULE = Setting(SettingKind.FIREWALL_RULE, "App")
OTHER_RULE = Setting(SettingKind.FIREWALL_RULE, "other")
TLS = Setting(SettingKind.PARAMETER, "require_secure_transport")
DOOR = Setting(SettingKind.PUBLIC_ACCESS)
SIGN_IN = Setting(SettingKind.AUTHENTICATION)
ASK = Decision(Verb.ASK, "the policy says approve")


def a_drift(setting: Setting = TLS, control: str = "tls-required", *parts: Setting) -> Drift:
    return Drift(control, setting, "off", "on", "clients may connect without encryption", parts=parts)


def at(minute: int, operation: str = "*", child: str = "", who: str = "somebody", **changes: Any) -> Trigger:
    """A trigger some minutes after noon; nobody made it when `who` is empty."""
    actor = Actor(who) if who else None
    given = {"id": f"{minute}", "at": NOON + timedelta(minutes=minute), "actor": actor, **changes}
    return a_trigger(None, operation, child, **given)


def blamed(setting: Setting, *triggers: Trigger) -> str:
    trigger = blame([a_drift(setting)], triggers)
    assert trigger is not None
    return trigger.id


# Who it was


def test_nobody_is_blamed_when_nothing_happened() -> None:
    assert blame([a_drift()], []) is None


def test_whoever_named_the_very_setting_is_blamed_even_when_others_came_later() -> None:
    first = at(1, "firewallrules/write", "firewallrules/app")
    assert blamed(RULE, first, at(2, "firewallrules/write", "firewallrules/other"), at(3, "write")) == "1"


def test_of_those_who_named_the_setting_it_is_the_latest() -> None:
    writes = [at(minute, "firewallrules/write", "firewallrules/app") for minute in (2, 3, 1)]
    assert blamed(RULE, *writes) == "3"


@pytest.mark.parametrize(
    ("kind", "setting", "child"),
    [
        (Kind.CITUS, Setting(SettingKind.PARAMETER, "workers/log_connections"), "nodeconfigurations/log_connections"),
        (Kind.CITUS, Setting(SettingKind.ADMINISTRATOR, DBA_GROUP), "roles/dba"),
        (Kind.SINGLE, Setting(SettingKind.ADMINISTRATOR, DBA_GROUP), "administrators/activedirectory"),
        (Kind.FLEXIBLE, Setting(SettingKind.LOCK, "keep"), "providers/microsoft.authorization/locks/keep"),
    ],
)
def test_a_resource_is_known_by_what_its_kind_of_server_calls_it(kind: Kind, setting: Setting, child: str) -> None:
    write, server = at(1, f"{child.rpartition('/')[0]}/write", child), at(2, "write")
    target = a_target(kind=kind).id
    found = blame([a_drift(setting)], [replace(trigger, target=target) for trigger in (write, server)])
    assert found is not None
    assert found.id == "1"


def test_whoever_touched_the_same_kind_of_setting_comes_next() -> None:
    near = at(1, "firewallrules/write", "firewallrules/other")
    assert blamed(RULE, near, at(2, "write"), at(3, "configurations/write", "configurations/tls")) == "1"


@pytest.mark.parametrize(
    ("setting", "child", "sibling"),
    [
        (SettingKind.LOCK, "providers/microsoft.authorization/locks/keep", "providers/microsoft.authorization/locks/b"),
        (
            SettingKind.DIAGNOSTIC_SETTING,
            "providers/microsoft.insights/diagnosticsettings/keep",
            "providers/microsoft.insights/diagnosticsettings/b",
        ),
        (SettingKind.THREAT_PROTECTION, "advancedthreatprotectionsettings/keep", "advancedthreatprotectionsettings/b"),
    ],
    ids=str,
)
def test_what_hangs_on_a_server_is_named_by_its_own_path(setting: SettingKind, child: str, sibling: str) -> None:
    others = "providers/microsoft.authorization/roleassignments/keep"
    named = Setting(setting, "Keep")
    assert blamed(named, at(1, child=child), at(2, child=sibling), at(3, child=others)) == "1"
    assert blamed(named, at(1, child=sibling), at(2, child=others)) == "1"


def test_otherwise_it_is_the_latest_of_all() -> None:
    assert blamed(RULE, at(2, "configurations/write", "configurations/a"), at(1, "write")) == "2"


@pytest.mark.parametrize("setting", [DOOR, SIGN_IN])
def test_a_setting_of_the_server_itself_is_changed_by_a_write_of_the_server(setting: Setting) -> None:
    assert blamed(setting, at(1, "write"), at(2, "firewallrules/write", "firewallrules/app")) == "1"


@pytest.mark.parametrize("setting", [DOOR, TLS, RULE])
def test_a_sweep_hides_nobody(setting: Setting) -> None:
    assert blamed(setting, at(1, "write"), at(2, "*", who="")) == "1"


def test_a_restart_is_no_change_of_a_setting() -> None:
    assert blamed(DOOR, at(1, "write"), at(2, "restart/action", who="an innocent")) == "1"


def test_an_event_that_names_nobody_hides_nobody() -> None:
    assert blamed(DOOR, at(1, "write"), at(2, "write", who="")) == "1"


@pytest.mark.parametrize("outcome", ["failure", "cancel"])
def test_somebody_who_did_not_succeed_is_not_blamed_before_somebody_who_did(outcome: str) -> None:
    assert blamed(DOOR, at(1, "write"), at(2, "write", who="an innocent", outcome=outcome)) == "1"


def test_an_event_that_names_nobody_is_still_better_than_none() -> None:
    assert blamed(TLS, at(1, "*", who="")) == "1"


def test_every_part_of_a_finding_counts() -> None:
    drift = a_drift(Setting(SettingKind.FIREWALL_RULE), "firewall-public-ip-range-size", RULE, OTHER_RULE)
    triggers = [at(1, "firewallrules/write", "firewallrules/other"), at(2, "firewallrules/write", "firewallrules/x")]
    found = blame([drift], triggers)
    assert found == triggers[0]


# What is news


def test_a_drift_that_was_told_like_this_is_no_news() -> None:
    drift = a_drift()
    assert news({drift.key: digest(drift, ASK)}, [(drift, ASK)]) == []


def test_a_drift_that_was_never_told_is_news() -> None:
    assert news({}, [(a_drift(), ASK)]) == [(a_drift(), ASK)]
    assert news({a_drift(RULE).key: digest(a_drift(), ASK)}, [(a_drift(), ASK)]) != []


@pytest.mark.parametrize(
    ("drift", "decision"),
    [
        (Drift("tls-required", TLS, "no", "on", "why"), ASK),
        (Drift("tls-required", TLS, "off", "yes", "why"), ASK),
        (a_drift(), Decision(Verb.TELL, ASK.reason)),
        (a_drift(), Decision(Verb.ASK, "another reason")),
    ],
)
def test_a_drift_is_news_again_when_something_about_it_changed(drift: Drift, decision: Decision) -> None:
    told = {a_drift().key: digest(a_drift(), ASK)}
    assert news(told, [(drift, decision)]) == [(drift, decision)]


# What is written


def test_a_report_says_what_was_found_and_what_would_be_done() -> None:
    change = Change(TLS, "off", "on", Source.LAST_GOOD, Risk.SAFE)
    trigger = at(1, "configurations/write", "configurations/require_secure_transport")
    written = report("r1", a_target(), NOON, CATALOGUE, [(a_drift(), ASK)], [trigger], [change])
    assert (written.record, written.target, written.at, written.trigger) == ("r1", a_target().id, NOON, trigger)
    assert written.changes == (ChangeLine(str(TLS), "off", "on", "last known good", "safe"),)
    assert written.findings == (
        FindingLine(
            "tls-required",
            CATALOGUE["tls-required"].control.title,
            "high",
            "configurations/require_secure_transport",
            "off",
            "on",
            "clients may connect without encryption",
            "ask",
            "the policy says approve",
        ),
    )


def test_a_report_is_as_severe_as_its_worst_finding_and_names_it_first() -> None:
    controls = ["firewall-public-ip-range-size", "firewall-no-any-any", "firewall-no-azure-services"]
    decided = [(a_drift(RULE, control), ASK) for control in controls]
    written = report("r1", a_target(), NOON, CATALOGUE, decided, [])
    assert written.severity == str(Severity.CRITICAL)
    assert [line.severity for line in written.findings] == ["critical", "high", "medium"]


def test_a_report_about_nothing_is_of_low_severity() -> None:
    assert report("r1", a_target(), NOON, CATALOGUE, [], []).severity == "low"


@pytest.mark.parametrize(("seconds", "elapsed"), [(90, 90.0), (0.12345, 0.123), (-5, 0.0)])
def test_the_time_it_took_runs_from_when_we_heard(seconds: float, elapsed: float) -> None:
    written = report("r1", a_target(), NOON, CATALOGUE, [], [at(-30, received_at=NOON)])
    done = finished(written, NOON + timedelta(seconds=seconds), "put back", "none")
    assert (done.outcome, done.error, done.elapsed_seconds) == ("put back", "none", elapsed)


def test_without_a_trigger_the_time_runs_from_the_report() -> None:
    written = report("r1", a_target(), NOON, CATALOGUE, [], [])
    assert finished(written, NOON + timedelta(seconds=7), "done").elapsed_seconds == 7


def test_an_entry_and_a_notice_carry_the_report_and_its_name() -> None:
    written = report("r1", a_target(), NOON, CATALOGUE, [], [])
    line, message = entry(written, 3, Stage.PROVEN, NOON, "detail"), notice(written, NoticeKind.REMEDIATED, NOON, 3)
    assert (line.record, line.number, line.stage, line.detail, line.report) == (
        "r1",
        3,
        Stage.PROVEN,
        "detail",
        written,
    )
    assert (message.id, message.number, message.quiet, message.report) == ("r1.3", 3, False, written)
