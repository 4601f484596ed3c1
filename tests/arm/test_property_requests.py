"""What is written to the server itself, held against Microsoft's definitions, and read again after the write."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from shared.arm.azure import AzureArm
from shared.arm.servers import grouped, server_from, write_call
from shared.control import Change, Source
from shared.encryption import with_attached
from shared.state import SERVER, Setting, SettingKind, State, Value, authentication_value
from shared.target import Kind
from tests.arm.conftest import LEDGER, PAYMENTS
from tests.builders import TENANT, a_target
from tests.contracts import VALIDATOR, validator

VAULT = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg/providers/Microsoft.ManagedIdentity"
ONE, TWO = f"{VAULT}/userAssignedIdentities/one", f"{VAULT}/userAssignedIdentities/two"
WINDOW = {"customWindow": "Enabled", "dayOfWeek": "6", "startHour": "2", "startMinute": "0"}
KEY = {
    "type": "AzureKeyVault",
    "primaryKeyURI": "https://kv-keys.vault.azure.net/keys/server",
    "primaryUserAssignedIdentityId": ONE,
    "geoBackupKeyURI": "https://kv-geo.vault.azure.net/keys/server",
    "geoBackupUserAssignedIdentityId": TWO,
}


SERVER_KEY = {
    "serverKeyType": "AzureKeyVault",
    "uri": "https://kv-keys.vault.azure.net/keys/server/0123456789abcdef0123456789abcdef",
}


def a_property(name: str) -> Setting:
    return Setting(SettingKind.PROPERTY, name)


def to(name: str, after: Value, before: Value = None) -> Change:
    return Change(a_property(name), before, after, Source.POLICY)


def of(kind: SettingKind, name: str, after: Value) -> Change:
    return Change(Setting(kind, name), None, after, Source.POLICY)


def an_identity(*ids: str, kind: str = "UserAssigned") -> dict[str, str]:
    return {"type": kind, "userAssignedIdentities": json.dumps(list(ids))}


def body_of(kind: Kind, *changes: Change) -> Any:
    (group,) = grouped(a_target(kind=kind), changes)
    return write_call(a_target(kind=kind), group, "").body


CHANGES = [
    (Kind.FLEXIBLE, to("backup.retentionDays", "14")),
    (Kind.FLEXIBLE, to("storage.autoGrow", "Enabled")),
    (Kind.FLEXIBLE, to("highAvailability.mode", "ZoneRedundant")),
    (Kind.FLEXIBLE, to("maintenanceWindow", WINDOW)),
    (Kind.FLEXIBLE, to("dataEncryption", KEY)),
    (Kind.FLEXIBLE, to("identity", an_identity(ONE), an_identity(TWO))),
    (Kind.SINGLE, to("backup.retentionDays", "14")),
    (Kind.SINGLE, to("storage.autoGrow", "Enabled")),
    (Kind.CITUS, to("highAvailability.mode", "true")),
    (Kind.CITUS, to("maintenanceWindow", WINDOW)),
    (Kind.SINGLE, of(SettingKind.SERVER_KEY, "", SERVER_KEY)),
    (Kind.FLEXIBLE, of(SettingKind.POWER, "", "running")),
    (Kind.CITUS, of(SettingKind.POWER, "", "running")),
    (Kind.FLEXIBLE, of(SettingKind.AUTHENTICATION, "", authentication_value(True, False, TENANT))),
    (Kind.FLEXIBLE, of(SettingKind.PARAMETER, "azure.extensions", "VECTOR,PGCRYPTO")),
    (Kind.FLEXIBLE, of(SettingKind.PARAMETER, "azure.extensions", "")),
    (Kind.SINGLE, of(SettingKind.PARAMETER, "work_mem", "4096")),
    (Kind.CITUS, of(SettingKind.PARAMETER, "coordinator/work_mem", "4096")),
    (Kind.CITUS, of(SettingKind.PARAMETER, "workers/work_mem", "4096")),
]


@pytest.mark.parametrize(("kind", "change"), CHANGES, ids=lambda one: str(getattr(one, "setting", one)))
def test_every_request_keeps_the_definitions(kind: Kind, change: Change) -> None:
    if not VALIDATOR.exists():
        pytest.skip(f"the contract validator is not here: {VALIDATOR}")
    call = write_call(a_target(kind=kind), (change,), "")
    url = f"https://management.azure.com{call.path}?api-version={call.api_version}"
    request = {"method": call.method, "url": url, "request_body": call.body}
    report = validator().Contracts().check(request, strict=True)
    assert (report.kind, report.errors()) == ("held", [])


@pytest.mark.parametrize("kind", [Kind.FLEXIBLE, Kind.CITUS])
@pytest.mark.parametrize(("wanted", "word"), [("running", "start"), ("stopped", "stop")])
def test_starting_and_stopping_are_requests_of_their_own(kind: Kind, wanted: str, word: str) -> None:
    target, change = a_target(kind=kind), of(SettingKind.POWER, "", wanted)
    call = write_call(target, (change,), "")
    assert (call.method, call.path, call.body) == ("POST", f"{target.id}/{word}", None)
    assert call.permission.endswith(f"/{kind.type_name}/{word}/action")
    assert [len(group) for group in grouped(target, [change, to("storage.autoGrow", "Enabled")])] == [1, 1]


def test_the_key_of_a_single_server_is_called_after_where_it_is() -> None:
    call = write_call(a_target(kind=Kind.SINGLE), (of(SettingKind.SERVER_KEY, "", SERVER_KEY),), "")
    assert call.path.endswith("/keys/kv-keys_server_0123456789abcdef0123456789abcdef")
    assert call.body == {"properties": SERVER_KEY}


def test_each_kind_gets_its_own_words() -> None:
    assert body_of(Kind.SINGLE, to("backup.retentionDays", "14"), to("storage.autoGrow", "Enabled")) == {
        "properties": {"storageProfile": {"backupRetentionDays": 14, "storageAutogrow": "Enabled"}}
    }
    assert body_of(Kind.CITUS, to("highAvailability.mode", "true")) == {"properties": {"enableHa": True}}


def test_the_members_of_an_object_are_sent_together() -> None:
    assert body_of(Kind.FLEXIBLE, to("dataEncryption", KEY)) == {"properties": {"dataEncryption": KEY}}
    assert body_of(Kind.FLEXIBLE, to("maintenanceWindow", WINDOW)) == {
        "properties": {
            "maintenanceWindow": {"customWindow": "Enabled", "dayOfWeek": 6, "startHour": 2, "startMinute": 0}
        }
    }


def test_a_key_and_the_identity_that_reaches_it_are_one_request() -> None:
    assert body_of(Kind.FLEXIBLE, to("identity", an_identity(ONE)), to("dataEncryption", KEY)) == {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {ONE: {}}},
        "properties": {"dataEncryption": KEY},
    }


def test_an_identity_that_goes_is_named_and_the_others_are_sent_again() -> None:
    body = body_of(Kind.FLEXIBLE, to("identity", an_identity(TWO), an_identity(ONE.upper(), TWO.upper())))
    assert body == {"identity": {"type": "UserAssigned", "userAssignedIdentities": {TWO: {}, ONE.upper(): None}}}
    assert body_of(Kind.FLEXIBLE, to("identity", {"type": "None"}, None)) == {"identity": {"type": "None"}}


def test_what_azure_answers_is_what_is_compared() -> None:
    users = {TWO: {"principalId": "p2", "clientId": "c2"}, ONE: {"principalId": "p1", "clientId": "c1"}}
    answered = {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": users, "tenantId": "t"},
        "properties": {"dataEncryption": {**KEY, "primaryEncryptionKeyStatus": "Valid"}},
    }
    state = State(a_target(), server=server_from(Kind.FLEXIBLE, answered))
    assert state.value(a_property("dataEncryption")) == KEY
    assert state.value(a_property("identity")) == an_identity(ONE, TWO)
    assert state.server is not None
    assert state.server.facts["dataEncryption.primaryEncryptionKeyStatus"] == "Valid"
    assert state.server.facts[f"identity.userAssignedIdentities.{ONE}.principalId"] == "p1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("backup.retentionDays", "21"),
        ("storage.autoGrow", "Enabled"),
        ("highAvailability.mode", "ZoneRedundant"),
        ("maintenanceWindow", WINDOW),
        ("identity", an_identity(ONE)),
    ],
)
async def test_what_is_written_is_what_is_read_afterwards(arm: AzureArm, name: str, value: Value) -> None:
    before = (await arm.observe(PAYMENTS, {SERVER})).value(a_property(name))
    await arm.write(PAYMENTS, (to(name, value, before),), "")
    assert (await arm.observe(PAYMENTS, {SERVER})).value(a_property(name)) == value


async def test_a_stopped_server_runs_again(arm: AzureArm) -> None:
    power = Setting(SettingKind.POWER)
    for wanted in ("stopped", "running"):
        await arm.write(PAYMENTS, (of(SettingKind.POWER, "", wanted),), "")
        assert (await arm.observe(PAYMENTS, {SERVER})).value(power) == wanted


async def test_a_key_and_its_identity_come_in_one_write_and_go_back_in_another(arm: AzureArm) -> None:
    names = (a_property("identity"), a_property("dataEncryption"))
    before = await arm.observe(LEDGER, {SERVER})
    members = before.value(names[1])
    assert isinstance(members, Mapping)
    wanted = (with_attached(before, [ONE]), {**members, "primaryUserAssignedIdentityId": ONE})
    there = tuple(
        Change(name, before.value(name), value, Source.POLICY) for name, value in zip(names, wanted, strict=True)
    )
    for changes, values in (
        (there, wanted),
        ([change.undo() for change in reversed(there)], tuple(map(before.value, names))),
    ):
        (group,) = arm.requests(LEDGER, changes)
        await arm.write(LEDGER, group, "")
        assert tuple(map((await arm.observe(LEDGER, {SERVER})).value, names)) == values
