"""The table of what is served, in docs/emulator.md, is what is served."""

from pathlib import Path

from emulator.arm.registry import ResourceType
from emulator.resources import all_types

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "emulator.md"


def _versions(one: ResourceType) -> str:
    if not one.api_versions:
        return "any"
    if len(one.api_versions) <= 5:
        return ", ".join(one.api_versions)
    return f"{len(one.api_versions)} from {one.api_versions[0]} to {one.api_versions[-1]}"


def _row(one: ResourceType) -> str:
    words = [word for word, there in (("GET", one.get), ("list", one.list)) if there is not None]
    words += [*one.writes, *(["POST"] if one.action or one.post else [])]
    return f"| `{one.name}` | {' '.join(words)} | {_versions(one)} |"


def test_every_type_stands_in_the_table_with_its_versions() -> None:
    wanted = sorted(_row(one) for one in all_types())
    lines = _PAGE.read_text(encoding="utf-8").splitlines()
    found = [line for line in lines if line.startswith("| `Microsoft.")]
    assert found == wanted, "the table should be:\n" + "\n".join(wanted)
