"""Single servers and Citus clusters: what is read, what is written, and what it costs, against the emulator."""

import json
from pathlib import Path
from typing import Any

import pytest
from azure.identity.aio import ManagedIdentityCredential

from emulator.app import Emulator
from emulator.settings import Settings
from shared.arm.administrators import administrator_from
from shared.arm.azure import AzureArm
from shared.arm.client import ArmClient
from shared.arm.layout import LAYOUTS
from shared.arm.parameters import parameter_from
from shared.arm.servers import completed, write_call
from shared.control import Change, Source
from shared.errors import Frozen, Rejected
from shared.ports import Progress
from shared.state import (
    ADMINISTRATORS,
    COLLECTIONS,
    FIREWALL_RULES,
    SERVER,
    Facet,
    FacetKind,
    Setting,
    SettingKind,
    Value,
    parameter,
    rule_value,
)
from shared.target import Kind, Target
from tests.arm.azure_side import AzureSide, azure_side
from tests.arm.conftest import REPORTING, RISK
from tests.contracts import HELD, VALIDATOR, is_recorded, validator

DBA, NEW_DBA = "3f0c8f5a-7b1e-4a52-9d15-52f1f7a2c901", "3f0c8f5a-7b1e-4a52-9d15-52f1f7a2c902"
TENANT = "6b1f3c0e-52d4-4f6a-9b3e-6f0d9a7c2e51"
CORRELATION = "0193a5f0-0000-7000-8000-000000000001"
PUBLIC_ACCESS, WORKER_ACCESS = Setting(SettingKind.PUBLIC_ACCESS), Setting(SettingKind.PUBLIC_ACCESS, "workers")
SIGN_IN = Setting(SettingKind.AUTHENTICATION)
OFFICE = Setting(SettingKind.FIREWALL_RULE, "office-zurich")
HERE = rule_value("192.0.2.20", "192.0.2.20")


def prop(name: str) -> Setting:
    return Setting(SettingKind.PROPERTY, name)


def held(name: str) -> Setting:
    return Setting(SettingKind.PARAMETER, name)


def admin(object_id: str) -> Setting:
    return Setting(SettingKind.ADMINISTRATOR, object_id)


def principal(name: str, type_: str = "Unknown") -> dict[str, str]:
    return {"principalName": name, "principalType": type_, "tenantId": TENANT}


def to(setting: Setting, after: Value, before: Value = None) -> Change:
    return Change(setting, before, after, Source.POLICY)


async def written(arm: AzureArm, target: Target, *changes: Change) -> None:
    """Send the changes as the engine does, and follow them to their end."""
    for group in arm.requests(target, changes):
        accepted = await arm.write(target, group, CORRELATION)
        assert accepted.operation
        assert await arm.progress(accepted.operation) == Progress(done=True)


async def unlocked(side: AzureSide, *targets: Target) -> None:
    """Somebody takes the locks away that keep Azure from deleting anything."""
    for target in targets:
        lock = f"{target.id}/providers/Microsoft.Authorization/locks/keep"
        assert await side.act("ada", "DELETE", lock, version="2020-05-01") in (200, 204)


async def asked(side: AzureSide) -> list[str]:
    """What Holdfast asked of Azure, but for polls."""
    return [call for call in await side.calls() if "AsyncOperation" not in call]


# -- reading ------------------------------------------------------------------------------------------------------


async def test_a_single_server_is_read_in_the_words_of_all_kinds(arm: AzureArm) -> None:
    state = await arm.observe(REPORTING, {SERVER, FIREWALL_RULES, ADMINISTRATORS, parameter("log_duration")})
    assert state.server is not None
    assert (state.server.public_access, state.server.worker_access, state.server.version) == (True, None, "11")
    assert state.value(prop("tls.enforcement")) == "Enabled"
    assert state.value(prop("tls.minimumVersion")) == "TLS1_2"
    assert state.value(prop("backup.retentionDays")) == "35"
    assert [rule.name for rule in state.firewall_rules or ()] == ["office-zurich"]
    assert state.value(admin(DBA)) == principal("sg-dba-production")
    assert state.value(held("log_duration")) == "on"
    assert state.value(SIGN_IN) is None


