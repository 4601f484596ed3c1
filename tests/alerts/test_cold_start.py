"""What an event waits for at a cold start does not grow with alerts; an app without an event hub starts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.settings import ROOT

_NOT_NEEDED = (
    "shared.policy",
    "shared.stewardship",
    "shared.alert_doors",
    "shared.alerts.reading",
    "shared.arm.client",
)


def test_the_doors_of_alerts_are_imported_by_the_first_alert() -> None:
    code = f"import sys, shared.runtime; print([name for name in {_NOT_NEEDED} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("sample", [True, False], ids=["the sample's settings", "no setting at all"])
def test_an_app_without_an_event_hub_starts(tmp_path: Path, sample: bool) -> None:
    values = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"] if sample else {}
    command = [
        sys.executable,
        "-m",
        "local_host",
        "--app",
        str(ROOT),
        "--sqlite",
        str(tmp_path / "q.db"),
        "--no-timers",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOLDFAST_STORE": f"sqlite:{tmp_path / 'h.db'}", **values}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as host:
        assert host.stdout is not None
        line = json.loads(host.stdout.readline())
        host.terminate()
    assert "on_alert" in line["events"]
    assert list(line["hubs"]) == ([] if sample else ["on_alert_batch"])
    assert {"alerts", "signed_alerts", "poll_alerts"} <= set(line["functions"])
