"""Copies: what is brought in step with the source, what is only said, and what is left alone."""

import json
from typing import Any

import pytest

from shared.control import LastGood, NotApplicable, Source
from shared.parity import Aspect
from shared.plan import make_plan
from shared.state import (
    Administrator,
    FacetKind,
    FirewallRule,
    Parameter,
    Setting,
    SettingKind,
    State,
    Value,
    administrator_value,
    rule_value,
)
from shared.target import Kind
from tests.builders import DBA_GROUP, STRANGER, TENANT, a_rule
from tests.remediators.copies import REPLICA, RESTORED, a_one, a_pair, chosen, withheld
from tests.remediators.judging import drifts_of, finding_of, judge_of

WIDE = FirewallRule("app", "203.0.113.0", "203.0.113.255")
DBA = Administrator(DBA_GROUP, "dba", "Group", TENANT)
GUEST = Administrator(STRANGER, "guest", "User", TENANT)
SUBNET = {"virtualNetworkSubnetId": "/subscriptions/s/subnets/app"}
WORKSPACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/soc"


def rule(name: str) -> Setting:
    return Setting(SettingKind.FIREWALL_RULE, name)


def wanted_of(copy: State, control: str = REPLICA, **parameters: Any) -> dict[str, Value]:
    """What is to be written, by setting."""
    return {str(one.setting): one.wanted for one in drifts_of(control, copy, **parameters) if not one.person}


def said_of(copy: State, control: str = REPLICA, **parameters: Any) -> str:
    """What a person has to do."""
    return "; ".join(one.person for one in drifts_of(control, copy, **parameters))


def pair(theirs: dict[str, Any], ours: dict[str, Any] | None = None, **given: Any) -> State:
    kind = given.pop("kind", Kind.FLEXIBLE)
    from_kind = given.pop("from_kind", kind)
    return a_pair(a_one(kind=kind, **(ours or {})), a_one("pg-source", from_kind, **theirs), **given)


# -- which servers it is about ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("control", [REPLICA, RESTORED])
def test_a_server_that_is_no_copy_is_none_of_its_business(control: str) -> None:
    assert isinstance(finding_of(control, a_one()), NotApplicable)


@pytest.mark.parametrize(("control", "follows"), [(REPLICA, True), (RESTORED, False)])
def test_each_speaks_of_its_own_copies_only(control: str, follows: bool) -> None:
    copy = pair({"firewall_rules": (a_rule(),)}, follows=follows)
    other = RESTORED if control == REPLICA else REPLICA
    assert wanted_of(copy, control) == {"firewallRules/app": rule_value("203.0.113.10", "203.0.113.10")}
    assert isinstance(finding_of(other, copy), NotApplicable)


def test_what_is_copied_is_called_so_and_asks_a_person_where_it_lets_somebody_in() -> None:
    copy = pair({"firewall_rules": (a_rule(),)})
    (change,) = make_plan(copy, [judge_of(REPLICA, copy)], LastGood()).changes
    assert (change.source, change.risk.value) == (Source.ORIGINAL, "widens-access")


def test_an_aspect_can_be_left_out() -> None:
    copy = pair({"firewall_rules": (a_rule(),), "server": {"tags": {"owner": "payments"}}})
    assert wanted_of(copy, without=[Aspect.FIREWALL]) == {"tags/owner": "payments"}


def test_a_copy_that_its_key_keeps_shut_is_told_what_comes_first() -> None:
    copy = pair({"firewall_rules": (a_rule(),)}, {"server": {"state": "Inaccessible"}})
    assert wanted_of(copy) == {}
    assert "revalidate the key on the copy" in said_of(copy)


# -- doors ------------------------------------------------------------------------------------------------------------


def test_a_rule_with_another_range_gets_the_sources() -> None:
    copy = pair({"firewall_rules": (a_rule(),)}, {"firewall_rules": (WIDE,)})
    assert wanted_of(copy) == {"firewallRules/app": rule_value("203.0.113.10", "203.0.113.10")}


def test_the_same_range_under_another_name_is_enough() -> None:
    copy = pair({"firewall_rules": (a_rule("office"),)}, {"firewall_rules": (a_rule("app"),)})
    assert drifts_of(REPLICA, copy) == ()


