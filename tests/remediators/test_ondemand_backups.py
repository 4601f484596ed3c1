"""A backup that somebody asked for is missed when it is gone before its time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.control import NotApplicable
from shared.state import FacetKind, Setting, SettingKind, State, Value
from tests.builders import NOON, a_server, a_state
from tests.remediators.judging import drifts_of, finding_of

ID = "ondemand-backup-retained"
BACKUP = Setting(SettingKind.BACKUP, "before-upgrade")


def made(days_ago: float) -> dict[str, str]:
    at = (NOON - timedelta(days=days_ago)).isoformat()
    return {"backupType": "Customer On-Demand", "completedTime": at}


def keeping(recalled: Value, *found: str, days: str = "7") -> State:
    backups = {name: made(1) for name in found}
    server = a_server(facts={"backup.retentionDays": days})
    state = a_state(server=server, children={FacetKind.BACKUPS: backups}, at=NOON)
    return replace(state, recalled={BACKUP: recalled})


def test_a_backup_that_is_there_is_not_missed() -> None:
    assert drifts_of(ID, keeping(made(1), "before-upgrade")) == ()


def test_a_backup_that_is_gone_before_its_time_is_reported() -> None:
    (drift,) = drifts_of(ID, keeping(made(6)))
    assert (drift.setting, drift.found, drift.wanted) == (BACKUP, None, made(6))
    assert drift.person.startswith("a deleted backup cannot be brought back")


@pytest.mark.parametrize("recalled", [made(8), {"completedTime": "soon"}, {}, {"completedTime": "2026-03-01T00:00"}])
def test_what_is_past_its_time_or_has_none_is_not_missed(recalled: dict[str, str]) -> None:
    assert drifts_of(ID, keeping(recalled)) == ()


def test_what_is_not_known_is_not_judged() -> None:
    assert isinstance(finding_of(ID, keeping(made(1), days="")), NotApplicable)
    assert isinstance(finding_of(ID, replace(keeping(made(1)), at=None)), NotApplicable)
    assert isinstance(finding_of(ID, a_state()), NotApplicable)