async def test_a_cluster_is_read_in_the_words_of_all_kinds(arm: AzureArm) -> None:
    names = {"coordinator/log_disconnections", "workers/log_disconnections"}
    state = await arm.observe(RISK, {SERVER, FIREWALL_RULES, ADMINISTRATORS, *map(parameter, names)})
    assert state.server is not None
    assert (state.value(PUBLIC_ACCESS), state.value(WORKER_ACCESS)) == ("Disabled", "Disabled")
    assert (state.server.closed, state.server.approved_endpoints, state.server.version) == (True, 1, "15")
    assert state.value(SIGN_IN) == {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled"}
    assert state.server.facts["backup.geoRedundant"] == "true"
    assert state.firewall_rules == ()
    assert state.value(admin(DBA)) == principal("sg-dba-production", "Group")
    assert {name: state.value(held(name)) for name in names} == dict.fromkeys(names, "on")


async def test_a_flag_that_azure_writes_as_text_is_a_flag(arm: AzureArm) -> None:
    names = {"shared_preload_libraries", "log_duration"}
    found = (await arm.observe(REPORTING, set(map(parameter, names)))).parameters
    assert {name: one.dynamic for name, one in found.items() if one} == {
        "shared_preload_libraries": False,
        "log_duration": True,
    }


async def test_a_parameter_of_a_library_that_is_not_loaded_is_not_there(arm: AzureArm) -> None:
    assert (await arm.observe(REPORTING, {parameter("pgaudit.log")})).parameters == {"pgaudit.log": None}


@pytest.mark.parametrize(("target", "count"), [(REPORTING, 4), (RISK, 4)], ids=str)
async def test_many_parameters_are_read_in_one_list(arm: AzureArm, side: AzureSide, target: Target, count: int) -> None:
    names = ["log_connections", "log_disconnections", "log_checkpoints", "log_duration", "no_such_thing"]
    roles = ["coordinator/", "workers/"] if target.kind is Kind.CITUS else [""]
    state = await arm.observe(target, {parameter(f"{role}{name}") for name in names for role in roles})
    assert len([one for one in state.parameters.values() if one]) == count * len(roles)
    (call,) = await asked(side)
    assert call.endswith("/configurations/read")


async def test_both_values_of_a_clusters_parameter_cost_one_read(arm: AzureArm, side: AzureSide) -> None:
    await arm.observe(RISK, {parameter("coordinator/log_connections"), parameter("workers/log_connections")})
    assert len(await asked(side)) == 1


async def test_replicas_are_listed_on_every_kind(arm: AzureArm, side: AzureSide) -> None:
    properties = {"sourceResourceId": RISK.id}
    body = {"location": "northeurope", "properties": properties}
    path = RISK.id.replace("pg-risk", "pg-risk-copy")
    assert await side.act("ada", "PUT", path, body, "2022-11-08") == 201
    facet = Facet(FacetKind.REPLICAS)
    replicas = (await arm.observe(RISK, {facet})).children[FacetKind.REPLICAS]
    assert {name: one["id"].lower() for name, one in replicas.items()} == {"pg-risk-copy": path.lower()}
    assert (await arm.observe(REPORTING, {facet})).children == {FacetKind.REPLICAS: {}}


@pytest.mark.parametrize(
    "properties",
    [{"roleType": "user", "externalIdentity": {"objectId": DBA, "principalType": "user"}}, {"roleType": "admin"}, {}],
    ids=["no administrator", "no identity", "a password"],
)
def test_a_clusters_other_roles_are_no_administrators(properties: dict[str, Any]) -> None:
    assert administrator_from(Kind.CITUS, {"name": "app", "properties": properties}) is None


def test_a_cluster_may_have_no_value_for_its_workers() -> None:
    values = [{"role": "Coordinator", "value": "on"}]
    body = {"properties": {"requiresRestart": True, "serverRoleGroupConfigurations": values}}
    assert parameter_from(Kind.CITUS, "workers/log_connections", body) is None
    found = parameter_from(Kind.CITUS, "coordinator/log_connections", body)
    assert found is not None
    assert (found.value, found.dynamic) == ("on", False)


# -- writing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "setting", "value"),
    [
        (REPORTING, PUBLIC_ACCESS, "Disabled"),
        (REPORTING, prop("tls.enforcement"), "Disabled"),
        (REPORTING, prop("tls.minimumVersion"), "TLS1_1"),
        (REPORTING, prop("backup.retentionDays"), "14"),
        (REPORTING, OFFICE, HERE),
        (REPORTING, OFFICE, None),
        (REPORTING, held("log_checkpoints"), "off"),
        (REPORTING, admin(DBA), None),
        (REPORTING, admin(NEW_DBA), principal("sg-dba-2")),
        (RISK, PUBLIC_ACCESS, "Enabled"),
        (RISK, WORKER_ACCESS, "Enabled"),
        (RISK, SIGN_IN, {"activeDirectoryAuth": "Enabled", "passwordAuth": "Enabled"}),
        (RISK, OFFICE, HERE),
        (RISK, held("coordinator/log_checkpoints"), "off"),
        (RISK, held("workers/log_checkpoints"), "off"),
        (RISK, admin(NEW_DBA), principal("sg-dba-2", "ServicePrincipal")),
    ],
    ids=lambda value: value.name if isinstance(value, Target) else str(value),
)
async def test_what_it_writes_is_what_it_reads_afterwards(
    arm: AzureArm, side: AzureSide, target: Target, setting: Setting, value: Value
) -> None:
    await unlocked(side, target)
    await written(arm, target, to(setting, value))
    assert (await arm.observe(target, {setting.facet})).value(setting) == value


