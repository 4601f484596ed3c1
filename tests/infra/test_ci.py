"""The examples for pipelines are YAML, run commands that there are, and keep no secret."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from cli.main import app
from tests.infra.templates import INFRA

EACH = pytest.mark.parametrize("path", sorted((INFRA / "ci").iterdir()), ids=lambda path: str(path.stem))


def commands(found: Any) -> Iterator[str]:
    """Every text under `run`, `script` or `inlineScript`, wherever it stands."""
    if isinstance(found, dict):
        for name, value in found.items():
            if name in ("run", "script", "inlineScript") and isinstance(value, str):
                yield value
            yield from commands(value)
    elif isinstance(found, list):
        for value in found:
            yield from commands(value)


@EACH
def test_an_example_checks_policy_and_role_before_it_deploys(path: Path) -> None:
    run = list(commands(YAML(typ="safe").load(path)))
    assert [words for words in run if "azd up" in words] == [run[-1]]
    assert any("policy check" in words for words in run)
    assert any("holdfast role" in words and "infra/facts/role.json" in words for words in run)


@EACH
def test_an_example_runs_commands_that_there_are(path: Path) -> None:
    known = getattr(get_command(app), "commands")  # noqa: B009 - a group's, which the type does not say
    for words in (words for words in commands(YAML(typ="safe").load(path)) if "holdfast " in words):
        name, *rest = shlex.split(words.partition("holdfast ")[2].partition("|")[0])
        options = {option for parameter in known[name].params for option in parameter.opts}
        inside = getattr(known[name], "commands", {})
        assert not inside or rest[0] in inside
        assert inside or {word for word in rest if word.startswith("--")} <= options


@EACH
def test_an_example_signs_in_without_a_secret(path: Path) -> None:
    assert not re.search(r"secret|password", re.sub(r"#.*", "", path.read_text()), re.IGNORECASE)


def test_the_pipeline_of_github_may_do_no_more_than_it_needs() -> None:
    project = YAML(typ="safe").load(INFRA / "ci" / "github-actions.yml")
    assert project["permissions"] == {"contents": "read", "id-token": "write"}
    assert project["jobs"]["deploy"]["needs"] == "check"
