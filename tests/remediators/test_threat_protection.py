"""Alerts are raised, all of them, and somebody hears of them."""

from typing import Any

import pytest

from shared.control import LastGood, NotApplicable
from shared.plan import make_plan
from shared.state import FacetKind, State, Value
from shared.target import Kind
from tests.builders import a_state, a_target
from tests.remediators.judging import drifts_of, finding_of, judge_of

ENABLED, MAILS, ALERTS = "advanced-threat-protection-server", "atp-email-notifications", "atp-disabled-alerts-empty"
SOC = "soc@contoso.example"


def protected(kind: Kind = Kind.SINGLE, **texts: str) -> State:
    return a_state(a_target(kind=kind), children={FacetKind.THREAT_PROTECTION: {"Default": texts}})


def wanted(control: str, state: State, **parameters: Any) -> Value:
    (drift,) = drifts_of(control, state, **parameters)
    assert drift.setting.name == "Default"
    return drift.wanted


@pytest.mark.parametrize("kind", [Kind.FLEXIBLE, Kind.SINGLE])
def test_protection_that_is_off_is_switched_on(kind: Kind) -> None:
    assert drifts_of(ENABLED, protected(kind, state="Enabled")) == ()
    assert wanted(ENABLED, protected(kind, state="Disabled", retentionDays="30")) == {
        "state": "Enabled",
        "retentionDays": "30",
    }


def test_settings_that_azure_does_not_list_are_written() -> None:
    state = a_state(children={FacetKind.THREAT_PROTECTION: {}})
    assert wanted(ENABLED, state) == {"state": "Enabled"}


def test_administrators_and_the_security_list_are_mailed_and_nobody_is_dropped() -> None:
    good = protected(emailAccountAdmins="true", emailAddresses=f'["{SOC.upper()}"]')
    assert drifts_of(MAILS, good, security_addresses=[SOC]) == ()
    assert wanted(MAILS, protected(emailAddresses='["dba@contoso.example"]'), security_addresses=[SOC]) == {
        "emailAccountAdmins": "true",
        "emailAddresses": f'["dba@contoso.example", "{SOC}"]',
    }


def test_without_a_security_list_the_administrators_are_enough() -> None:
    assert drifts_of(MAILS, protected(emailAccountAdmins="true", emailAddresses='[""]')) == ()
    assert wanted(MAILS, protected(emailAccountAdmins="false")) == {"emailAccountAdmins": "true"}


@pytest.mark.parametrize("none", ["[]", '[""]'])
def test_no_alert_may_be_switched_off(none: str) -> None:
    assert drifts_of(ALERTS, protected(disabledAlerts=none)) == ()
    assert drifts_of(ALERTS, protected()) == ()
    assert wanted(ALERTS, protected(disabledAlerts='["Access_Anomaly"]')) == {"disabledAlerts": "[]"}


def test_what_all_three_want_is_one_write() -> None:
    state = protected(state="Disabled", emailAccountAdmins="false", disabledAlerts='["Access_Anomaly"]')
    (change,) = make_plan(state, [judge_of(name, state) for name in (ENABLED, MAILS, ALERTS)], LastGood()).changes
    assert change.after == {"state": "Enabled", "emailAccountAdmins": "true", "disabledAlerts": "[]"}


def test_alerts_kept_in_a_storage_account_are_a_persons_to_change() -> None:
    (drift,) = drifts_of(ENABLED, protected(state="Disabled", storageEndpoint="https://contoso.blob.core.windows.net"))
    assert drift.person.startswith("the alerts are kept in https://contoso.blob.core.windows.net, whose key Azure does")


def test_settings_that_were_not_read_are_not_judged() -> None:
    assert isinstance(finding_of(ENABLED, a_state()), NotApplicable)
