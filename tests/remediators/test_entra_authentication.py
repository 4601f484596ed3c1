"""entra-auth-enabled: Entra sign-in is on; the password setting stays as it is."""

from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from remediators.entra_authentication import CONTROL, SignIn, detect
from shared.control import Drift, NotApplicable, Revert
from shared.state import Setting, SettingKind, State, Value, administrator_value
from shared.target import Kind
from tests.builders import DBA_GROUP, TENANT, a_server, a_state, a_target, an_admin

OTHER = "55555555-5555-4555-8555-555555555555"
NAMED = SignIn(tenant_id=TENANT, administrator_id=OTHER, administrator_name="sg-dba")


def drift_of(tenant: str = "", **server: object) -> Drift:
    found = detect(a_state(server=a_server(entra_auth=False, **server)), SignIn(tenant_id=tenant))
    assert isinstance(found, tuple)
    (drift,) = found
    return drift


@pytest.mark.parametrize("password", [True, False])
def test_entra_sign_in_is_good_with_or_without_passwords(password: bool) -> None:
    assert detect(a_state(server=a_server(entra_auth=True, password_auth=password)), SignIn()) == ()


@pytest.mark.parametrize(("password", "word"), [(True, "Enabled"), (False, "Disabled")])
def test_without_entra_it_is_switched_on_and_passwords_stay_as_they_are(password: bool, word: str) -> None:
    assert drift_of(password_auth=password) == Drift(
        "entra-auth-enabled",
        Setting(SettingKind.AUTHENTICATION),
        {"activeDirectoryAuth": "Disabled", "passwordAuth": word, "tenantId": TENANT},
        {"activeDirectoryAuth": "Enabled", "passwordAuth": word, "tenantId": TENANT},
        "only passwords open this server",
    )


def test_the_policy_names_the_tenant_where_the_server_names_none() -> None:
    drift = drift_of(OTHER, tenant_id="")
    assert drift.found == {"activeDirectoryAuth": "Disabled", "passwordAuth": "Disabled"}
    assert drift.wanted == {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled", "tenantId": OTHER}
    assert drift.person == ""


def test_the_tenant_of_the_server_comes_before_that_of_the_policy() -> None:
    wanted = drift_of(OTHER).wanted
    assert isinstance(wanted, dict)
    assert wanted["tenantId"] == TENANT


def test_without_any_tenant_a_person_has_to_name_it() -> None:
    assert drift_of(tenant_id="").person == "name the Entra tenant in the policy: parameters.tenant_id"


def test_a_server_that_was_not_read_is_not_judged() -> None:
    assert detect(State(a_target()), SignIn()) == NotApplicable("the server was not read")


@pytest.mark.parametrize("tenant", ["contoso.example", OTHER[:-1], OTHER[:-1] + "x"])
def test_a_tenant_that_is_no_id_is_refused(tenant: str) -> None:
    with pytest.raises(ValidationError):
        SignIn(tenant_id=tenant)


def test_switching_it_on_restarts_the_server_so_a_person_is_asked() -> None:
    assert CONTROL.revert is Revert.RESTART
    assert {str(CONTROL.fresh), str(CONTROL.first_sight)} == {"approval"}


# Citus clusters take the tenant of their subscription; single servers have Entra while they have an administrator


def test_a_cluster_needs_no_tenant_and_no_restart() -> None:
    server = a_server(entra_auth=False, password_auth=True, tenant_id="")
    found = detect(a_state(a_target(kind=Kind.CITUS), server=server), SignIn(tenant_id=OTHER))
    assert isinstance(found, tuple)
    assert found[0].wanted == {"activeDirectoryAuth": "Enabled", "passwordAuth": "Enabled"}
    assert (found[0].person, CONTROL.on(Kind.CITUS).risk) == ("", None)


def drift_of_single(policy: SignIn, recalled: Mapping[Setting, Value] | None = None) -> Drift:
    found = detect(a_state(a_target(kind=Kind.SINGLE), administrators=(), recalled=recalled or {}), policy)
    assert isinstance(found, tuple)
    (drift,) = found
    return drift


def test_a_single_servers_last_administrator_comes_back() -> None:
    before = Setting(SettingKind.ADMINISTRATOR, DBA_GROUP)
    drift = drift_of_single(NAMED, {before: administrator_value(an_admin())})
    assert (drift.setting, drift.found, drift.wanted) == (before, None, administrator_value(an_admin()))


def test_without_one_the_policys_becomes_the_administrator() -> None:
    drift = drift_of_single(NAMED)
    assert drift.setting == Setting(SettingKind.ADMINISTRATOR, OTHER)
    assert drift.wanted == {"principalName": "sg-dba", "principalType": "Unknown", "tenantId": TENANT}


def test_without_either_a_person_makes_somebody_the_administrator() -> None:
    assert "make a group the Entra administrator" in drift_of_single(SignIn(tenant_id=TENANT)).person


def test_a_single_server_with_an_administrator_is_good_and_one_that_was_not_read_is_not_judged() -> None:
    single = a_target(kind=Kind.SINGLE)
    assert detect(a_state(single), SignIn()) == ()
    assert isinstance(detect(State(single), SignIn()), NotApplicable)