def test_a_rule_of_its_own_within_the_sources_ranges_lets_nobody_else_in() -> None:
    copy = pair({"firewall_rules": (WIDE,)}, {"firewall_rules": (WIDE, a_rule("one"))})
    assert drifts_of(REPLICA, copy) == ()


@pytest.mark.parametrize(
    ("extras", "said", "removed"), [("told", True, False), ("removed", False, True), ("kept", 0, 0)]
)
def test_a_rule_that_only_the_copy_has(extras: str, said: bool, removed: bool) -> None:
    copy = pair({}, {"firewall_rules": (a_rule("reports"),)})
    assert bool(said_of(copy, extras=extras)) is bool(said)
    assert wanted_of(copy, extras=extras) == ({"firewallRules/reports": None} if removed else {})


def test_what_the_sources_own_controls_object_to_is_not_spread() -> None:
    copy = withheld(pair({"firewall_rules": (WIDE,)}), {rule("app"): "there firewall-no-any-any objects to it"})
    (drift,) = drifts_of(REPLICA, copy)
    assert (drift.wanted, drift.person) == ("not copied", "put pg-source right first")
    assert "firewall-no-any-any objects" in drift.why


def test_a_closed_copy_gets_no_rules_and_is_not_opened() -> None:
    copy = pair({"firewall_rules": (a_rule(),)}, {"server": {"public_access": False}})
    assert wanted_of(copy) == {}
    assert "open it by hand" in said_of(copy)


def test_a_copy_of_a_closed_server_is_closed() -> None:
    copy = pair({"server": {"public_access": False}, "firewall_rules": (a_rule(),)})
    assert wanted_of(copy) == {"network.publicNetworkAccess": "Disabled"}


def test_the_workers_of_a_cluster_are_closed_with_those_of_its_source() -> None:
    theirs = {"server": {"public_access": True, "worker_access": False}}
    copy = pair(theirs, {"server": {"worker_access": True}}, kind=Kind.CITUS)
    assert wanted_of(copy) == {"network.publicNetworkAccess/workers": "Disabled"}


def test_the_network_mode_is_said_to_be_chosen_at_creation() -> None:
    copy = pair({"server": {"virtual_network": True}})
    assert wanted_of(copy) == {}
    assert "make the copy anew" in said_of(copy)


def test_private_endpoints_are_said_not_copied() -> None:
    approved = {"privateLinkServiceConnectionState.status": "Approved"}
    copy = pair(
        {"children": {FacetKind.PRIVATE_ENDPOINTS: {"app": approved}}}, {"children": {FacetKind.PRIVATE_ENDPOINTS: {}}}
    )
    assert wanted_of(copy) == {}
    assert "give pg-payments one of its own (`az network private-endpoint create`)" in said_of(copy)


def test_virtual_network_rules_are_copied_within_a_region_and_said_across() -> None:
    theirs, ours = ({"children": {FacetKind.VIRTUAL_NETWORK_RULES: rules}} for rules in ({"app": SUBNET}, {}))
    assert wanted_of(pair(theirs, ours, kind=Kind.SINGLE)) == {"virtualNetworkRules/app": SUBNET}
    west, north = ({"server": {"facts": {"location": region}}} for region in ("West Europe", "northeurope"))
    far = pair({**theirs, **west}, {**ours, **north}, kind=Kind.SINGLE)
    assert wanted_of(far) == {}
    assert "the server's own region" in said_of(far)


def test_a_kind_without_virtual_network_rules_is_told_of_another_way_in() -> None:
    theirs = {"children": {FacetKind.VIRTUAL_NETWORK_RULES: {"app": SUBNET}}}
    copy = pair(theirs, from_kind=Kind.SINGLE, follows=False)
    assert "private endpoint that is reached from /subscriptions/s/subnets/app" in said_of(copy, RESTORED)


# -- people -----------------------------------------------------------------------------------------------------------


def test_administrators_of_a_restored_server_are_copied_and_a_stranger_is_told() -> None:
    copy = pair({"administrators": (DBA,)}, {"administrators": (GUEST,)}, follows=False)
    assert wanted_of(copy, RESTORED) == {f"administrators/{DBA_GROUP}": administrator_value(DBA)}
    assert "remove it if nobody needs it here" in said_of(copy, RESTORED)


