"""Timers on their schedule."""

import time
from pathlib import Path

import pytest

from tests.local_host.running import running_host, write_app

pytestmark = pytest.mark.e2e


def test_a_timer_runs_on_its_schedule(tmp_path: Path) -> None:
    write_app(tmp_path)
    with running_host(tmp_path, settings={"SCHEDULE": "* * * * * *"}) as host:
        first, second = host.wait_for("on_timer", 2)[:2]
    assert second["at"] - first["at"] == pytest.approx(1.0, abs=0.2)


def test_without_timers_none_runs_by_itself(tmp_path: Path) -> None:
    write_app(tmp_path)
    with running_host(tmp_path, "--no-timers", settings={"SCHEDULE": "* * * * * *"}) as host:
        time.sleep(1.2)
        assert host.told("on_timer") == []
