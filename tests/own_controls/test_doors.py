"""With half a catalogue nothing is done: the app says so, keeps what came in, and writes nothing."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from remediators import load_all
from shared.errors import BadControls
from shared.runtime import Holdfast
from shared.settings import ROOT, read_settings
from tests.builders import CATALOGUE, a_target, a_trigger
from tests.own_controls import example


@pytest.fixture
async def holdfast(tmp_path: Path) -> AsyncIterator[Holdfast]:
    folder = example.written(tmp_path)
    environment = {"HOLDFAST_STORE": f"sqlite:{tmp_path / 'holdfast.db'}", "HOLDFAST_CONTROLS": str(folder)}
    opened = Holdfast(read_settings(environment), load_all)
    yield opened
    await opened.close()


def test_a_path_starts_at_the_app() -> None:
    settings = read_settings({"HOLDFAST_STORE": "sqlite:x.db", "HOLDFAST_CONTROLS": "controls"})
    assert settings.controls_path == ROOT / "controls"


async def test_a_right_folder_counts_and_health_says_so(holdfast: Holdfast) -> None:
    assert holdfast.parts.catalogue.keys() > load_all().keys()
    status, body = await holdfast.health()
    assert (status, json.loads(body)["controls"]) == (
        200,
        f"{len(CATALOGUE) + 5}, with those of {holdfast.parts.settings.controls}",
    )


async def test_a_broken_folder_stops_all_work_and_says_where(holdfast: Holdfast, tmp_path: Path) -> None:
    (tmp_path / "controls" / "rule_names.py").write_text("import nothing_of_that_name\n")
    target = a_target()
    await holdfast.parts.store.remember(a_trigger(target))
    with pytest.raises(BadControls, match=r"rule_names\.py:1:1: cannot be imported"):
        await holdfast.reconcile(json.dumps({"target": target.id}).encode())
    (letter,) = await holdfast.parts.store.dead_letters()
    assert "rule_names.py:1:1: cannot be imported: ModuleNotFoundError" in letter.reason
    assert (await holdfast.parts.store.load(target)).triggers
    status, body = await holdfast.health()
    assert (status, json.loads(body)["healthy"]) == (503, False)
    assert "rule_names.py:1:1" in json.loads(body)["controls"]


async def test_once_it_is_mended_the_work_goes_on(holdfast: Holdfast, tmp_path: Path) -> None:
    broken = tmp_path / "controls" / "more.yaml"
    broken.write_text("controls: 7\n")
    assert (await holdfast.health())[0] == 503
    broken.unlink()
    assert (await holdfast.health())[0] == 200


def test_without_the_setting_nothing_of_it_is_imported(tmp_path: Path) -> None:
    script = (
        "import sys; from remediators import load_all; from shared.parts import Parts;"
        "from shared.settings import read_settings;"
        f"parts = Parts(read_settings({{'HOLDFAST_STORE': 'sqlite:{tmp_path}/x.db'}}), load_all);"
        "parts.catalogue; print([name for name in sys.modules if 'own_controls' in name or 'ruamel' in name])"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True).stdout == "[]\n"
