"""What hangs on a server and is read in lists: whose it is, what Azure adds to it, and where events say it lies."""

from dataclasses import dataclass
from typing import Any

import pytest

from shared.arm.azure import AzureArm
from shared.arm.diagnostics import tidied
from shared.arm.layout import LAYOUTS
from shared.arm.servers import children_from, read_call
from shared.control import Change, Source
from shared.errors import Rejected
from shared.state import COLLECTIONS, Facet, FacetKind, Setting, SettingKind
from shared.target import Kind, Target
from tests.arm.conftest import ARCHIVE, PARTNERS, REPORTING, RISK
from tests.builders import a_target

LOCKS, BACKUPS = FacetKind.LOCKS, FacetKind.BACKUPS
KEEP: dict[str, Any] = {"name": "keep", "properties": {"level": "CanNotDelete"}}
GROUP = f"/subscriptions/{a_target().subscription}/resourceGroups/rg-payments"


@pytest.mark.parametrize("kind", Kind)
def test_events_name_what_hangs_on_a_server_as_it_is_written(kind: Kind) -> None:
    for setting, facet in COLLECTIONS.items():
        collection = LAYOUTS[kind].collections.get(facet)
        if collection is not None:
            assert Setting(setting, "Some").path(kind) == f"{collection.path}/some".lower()


def test_the_server_itself_has_no_path_below_it() -> None:
    assert Setting(SettingKind.PROPERTY, "backup.retentionDays").path(Kind.FLEXIBLE) == ""
    assert Setting(SettingKind.FIREWALL_RULE, "App").path(Kind.FLEXIBLE) == "firewallrules/app"


def test_a_lock_of_the_group_is_told_apart_from_one_of_the_same_name_here() -> None:
    above = {**KEEP, "id": f"{GROUP}/providers/Microsoft.Authorization/locks/keep"}
    here = {**KEEP, "id": f"{a_target().id.upper()}/providers/Microsoft.Authorization/locks/keep"}
    assert set(children_from(a_target(), LOCKS, [above, here])) == {"keep", above["id"]}
    assert Setting(SettingKind.LOCK, above["id"]).inherited
    assert not Setting(SettingKind.LOCK, "keep").inherited


def test_locks_and_role_assignments_below_the_server_are_not_asked_for() -> None:
    for kind in (LOCKS, FacetKind.ROLE_ASSIGNMENTS):
        assert read_call(a_target(), Facet(kind)).query == {"$filter": "atScope()"}


def test_backups_that_the_service_makes_are_left_out() -> None:
    rows = [
        {"name": "backup_1", "properties": {"backupType": "Full"}},
        {"name": "before-upgrade", "properties": {"backupType": "Customer On-Demand"}},
    ]
    assert set(children_from(a_target(), BACKUPS, rows)) == {"before-upgrade"}


def test_a_diagnostic_setting_reads_as_it_was_meant() -> None:
    off = {"enabled": False, "days": 0}
    shown = [
        {"category": "PostgreSQLLogs", "categoryGroup": None, "enabled": True, "retentionPolicy": off},
        {"category": "PostgreSQLFlexSessions", "categoryGroup": None, "enabled": False, "retentionPolicy": off},
        {"category": "Kept", "enabled": False, "retentionPolicy": {"enabled": True, "days": 9}},
    ]
    assert tidied({"workspaceId": "w", "logs": shown, "metrics": None}) == {
        "workspaceId": "w",
        "logs": [
            {"category": "Kept", "enabled": False, "retentionPolicy": {"enabled": True, "days": 9}},
            {"category": "PostgreSQLLogs", "enabled": True},
        ],
    }


@dataclass(frozen=True, slots=True)
class Wanted:
    """A setting and the value that is written; None deletes it."""

    setting: Setting
    value: dict[str, str] | None
    target: Target = ARCHIVE

    def __str__(self) -> str:
        return f"{self.target.kind}-{self.setting.kind}{'' if self.value else '-delete'}"


