"""extensions-allowlist: strangers go, the rest stays in its order, and what is in use stays too."""

import pytest

from remediators.extensions_allowlist import CONTROL, Approved, detect
from shared.control import Drift, Finding, NotApplicable
from shared.plan import Judge
from shared.policy import Policy
from shared.state import Setting, SettingKind, State
from tests.builders import CATALOGUE, a_parameter, a_state, a_target

GOOD = Approved(approved_extensions=("pgcrypto", "vector"))


def a_server_with(extensions: str, preloaded: str = "") -> State:
    names = {"azure.extensions": extensions, "shared_preload_libraries": preloaded}
    return a_state(parameters={name: a_parameter(name, value) for name, value in names.items()})


def the_drift(found: Finding) -> Drift:
    assert isinstance(found, tuple)
    (drift,) = found
    return drift


@pytest.mark.parametrize("extensions", ["", "PGCRYPTO", "vector, pgcrypto"])
def test_approved_extensions_are_good_in_any_casing(extensions: str) -> None:
    assert detect(a_server_with(extensions), GOOD) == ()


def test_a_stranger_goes_and_the_rest_stays() -> None:
    assert detect(a_server_with("VECTOR,DBLINK,PGCRYPTO"), GOOD) == (
        Drift(
            CONTROL.id,
            Setting(SettingKind.PARAMETER, "azure.extensions"),
            "VECTOR,DBLINK,PGCRYPTO",
            "VECTOR,PGCRYPTO",
            "not approved: DBLINK",
        ),
    )


def test_a_stranger_whose_library_is_preloaded_needs_a_person() -> None:
    drift = the_drift(detect(a_server_with("VECTOR,PG_CRON", "pg_cron,pgaudit"), GOOD))
    assert drift.wanted == "VECTOR,PG_CRON"
    assert drift.person.startswith("take PG_CRON out of shared_preload_libraries first")


def test_of_several_strangers_those_go_that_nobody_uses() -> None:
    drift = the_drift(detect(a_server_with("VECTOR,PG_CRON,DBLINK", "pg_cron"), GOOD))
    assert (drift.wanted, drift.person) == ("VECTOR,PG_CRON", "")


def test_an_empty_list_allows_none_and_no_list_says_nothing() -> None:
    state = a_server_with("vector")
    assert the_drift(detect(state, Approved(approved_extensions=()))).wanted == ""
    assert isinstance(detect(state, Approved()), NotApplicable)


def test_a_server_without_the_parameter_is_not_judged() -> None:
    assert isinstance(detect(State(a_target()), GOOD), NotApplicable)


def test_the_control_waits_for_the_policy_to_name_it() -> None:
    judge = Judge(CATALOGUE[CONTROL.id], Policy().general_rule(CONTROL))
    assert isinstance(judge.find(a_server_with("dblink")), NotApplicable)