def test_a_flexible_replica_has_its_primarys_administrators() -> None:
    assert drifts_of(REPLICA, pair({"administrators": (DBA,)})) == ()


def test_a_single_server_keeps_its_one_administrator() -> None:
    copy = pair({"administrators": (DBA,)}, {"administrators": (GUEST,)}, kind=Kind.SINGLE)
    assert wanted_of(copy) == {}
    assert "a single server has one administrator" in said_of(copy)


def test_a_principal_of_an_unknown_type_is_left_to_a_person() -> None:
    unknown = Administrator(DBA_GROUP, "dba", "Unknown", TENANT)
    copy = pair({"administrators": (unknown,)}, from_kind=Kind.SINGLE, follows=False)
    assert "a user, a group or an application" in said_of(copy, RESTORED)


def test_a_principal_of_another_tenant_is_left_to_a_person() -> None:
    foreign = Administrator(DBA_GROUP, "dba", "Group", STRANGER)
    copy = pair({"administrators": (foreign,)}, follows=False)
    assert f"the copy is in the tenant {TENANT}" in said_of(copy, RESTORED)


def test_sign_in_becomes_stricter_and_never_laxer() -> None:
    lax, strict = {"server": {"password_auth": True, "entra_auth": False}}, {"server": {"password_auth": False}}
    found = wanted_of(pair(strict, lax))["authConfig"]
    assert found == {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled", "tenantId": TENANT}
    assert "authConfig" not in wanted_of(pair(lax, strict))


# -- values -----------------------------------------------------------------------------------------------------------


def values(theirs: Parameter, ours: Parameter | None, **given: Any) -> State:
    held = {theirs.name: theirs, "other": Parameter("other", "x")}
    return pair({"parameters": held}, {"parameters": {"other": held["other"], theirs.name: ours}}, **given)


def test_a_parameter_that_somebody_set_is_copied_and_a_default_is_not() -> None:
    ours = Parameter("log_duration", "off")
    assert wanted_of(values(chosen("log_duration", "on"), ours)) == {"configurations/log_duration": "on"}
    assert wanted_of(values(Parameter("log_duration", "on"), ours)) == {}


@pytest.mark.parametrize("name", ["work_mem", "shared_buffers"])
def test_what_follows_from_the_size_is_copied_to_the_same_size_only(name: str) -> None:
    copy = values(chosen(name, "64"), Parameter(name, "4"))
    assert wanted_of(copy) == {f"configurations/{name}": "64"}
    big = {"server": {"facts": {"sku.name": "Standard_E64ds_v5"}}, "parameters": {name: chosen(name, "64")}}
    assert wanted_of(pair(big, {"parameters": {name: Parameter(name, "4")}})) == {}


@pytest.mark.parametrize(("ours", "wanted"), [("100", {"configurations/max_connections": "200"}), ("300", {})])
def test_a_replica_needs_at_least_as_many_connections(ours: str, wanted: dict[str, Value]) -> None:
    assert wanted_of(values(chosen("max_connections", "200"), Parameter("max_connections", ours))) == wanted


def test_what_is_about_replicating_is_a_replicas_own() -> None:
    copy = values(chosen("hot_standby_feedback", "on"), Parameter("hot_standby_feedback", "off"))
    assert wanted_of(copy) == {}


def test_a_list_gets_what_is_missing_and_keeps_what_is_there() -> None:
    theirs = chosen("azure.extensions", "pgaudit,vector")
    ours = Parameter("azure.extensions", "citext,pgaudit")
    assert wanted_of(values(theirs, ours)) == {"configurations/azure.extensions": "citext,pgaudit,vector"}
    assert wanted_of(values(theirs, ours), extras="removed") == {"configurations/azure.extensions": "pgaudit,vector"}


def test_an_entry_that_the_copys_version_does_not_know_is_said() -> None:
    ours = Parameter("azure.extensions", "", allowed="pgaudit")
    copy = values(chosen("azure.extensions", "pgaudit,vector"), ours)
    assert wanted_of(copy) == {"configurations/azure.extensions": "pgaudit"}
    assert "this version" in said_of(copy)


def test_a_parameter_that_the_copy_lacks_is_said() -> None:
    copy = values(chosen("idle_session_timeout", "60"), None)
    (drift,) = drifts_of(REPLICA, copy)
    assert str(drift.setting) == "properties/version"
    assert drift.why == "idle_session_timeout: set on pg-source, unknown to the copy's version or kind"


def test_a_parameter_that_was_set_on_the_copy_alone_goes_only_when_extras_go() -> None:
    copy = pair({"parameters": {"x": Parameter("x", "1")}}, {"parameters": {"x": chosen("x", "2")}})
    assert wanted_of(copy) == {}
    assert wanted_of(copy, extras="removed") == {"configurations/x": "1"}


def test_a_cluster_gets_each_parameter_where_it_counts() -> None:
    theirs = {"parameters": {"coordinator/log_duration": chosen("coordinator/log_duration", "on")}}
    names = ("coordinator/log_duration", "workers/log_duration")
    copy = pair(theirs, {"parameters": {name: Parameter(name, "off") for name in names}}, kind=Kind.CITUS)
    assert wanted_of(copy) == {"configurations/coordinator/log_duration": "on"}
    both = {"parameters": {name: Parameter(name, "off") for name in names}}
    alone = pair(
        {"parameters": {"log_duration": chosen("log_duration", "on")}},
        both,
        kind=Kind.CITUS,
        from_kind=Kind.FLEXIBLE,
        follows=False,
    )
    assert wanted_of(alone, RESTORED) == dict.fromkeys((f"configurations/{name}" for name in names), "on")


@pytest.mark.parametrize("follows", [True, False])
def test_tls_of_a_single_server_is_a_parameter_of_a_flexible_one(follows: bool) -> None:
    strict = {"server": {"facts": {"tls.enforcement": "Enabled", "tls.minimumVersion": "TLS1_2"}}}
    ours = {
        "parameters": {
            "require_secure_transport": Parameter("require_secure_transport", "off"),
            "ssl_min_protocol_version": Parameter("ssl_min_protocol_version", "TLSv1"),
        }
    }
    copy = pair(strict, ours, from_kind=Kind.SINGLE, follows=follows)
    assert wanted_of(copy, REPLICA if follows else RESTORED) == {
        "configurations/require_secure_transport": "on",
        "configurations/ssl_min_protocol_version": "TLSv1.2",
    }


def test_tls_is_never_made_weaker() -> None:
    weak = {"server": {"facts": {"tls.enforcement": "Disabled", "tls.minimumVersion": "TLS1_0"}}}
    strong = {"server": {"facts": {"tls.enforcement": "Enabled", "tls.minimumVersion": "TLS1_2"}}}
    assert wanted_of(pair(weak, strong, kind=Kind.SINGLE)) == {}
    assert wanted_of(pair(strong, weak, kind=Kind.SINGLE)) == {
        "properties/tls.enforcement": "Enabled",
        "properties/tls.minimumVersion": "TLS1_2",
    }


# -- watching and keeping ---------------------------------------------------------------------------------------------


def logs(*categories: str, **sinks: str) -> dict[str, str]:
    entries = [{"category": category, "enabled": True} for category in sorted(categories)]
    return {**(sinks or {"workspaceId": WORKSPACE}), "logs": json.dumps(entries, sort_keys=True)}


def sending(theirs: dict[str, str], *ours: dict[str, str], **given: Any) -> State:
    kind = FacetKind.DIAGNOSTIC_SETTINGS
    here = {f"mine-{number}": one for number, one in enumerate(ours)}
    return pair({"children": {kind: {"to-soc": theirs}}}, {"children": {kind: here}}, **given)


def test_logs_are_sent_as_there_unless_another_setting_does() -> None:
    there = logs("PostgreSQLLogs")
    assert wanted_of(sending(there)) == {"diagnosticSettings/to-soc": there}
    assert wanted_of(sending(there, logs("PostgreSQLLogs", "PostgreSQLFlexSessions"))) == {}


def test_a_storage_account_of_another_region_is_left_to_a_person() -> None:
    kind = FacetKind.DIAGNOSTIC_SETTINGS
    theirs = {"children": {kind: {"keep": logs("PostgreSQLLogs", storageAccountId="/s")}}}
    near, far = ({"server": {"facts": {"location": name}}} for name in ("westeurope", "northeurope"))
    copy = pair({**theirs, **near}, {"children": {kind: {}}, **far})
    assert wanted_of(copy) == {}
    assert "the server's own region" in said_of(copy)


def test_between_kinds_only_the_log_that_both_have_is_sent() -> None:
    theirs = logs("PostgreSQLLogs", "QueryStoreRuntimeStatistics")
    copy = sending(theirs, from_kind=Kind.SINGLE, follows=False)
    assert wanted_of(copy, RESTORED) == {"diagnosticSettings/to-soc": logs("PostgreSQLLogs")}


def test_threat_protection_is_switched_on_and_never_off() -> None:
    kind, on, off = FacetKind.THREAT_PROTECTION, {"state": "Enabled"}, {"state": "Disabled"}
    ours, theirs = {"children": {kind: {"Default": off}}}, {"children": {kind: {"Default": on}}}
    assert wanted_of(pair(theirs, ours)) == {"threatProtection/Default": on}
    assert wanted_of(pair(ours, theirs)) == {}


def test_an_alert_rule_about_the_source_is_made_for_the_copy() -> None:
    kind, group = (
        FacetKind.METRIC_ALERTS,
        "/subscriptions/s/resourceGroups/ops/providers/Microsoft.Insights/metricAlerts",
    )
    watching = {"severity": "1", "enabled": "true", "location": "global"}
    copy = pair({"children": {kind: {f"{group}/storage": watching}}}, {"children": {kind: {}}})
    ((setting, wanted),) = wanted_of(copy).items()
    assert setting.endswith("rg-payments/providers/Microsoft.Insights/metricAlerts/storage-pg-payments")
    assert wanted == {**watching, "scopes": json.dumps([copy.target.id])}
    done = copy.with_value(Setting.parse(setting), wanted)
    assert drifts_of(REPLICA, done) == ()


def test_tags_are_added_but_moments_and_its_own_values_stay() -> None:
    theirs = {"owner": "payments", "env": "prod", "break-glass": "2026-03-01T18:00Z", "hidden-link": "x"}
    copy = pair({"server": {"tags": theirs}}, {"server": {"tags": {"Env": "test"}}})
    assert wanted_of(copy) == {"tags/owner": "payments"}


def test_a_lock_is_copied_unless_one_from_above_is_as_strict() -> None:
    kind, lock = FacetKind.LOCKS, {"level": "CanNotDelete"}
    theirs = {"children": {kind: {"keep": lock}}}
    assert wanted_of(pair(theirs, {"children": {kind: {}}})) == {"locks/keep": lock}
    above = {"/subscriptions/s/providers/Microsoft.Authorization/locks/all": {"level": "ReadOnly"}}
    assert wanted_of(pair(theirs, {"children": {kind: above}})) == {}


@pytest.mark.parametrize(
    ("follows", "control", "wanted"),
    [(True, REPLICA, {}), (False, RESTORED, {"properties/backup.retentionDays": "21"})],
)
def test_backups_are_kept_as_long_but_a_replica_has_none(follows: bool, control: str, wanted: dict[str, Value]) -> None:
    days = [{"server": {"facts": {"backup.retentionDays": text}}} for text in ("21", "7")]
    assert wanted_of(pair(*days, follows=follows), control) == wanted


def test_a_maintenance_window_that_somebody_chose_is_copied() -> None:
    window = {"customWindow": "Enabled", "dayOfWeek": "0", "startHour": "2", "startMinute": "0"}
    facts = {f"maintenanceWindow.{name}": text for name, text in window.items()}
    assert wanted_of(pair({"server": {"facts": facts}})) == {"properties/maintenanceWindow": window}


def test_high_availability_and_the_kind_of_key_are_left_to_a_person() -> None:
    facts = {"highAvailability.mode": "ZoneRedundant", "dataEncryption.type": "AzureKeyVault"}
    copy = pair({"server": {"facts": facts}}, follows=False)
    assert wanted_of(copy, RESTORED) == {}
    assert "costs as much as the server" in said_of(copy, RESTORED)
    assert "make the copy anew with a key of your own" in said_of(copy, RESTORED)
