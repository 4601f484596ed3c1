"""docs/cli.md and the README name the commands that there are."""

import re

from typer.main import get_command

from cli.main import app
from shared.settings import ROOT

_IN_GROUPS = ("alerts", "approvals", "controls", "dead-letters", "exemptions", "notify", "playbooks")


def _commands() -> set[str]:
    """Every command; of groups that have a section of their own, their commands too."""
    found = set()
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]  # a group, as its type hides
        own = command.commands if name in _IN_GROUPS else {}
        found |= {name, *(f"{name} {word}" for word in own)}
    return found


def _named(page: str) -> set[str]:
    """The commands in the first column of the page's first table of commands."""
    table = page.partition("| command | what it does |\n|---|---|\n")[2].partition("\n\n")[0]
    found: set[str] = set()
    for row in table.splitlines():
        first, *others = [word.removeprefix("holdfast ") for word in re.findall(r"`([^`]+)`", row.split("|")[1])]
        group, _, _ = first.partition(" ")
        found |= {first, *(f"{group} {word}" if group in _IN_GROUPS and " " in first else word for word in others)}
        found |= {group} if group in _IN_GROUPS else set()
    return {re.sub(r" \[?[A-Z]+\]?$", "", name) for name in found}


def test_the_page_lists_every_command() -> None:
    assert _named((ROOT / "docs" / "cli.md").read_text()) == _commands()


def test_the_readme_names_only_commands_that_exist() -> None:
    named = _named((ROOT / "README.md").read_text())
    assert len(named) > 10
    assert named <= _commands()


def test_every_option_on_the_page_exists() -> None:
    page = (ROOT / "docs" / "cli.md").read_text()
    groups = get_command(app).commands.values()  # type: ignore[attr-defined]  # a group, as its type hides
    commands = [one for group in groups for one in (getattr(group, "commands", None) or {"": group}).values()]
    options = {option for command in [get_command(app), *commands] for one in command.params for option in one.opts}
    assert set(re.findall(r"--[a-z][a-z-]+", page)) <= options
