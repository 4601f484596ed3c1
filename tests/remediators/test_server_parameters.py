"""tls-required, tls-min-version-12: a parameter holds one of its values, in any casing, and in force."""

import pytest

from shared.control import Drift, Finding, NotApplicable
from shared.plan import Judge
from shared.policy import Policy
from shared.state import Setting, SettingKind, State
from shared.target import Kind
from tests.builders import CATALOGUE, a_parameter, a_server, a_state, a_target

REQUIRED, MINIMUM = "require_secure_transport", "ssl_min_protocol_version"


def finding(control: str, state: State) -> Finding:
    remediator = CATALOGUE[control]
    return Judge(remediator, Policy().general_rule(remediator.control)).find(state)


def judged(control: str, name: str, value: str, **changes: object) -> Finding:
    return finding(control, a_state(parameters={name: a_parameter(name, value, **changes)}))


@pytest.mark.parametrize("value", ["on", "ON", "On"])
def test_tls_that_is_required_is_good_in_any_casing(value: str) -> None:
    assert judged("tls-required", REQUIRED, value) == ()


@pytest.mark.parametrize("value", ["off", "OFF", "", "o", "onn", "on,off"])
def test_tls_that_is_not_required_is_a_drift(value: str) -> None:
    assert judged("tls-required", REQUIRED, value) == (
        Drift(
            "tls-required",
            Setting(SettingKind.PARAMETER, REQUIRED),
            value,
            "on",
            "clients may connect without encryption",
        ),
    )


@pytest.mark.parametrize("value", ["TLSv1.2", "TLSv1.3", "TLSV1.2", "tlsv1.3"])
def test_tls_of_this_age_is_good_in_any_casing(value: str) -> None:
    assert judged("tls-min-version-12", MINIMUM, value) == ()


@pytest.mark.parametrize("value", ["TLSv1", "TLSv1.1", "", "TLSv1.2,TLSv1.1", "1.2"])
def test_older_tls_is_a_drift_that_wants_the_oldest_good_one(value: str) -> None:
    assert judged("tls-min-version-12", MINIMUM, value) == (
        Drift(
            "tls-min-version-12",
            Setting(SettingKind.PARAMETER, MINIMUM),
            value,
            "TLSv1.2",
            "clients may connect with an outdated TLS version",
        ),
    )


@pytest.mark.parametrize(("control", "name"), [("tls-required", REQUIRED), ("tls-min-version-12", MINIMUM)])
def test_a_parameter_the_server_lacks_is_not_judged(control: str, name: str) -> None:
    absent = NotApplicable(f"this server has no parameter {name}")
    assert finding(control, a_state(parameters={name: None})) == absent
    assert finding(control, State(a_target())) == absent


def test_a_good_value_that_waits_for_a_restart_is_a_drift_for_a_person() -> None:
    (drift,) = as_drifts(judged("tls-required", REQUIRED, "on", pending_restart=True))
    assert drift.found == "on, stored but not in force"
    assert drift.person == f"{REQUIRED} waits for a restart of the server; Holdfast restarts no server unasked"


def test_a_bad_value_that_waits_for_a_restart_is_written_first() -> None:
    (drift,) = as_drifts(judged("tls-required", REQUIRED, "off", pending_restart=True))
    assert (drift.found, drift.wanted, drift.person) == ("off", "on", "")


def test_a_read_only_parameter_is_judged_like_any_other() -> None:
    assert as_drifts(judged("tls-required", REQUIRED, "off", read_only=True))


@pytest.mark.parametrize(("passwords", "drifts"), [(True, 2), (False, 0)])
def test_the_quality_of_passwords_matters_where_there_are_any(passwords: bool, drifts: int) -> None:
    names = ("azure.extensions", "shared_preload_libraries")
    state = a_state(
        server=a_server(password_auth=passwords), parameters={name: a_parameter(name, "pgaudit") for name in names}
    )
    found = finding("password-policy-credcheck", state)
    wanted = [drift.wanted for drift in found] if isinstance(found, tuple) else []
    assert wanted == ["pgaudit,credcheck"] * drifts


def as_drifts(found: Finding) -> tuple[Drift, ...]:
    assert isinstance(found, tuple)
    return found


# Single servers and Citus clusters


@pytest.mark.parametrize(
    ("control", "name", "good", "bad"),
    [
        ("tls-required", "tls.enforcement", "Enabled", "Disabled"),
        ("tls-min-version-12", "tls.minimumVersion", "TLS1_2", "TLS1_1"),
        ("tls-min-version-12", "tls.minimumVersion", "TLS1_2", "TLSEnforcementDisabled"),
    ],
)
def test_a_single_server_has_properties_for_tls(control: str, name: str, good: str, bad: str) -> None:
    single = a_target(kind=Kind.SINGLE)
    assert finding(control, a_state(single, server=a_server(facts={name: good}))) == ()
    (drift,) = as_drifts(finding(control, a_state(single, server=a_server(facts={name: bad}))))
    assert (drift.setting, drift.found, drift.wanted) == (Setting(SettingKind.PROPERTY, name), bad, good)
    assert isinstance(finding(control, State(single)), NotApplicable)


def test_a_clusters_parameter_is_judged_where_it_counts() -> None:
    values = {f"coordinator/{MINIMUM}": "TLSv1.2", f"workers/{MINIMUM}": "TLSv1.1"}
    held = {name: a_parameter(name, value) for name, value in values.items()}
    (drift,) = as_drifts(finding("tls-min-version-12", a_state(a_target(kind=Kind.CITUS), parameters=held)))
    assert (drift.setting.name, drift.wanted) == (f"workers/{MINIMUM}", "TLSv1.2")


@pytest.mark.parametrize("control", ["tls-required", "scram-only-password-auth"])
def test_what_a_cluster_cannot_do_otherwise_holds(control: str) -> None:
    assert finding(control, a_state(a_target(kind=Kind.CITUS))) == ()


def test_many_parameters_of_a_single_server_can_be_written_at_once() -> None:
    operations = CATALOGUE["log-connections-on"].control.on(Kind.SINGLE).operations
    assert operations == {"configurations/write", "updateconfigurations/action"}