async def test_a_clusters_administrator_goes_by_the_name_of_the_role(arm: AzureArm, side: AzureSide) -> None:
    await unlocked(side, RISK)
    await written(arm, RISK, to(admin(DBA), None, principal("sg-dba-production", "Group")))
    assert (await arm.observe(RISK, {ADMINISTRATORS})).administrators == ()


async def test_on_a_cluster_only_what_is_written_changes(arm: AzureArm, side: AzureSide) -> None:
    before = (await arm.observe(RISK, {SERVER})).server
    await written(arm, RISK, to(WORKER_ACCESS, "Enabled"), to(PUBLIC_ACCESS, "Enabled"))
    after = (await arm.observe(RISK, {SERVER})).server
    assert before is not None
    assert after is not None
    changed = {name for name, value in after.facts.items() if before.facts.get(name) != value}
    assert changed == {"coordinatorEnablePublicIpAccess", "nodeEnablePublicIpAccess"}
    assert (after.tags, before.facts.keys()) == (before.tags, after.facts.keys())
    kind = "Microsoft.DBforPostgreSQL/serverGroupsv2"
    assert await asked(side) == [f"{kind}/read", f"{kind}/read", f"{kind}/write", f"{kind}/read"]


def test_a_whole_cluster_is_sent_back_without_what_only_azure_says_of_it() -> None:
    found = {
        "id": RISK.id,
        "location": "westeurope",
        "tags": {"data": "confidential"},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/id": {"principalId": "p", "clientId": "c"}}},
        "systemData": {"createdAt": "2024-01-01T00:00:00Z"},
        "properties": {
            "state": "Ready",
            "serverNames": [],
            "sourceResourceId": "/source",
            "pointInTimeUTC": None,
            "nodeEnablePublicIpAccess": True,
            "authConfig": {"activeDirectoryAuth": "enabled", "passwordAuth": "enabled"},
        },
    }
    call = completed(write_call(RISK, (to(WORKER_ACCESS, "Disabled"),), CORRELATION), found)
    assert call.body == {
        "location": "westeurope",
        "tags": {"data": "confidential"},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/id": {}}},
        "properties": {
            "sourceResourceId": "/source",
            "nodeEnablePublicIpAccess": False,
            "authConfig": {"activeDirectoryAuth": "enabled", "passwordAuth": "enabled"},
        },
    }


