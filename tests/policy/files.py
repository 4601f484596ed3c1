"""Policies as their authors write them: files in a folder."""

import textwrap
from pathlib import Path

import pytest

from shared.errors import BadPolicy
from shared.policy import Policy
from shared.policy_file import load_policy, load_policy_file
from tests.builders import CATALOGUE


def write(folder: Path, **files: str) -> Path:
    """Files by name; `__` in a name is a folder, and `.yaml` is added."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return folder


def load(path: Path) -> Policy:
    return load_policy_file(path, CATALOGUE)


def loaded(text: str) -> Policy:
    return load_policy(textwrap.dedent(text), "p.yaml", CATALOGUE)


def errors_of(text: str | bytes) -> list[str]:
    """What is wrong with this text."""
    with pytest.raises(BadPolicy) as caught:
        load_policy(textwrap.dedent(text) if isinstance(text, str) else text, "p.yaml", CATALOGUE)
    return [line.removeprefix("p.yaml:") for line in str(caught.value).splitlines()]


def errors_in(path: Path) -> list[str]:
    """What is wrong with these files; their folder is left out."""
    with pytest.raises(BadPolicy) as caught:
        load(path)
    folder = path if path.is_dir() else path.parent
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()]
