"""backup-retention-days, storage-auto-grow, high-availability-enabled: a property holds its value where it can."""

from collections.abc import Mapping

import pytest

from shared.control import Drift, Finding, LastGood, NotApplicable, Source
from shared.plan import Judge, make_plan
from shared.policy import ControlPolicy, Policy
from shared.state import Setting, SettingKind, State
from shared.target import Kind
from tests.builders import CATALOGUE, a_server, a_state, a_target

DAYS, GROW, STANDBY = "backup.retentionDays", "storage.autoGrow", "highAvailability.mode"


def a_server_with(kind: Kind = Kind.FLEXIBLE, /, **facts: str) -> State:
    return a_state(a_target(kind=kind), server=a_server(facts={name.replace("__", "."): facts[name] for name in facts}))


def judge(control: str, given: Mapping[str, object] | None = None) -> Judge:
    remediator = CATALOGUE[control]
    parameters = remediator.control.parameters.model_validate(given or {})
    policy = Policy(controls={control: ControlPolicy(parameters=parameters)})
    return Judge(remediator, policy.general_rule(remediator.control))


def finding(control: str, state: State, **given: object) -> Finding:
    return judge(control, given).find(state)


def the_drift(found: Finding) -> Drift:
    assert isinstance(found, tuple)
    (drift,) = found
    return drift


def a_property(name: str) -> Setting:
    return Setting(SettingKind.PROPERTY, name)


@pytest.mark.parametrize("kind", [Kind.FLEXIBLE, Kind.SINGLE])
def test_backups_that_are_kept_too_short_get_the_days_that_the_policy_names(kind: Kind) -> None:
    assert finding("backup-retention-days", a_server_with(kind, backup__retentionDays="7"), minimum_days=21) == (
        Drift("backup-retention-days", a_property(DAYS), "7", "21", "backups are gone before somebody can need them"),
    )


@pytest.mark.parametrize("days", ["7", "20", "35"])
def test_without_a_number_in_the_policy_any_retention_of_azure_is_good(days: str) -> None:
    assert finding("backup-retention-days", a_server_with(backup__retentionDays=days)) == ()


def test_a_longer_retention_that_was_there_before_comes_back() -> None:
    state = a_server_with(backup__retentionDays="7")
    before = LastGood(values={a_property(DAYS): "30"})
    (change,) = make_plan(state, [judge("backup-retention-days", {"minimum_days": 14})], before).changes
    assert (change.after, change.source) == ("30", Source.LAST_GOOD)


def test_azure_itself_keeps_the_backups_of_a_cluster() -> None:
    assert finding("backup-retention-days", a_server_with(Kind.CITUS)) == ()
    assert CATALOGUE["backup-retention-days"].on(Kind.CITUS).control.permissions == frozenset()


@pytest.mark.parametrize("control", ["backup-retention-days", "high-availability-enabled"])
@pytest.mark.parametrize("role", ["AsyncReplica", "GeoAsyncReplica"])
def test_replicas_take_it_from_their_source(control: str, role: str) -> None:
    found = finding(control, a_server_with(replicationRole=role, backup__retentionDays="7"))
    assert found == NotApplicable("a replica takes this from its source")


def test_a_copy_of_a_cluster_is_a_replica() -> None:
    state = a_server_with(Kind.CITUS, sourceResourceId="/subscriptions/x", highAvailability__mode="false")
    assert isinstance(finding("high-availability-enabled", state), NotApplicable)


@pytest.mark.parametrize("kind", [Kind.FLEXIBLE, Kind.SINGLE])
def test_storage_that_does_not_grow_is_a_drift(kind: Kind) -> None:
    assert (
        the_drift(finding("storage-auto-grow", a_server_with(kind, storage__autoGrow="Disabled"))).wanted == "Enabled"
    )
    assert finding("storage-auto-grow", a_server_with(kind, storage__autoGrow="enabled")) == ()


@pytest.mark.parametrize("facts", [{"cluster__clusterSize": "4"}, {"storage__type": "PremiumV2_LRS"}])
def test_where_storage_cannot_grow_by_itself_nothing_is_said(facts: dict[str, str]) -> None:
    found = finding("storage-auto-grow", a_server_with(storage__autoGrow="Disabled", **facts))
    assert isinstance(found, NotApplicable)


@pytest.mark.parametrize("control", ["backup-retention-days", "storage-auto-grow", "high-availability-enabled"])
def test_what_azure_does_not_report_is_not_judged(control: str) -> None:
    assert isinstance(finding(control, a_server_with()), NotApplicable)


def test_a_server_without_a_standby_gets_a_zone_redundant_one() -> None:
    drift = the_drift(finding("high-availability-enabled", a_server_with(highAvailability__mode="Disabled")))
    assert (drift.wanted, drift.person) == ("ZoneRedundant", "")


def test_the_policy_says_which_modes_are_good_and_which_comes_first() -> None:
    state = a_server_with(highAvailability__mode="Disabled")
    assert the_drift(finding("high-availability-enabled", state, modes=("SameZone",))).wanted == "SameZone"
    assert finding("high-availability-enabled", a_server_with(highAvailability__mode="SameZone")) == ()


def test_another_mode_needs_a_person_because_availability_has_to_go_off_in_between() -> None:
    state = a_server_with(highAvailability__mode="SameZone")
    drift = the_drift(finding("high-availability-enabled", state, modes=("ZoneRedundant",)))
    assert drift.person.startswith("switch high availability off first")


def test_a_burstable_server_needs_another_size_first() -> None:
    state = a_server_with(highAvailability__mode="Disabled", sku__tier="Burstable")
    plan = make_plan(state, [judge("high-availability-enabled")], LastGood())
    assert plan.changes == ()
    assert "General Purpose" in plan.refusals[a_property(STANDBY)]


def test_a_cluster_gets_its_standbys_by_one_flag() -> None:
    state = a_server_with(Kind.CITUS, highAvailability__mode="false")
    assert the_drift(finding("high-availability-enabled", state)).wanted == "true"