async def test_a_patch_is_enough_for_the_coordinator(arm: AzureArm, side: AzureSide) -> None:
    await written(arm, RISK, to(PUBLIC_ACCESS, "Enabled"))
    assert await asked(side) == ["Microsoft.DBforPostgreSQL/serverGroupsv2/write"]


async def test_whoever_comes_takes_the_place_of_a_single_servers_administrator(arm: AzureArm, side: AzureSide) -> None:
    await written(arm, REPORTING, to(admin(NEW_DBA), principal("sg-dba-2")), to(admin(DBA), None))
    found = (await arm.observe(REPORTING, {ADMINISTRATORS})).administrators or ()
    assert [one.object_id for one in found] == [NEW_DBA]
    assert (await asked(side))[0] == "Microsoft.DBforPostgreSQL/servers/administrators/write"


async def test_what_a_lock_forbids_is_refused_and_not_waited_for(arm: AzureArm) -> None:
    with pytest.raises(Rejected, match="ScopeLocked"):
        await arm.write(REPORTING, (to(OFFICE, None),), CORRELATION)


async def test_a_rule_of_a_closed_single_server_is_frozen(arm: AzureArm) -> None:
    await written(arm, REPORTING, to(PUBLIC_ACCESS, "Disabled"))
    with pytest.raises(Frozen, match="without public access"):
        await arm.write(REPORTING, (to(OFFICE, HERE),), CORRELATION)


# -- the same resource in requests and events ---------------------------------------------------------------------


IN_COLLECTIONS = [
    (kind, setting, layout.collections[facet].path)
    for kind, layout in LAYOUTS.items()
    for setting, facet in {**COLLECTIONS, SettingKind.ADMINISTRATOR: FacetKind.ADMINISTRATORS}.items()
    if facet in layout.collections
]


@pytest.mark.parametrize(("kind", "setting", "path"), IN_COLLECTIONS)
def test_events_and_requests_name_the_same_resource(kind: Kind, setting: SettingKind, path: str) -> None:
    assert Setting(setting, "x").path(kind) == f"{path}/x".lower()


# -- the definitions ----------------------------------------------------------------------------------------------


async def test_every_call_keeps_the_definitions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not VALIDATOR.exists():
        pytest.skip(f"the contract validator is not here: {VALIDATOR}")
    log = tmp_path / "exchanges.jsonl"
    async with Emulator(settings=Settings(exchange_log=log)).running() as azure:
        for name, value in azure.environment().items():
            monkeypatch.setenv(name, value)
        client = ArmClient(azure.arm, "https://management.azure.com", ManagedIdentityCredential(), azure.tls())
        arm = AzureArm(client)
        async with azure_side(azure) as side:
            await unlocked(side, REPORTING, RISK)
        await test_a_single_server_is_read_in_the_words_of_all_kinds(arm)
        await test_a_cluster_is_read_in_the_words_of_all_kinds(arm)
        await written(arm, REPORTING, to(prop("tls.enforcement"), "Disabled"), to(PUBLIC_ACCESS, "Disabled"))
        await written(arm, REPORTING, to(held("log_checkpoints"), "off"), to(admin(DBA), principal("sg-dba")))
        await written(arm, REPORTING, to(admin(DBA), None))
        await written(arm, RISK, to(WORKER_ACCESS, "Enabled"), to(SIGN_IN, {"passwordAuth": "Enabled"}))
        await written(arm, RISK, to(PUBLIC_ACCESS, "Enabled"), to(OFFICE, HERE))
        await written(arm, RISK, to(OFFICE, None), to(held("workers/log_checkpoints"), "off"))
        await written(arm, RISK, to(admin(NEW_DBA), principal("sg-dba-2", "Group")))
        await written(arm, RISK, to(admin(NEW_DBA), None, principal("sg-dba-2", "Group")))
        await arm.close()
    contracts = validator().Contracts()
    exchanges = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if "/locks/" not in line]
    reports = {one["method"] + one["url"]: contracts.check(one, strict=True) for one in exchanges}
    faults = [(url, fault) for url, report in reports.items() for fault in report.errors()]
    assert [(url, str(fault)) for url, fault in faults if not is_recorded(fault, url)] == []
    assert {report.kind for report in reports.values()} <= set(HELD)