ALL_LOGS = '[{"categoryGroup": "allLogs", "enabled": true}]'
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/soc"
WRITTEN = (
    Wanted(Setting(SettingKind.LOCK, "keep (prod)"), {"level": "CanNotDelete", "notes": "Holdfast"}),
    Wanted(
        Setting(SettingKind.DIAGNOSTIC_SETTING, "to-soc"),
        {
            "logs": '[{"category": "PostgreSQLLogs", "enabled": true}]',
            "metrics": '[{"category": "AllMetrics", "enabled": true}]',
            "workspaceId": WORKSPACE,
        },
    ),
    Wanted(Setting(SettingKind.THREAT_PROTECTION, "Default"), {"state": "Enabled"}),
    Wanted(
        Setting(SettingKind.VIRTUAL_ENDPOINT, "pg-name"),
        {"endpointType": "ReadWrite", "members": f'["{ARCHIVE.name}"]'},
    ),
    Wanted(
        Setting(SettingKind.THREAT_PROTECTION, "Default"),
        {
            "state": "Enabled",
            "emailAccountAdmins": "true",
            "emailAddresses": '["soc@contoso.example"]',
            "disabledAlerts": "[]",
            "retentionDays": "30",
            "storageEndpoint": "",
        },
        REPORTING,
    ),
    *(
        Wanted(Setting(SettingKind.DIAGNOSTIC_SETTING, "to-soc"), {"workspaceId": WORKSPACE, "logs": ALL_LOGS}, target)
        for target in (REPORTING, RISK)
    ),
)
# What nothing there answers to, or a lock forbids: the request counts.
ASKED = (
    *(
        Wanted(
            Setting(SettingKind.PRIVATE_ENDPOINT, "app.0000aaaa"),
            {
                "privateEndpoint.id": f"{GROUP}/providers/Microsoft.Network/privateEndpoints/app",
                "privateLinkServiceConnectionState.status": "Approved",
                "privateLinkServiceConnectionState.description": "approved again",
            },
            target,
        )
        for target in (ARCHIVE, REPORTING, RISK)
    ),
    Wanted(Setting(SettingKind.LOCK, "keep"), None, REPORTING),
    Wanted(Setting(SettingKind.DIAGNOSTIC_SETTING, "to-workspace"), None, RISK),
    Wanted(Setting(SettingKind.VIRTUAL_NETWORK_RULE, "app"), None, REPORTING),
    *(Wanted(Setting(SettingKind.PRIVATE_ENDPOINT, "nobodys.0000aaaa"), None, target) for target in (ARCHIVE, RISK)),
    Wanted(Setting(SettingKind.ROLE_ASSIGNMENT, "99999999-9999-4999-8999-999999999999"), None),
)


@pytest.mark.parametrize("wanted", WRITTEN, ids=str)
async def test_what_is_written_reads_back_as_it_was_written(arm: AzureArm, wanted: Wanted) -> None:
    change = Change(wanted.setting, None, wanted.value, Source.POLICY)
    await arm.write(wanted.target, (change,), "00000000-0000-4000-8000-000000000001")
    assert (await arm.observe(wanted.target, {wanted.setting.facet})).value(wanted.setting) == wanted.value


async def test_a_locked_child_is_a_refusal_and_no_waiting(arm: AzureArm) -> None:
    lock = Change(Setting(SettingKind.LOCK, "keep"), None, {"level": "CanNotDelete"}, Source.POLICY)
    await arm.write(PARTNERS, (lock,), "00000000-0000-4000-8000-000000000001")
    rule = Change(Setting(SettingKind.FIREWALL_RULE, "partner-gateway"), {}, None, Source.POLICY)
    with pytest.raises(Rejected, match=r"ScopeLocked .* A person removes the lock"):
        await arm.write(PARTNERS, (rule,), "00000000-0000-4000-8000-000000000002")


async def test_role_assignments_come_with_our_own_identity(arm: AzureArm) -> None:
    state = await arm.observe(ARCHIVE, {Facet(FacetKind.ROLE_ASSIGNMENTS)})
    assert state.ourselves == await arm.own_identity()
    assert all(
        Setting(SettingKind.ROLE_ASSIGNMENT, name).inherited for name in state.children[FacetKind.ROLE_ASSIGNMENTS]
    )
