"""What docs/emulator.md and docs/local-host.md say is what the programs say."""

import re
import sys
from pathlib import Path

from emulator.fleet import Fleet
from tests.e2e.processes import ROOT, output
from tests.e2e.world import World


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def _first_columns(page: str, heading: str) -> set[str]:
    """The words in backticks in the first column of the table under these column names."""
    rows = page.partition(f"{heading}\n")[2].partition("\n\n")[0].splitlines()
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row.split("|")[1])}


def _options(helped: str) -> set[str]:
    return set(re.findall(r"--[a-z-]+", helped)) - {"--help"}


async def test_the_page_lists_what_the_first_line_holds(world: World) -> None:
    assert _first_columns(_page("emulator.md"), "| member | meaning |") == set(world.line)


async def test_the_page_lists_the_options_of_the_emulator() -> None:
    listed = _first_columns(_page("emulator.md"), "| option | meaning | default |")
    assert _options(" ".join(listed)) == _options(await output(sys.executable, "-m", "emulator", "--help"))


async def test_the_page_lists_the_options_of_the_local_host() -> None:
    listed = _first_columns(_page("local-host.md"), "| option | meaning | default |")
    assert _options(" ".join(listed)) == _options(await output(sys.executable, "-m", "local_host", "--help"))


def test_the_fleet_on_the_page_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(_page("emulator.md").partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    (subscription,) = Fleet.load(path).subscriptions
    assert subscription.resource_groups[0].flexible_servers[0].name == "pg-play"
