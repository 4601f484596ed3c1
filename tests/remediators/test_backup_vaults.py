"""Backups outside the server, and the vault that keeps them."""

import pytest

from shared.control import LastGood, NotApplicable
from shared.plan import make_plan
from shared.state import FacetKind, State
from tests.good_neighbours import BACKUPS
from tests.remediators.judging import drifts_of, finding_of, judge_of
from tests.remediators.outside import with_around

PROTECTED, SAFE = "long-term-retention-backup", "backup-vault-immutability-soft-delete"
INSTANCE = f"{BACKUPS}/backupInstances/pg"


def backed_up(protection: str = "ProtectionConfigured", **states: str) -> State:
    settings = {f"securitySettings.{name}Settings.state": state for name, state in states.items()}
    return with_around(
        {
            FacetKind.BACKUP_INSTANCES: {INSTANCE: {"currentProtectionState": protection}},
            FacetKind.BACKUP_VAULTS: {BACKUPS: settings, f"{BACKUPS}-other": {}},
        }
    )


def test_a_protected_server_is_left_alone() -> None:
    assert drifts_of(PROTECTED, backed_up()) == ()


def test_protection_that_was_stopped_is_told_with_the_instance() -> None:
    (drift,) = drifts_of(PROTECTED, backed_up("ProtectionStopped"))
    assert (drift.setting.neighbour[1], drift.found) == (INSTANCE, "ProtectionStopped")
    assert drift.person == "resume the protection of this backup instance"


def test_a_server_that_no_vault_protects_is_told() -> None:
    (drift,) = drifts_of(PROTECTED, with_around({FacetKind.BACKUP_INSTANCES: {}}))
    assert drift.person == "protect the server with a backup vault"


def test_only_the_vault_of_this_server_is_held() -> None:
    state = backed_up(softDelete="Off", immutability="Disabled")
    changes = make_plan(state, [judge_of(SAFE, state)], LastGood()).changes
    assert {change.setting.neighbour[1] for change in changes} == {BACKUPS}
    assert {change.after for change in changes} == {"On", "Unlocked"}


@pytest.mark.parametrize("states", [("On", "Unlocked"), ("AlwaysOn", "Locked")])
def test_a_vault_that_keeps_its_backups_is_left_alone(states: tuple[str, str]) -> None:
    assert drifts_of(SAFE, backed_up(softDelete=states[0], immutability=states[1])) == ()


def test_without_a_vault_there_is_nothing_to_hold() -> None:
    state = with_around({FacetKind.BACKUP_INSTANCES: {}, FacetKind.BACKUP_VAULTS: {BACKUPS: {}}})
    assert isinstance(finding_of(SAFE, state), NotApplicable)
