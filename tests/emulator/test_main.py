"""`python -m emulator` as a process."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

_ROOT = Path(__file__).resolve().parents[2]
_KEYS = {
    "arm",
    "ca",
    "identity_endpoint",
    "identity_header",
    "control",
    "control_secret",
    "topic_endpoint",
    "topic_key",
    "principals",
}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_one_line_and_ends_well(how: signal.Signals) -> None:
    command = [sys.executable, "-m", "emulator", "--operation-seconds", "0.1", "--time-scale", "0.01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=_ROOT, text=True) as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        assert set(line) == _KEYS
        assert Path(line["ca"]).exists()
        process.send_signal(how)
        rest, errors = process.communicate(timeout=10)
        assert (process.returncode, rest, errors) == (0, "", "")
    assert not Path(line["ca"]).exists()


def test_a_bad_fleet_is_told_and_ends_with_2(tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text("servers: []", encoding="utf-8")
    command = [sys.executable, "-m", "emulator", "--fleet", str(path)]
    done = subprocess.run(command, capture_output=True, cwd=_ROOT, text=True, check=False)
    assert done.returncode == 2
    assert "servers: is not a key of the fleet" in done.stderr


def test_it_imports_neither_the_product_nor_the_sdks() -> None:
    code = "import sys, emulator.__main__; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=_ROOT, text=True, check=True)
    assert not {"shared", "remediators", "cli", "local_host", "azure"} & set(done.stdout.split())
