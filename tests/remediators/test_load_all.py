"""The catalogue: every module of the folder is found, and no two share an id."""

import sys
from pathlib import Path

import pytest

import remediators
from remediators import load_all


def test_every_file_is_found_without_being_registered() -> None:
    files = [path.stem for path in Path(remediators.__file__).parent.glob("[a-z]*.py")]
    found = {remediator.detect for remediator in load_all().values()}
    modules = [sys.modules[f"remediators.{name}"] for name in files]
    assert found == {remediator.detect for module in modules for remediator in module.REMEDIATORS}


def test_two_controls_with_one_id_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_twin.py").write_text("from remediators.public_access import REMEDIATORS\n")
    monkeypatch.setattr(remediators, "__path__", [*remediators.__path__, str(tmp_path)])
    with pytest.raises(ValueError, match="two remediators share the id public-network-access-disabled"):
        load_all()
