"""To which Holdfast a command speaks: what is missing or wrong is said with what would be right."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cli.connection import Connection
from shared.errors import BadSettings, Refused

_DANA = {"identity_header": "danas-header", "object_id": "d", "name": "Dana", "kind": "User"}


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a connection puts into the environment is gone after the test."""
    for name in ("SSL_CERT_FILE", "IDENTITY_ENDPOINT", "IDENTITY_HEADER"):
        monkeypatch.setenv(name, "mine")


def _up(folder: Path, **changes: Any) -> Path:
    store = folder / "holdfast.db"
    store.touch()
    environment = {"HOLDFAST_STORE": f"sqlite:{store}", "IDENTITY_HEADER": "holdfasts-header"}
    line = {"environment": environment, "principals": {"dana": _DANA}} | changes
    path = folder / "up.json"
    path.write_text(json.dumps(line) + "\n")
    return path


def test_the_line_of_holdfast_up_is_all_it_takes(tmp_path: Path) -> None:
    settings = Connection(_up(tmp_path)).settings()
    assert settings.sqlite_path == str(tmp_path / "holdfast.db")
    assert settings.environment["IDENTITY_HEADER"] == "holdfasts-header"


def test_as_makes_me_somebody_of_that_azure(tmp_path: Path) -> None:
    settings = Connection(_up(tmp_path), "dana").settings()
    assert settings.environment["IDENTITY_HEADER"] == "danas-header"


def test_a_store_that_is_named_wins(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.touch()
    assert Connection(_up(tmp_path), store=f"sqlite:{other}").settings().sqlite_path == str(other)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty; `holdfast up` prints its line once everything runs"),
        ("Running; the log is in", "found no line of `holdfast up`"),
        ('{"arm": "https://localhost"}', "found no line of `holdfast up`"),
    ],
)
def test_a_file_without_the_line_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "up.json"
    path.write_text(text)
    with pytest.raises(BadSettings, match=said):
        Connection(path).settings()


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="cannot be read"):
        Connection(tmp_path / "none.json").settings()


def test_an_unknown_person_gets_the_list_of_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="nobody of this Azure has that name; there are dana"):
        Connection(_up(tmp_path), "eve").settings()


def test_as_without_an_emulated_azure_means_nothing() -> None:
    with pytest.raises(Refused, match="--as names somebody of an emulated Azure"):
        Connection(as_="dana").settings()


def test_a_store_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="no store at"):
        Connection(store=f"sqlite:{tmp_path / 'gone.db'}").settings()
    assert not (tmp_path / "gone.db").exists()


def test_without_any_store_it_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("HOLDFAST_", "AzureWebJobsStorage"))]:
        monkeypatch.delenv(name)
    with pytest.raises(BadSettings, match="for a `holdfast up` that runs, say --connect FILE"):
        Connection().settings()
