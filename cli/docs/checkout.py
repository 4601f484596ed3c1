"""What the checkout itself shows about a control: which tests name it, and how many lines it takes."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cli.entries import Entry
from shared.control_ids import IDS
from shared.settings import ROOT

# Where somebody who adds a control writes.
_PLACES = ("remediators/*.py", "shared/standards.py", "tests/good.py", "tests/remediators/test_*.py")

# Real processes, and the policies that name what their tests are about.
_WHOLE = ("tests/e2e/test_*.py", "tests/e2e/*.yaml")


@dataclass(frozen=True, slots=True)
class Tested:
    """Which tests are about a control, besides the laws that every control is under."""

    own: bool
    end_to_end: bool


def how_tested(entry: Entry) -> Tested:
    """Which tests are about it."""
    own = ROOT / "tests" / "remediators" / f"test_{entry.module.rpartition('.')[2]}.py"
    whole = any(_names(text, entry.id) for place in _WHOLE for text in _texts(place))
    return Tested(own=bool(entry.module) and own.exists(), end_to_end=whole)


def lines_of(entry: Entry) -> float:
    """How many lines of code a control takes: its own row of a table if there is one, and its part of the rest."""
    rows, controls, lines = _measured(ROOT / f"{entry.module.replace('.', '/')}.py")
    return rows.get(entry.id, 0) + (lines - sum(rows.values())) / max(1, len(controls))


def files_of(entry: Entry) -> int:
    """How many files name it, of those that somebody who adds a control writes in."""
    return sum(_names(text, entry.id) for place in _PLACES for text in _texts(place))


def _names(text: str, name: str) -> bool:
    return f'"{name}"' in text or f"{name}:" in text


@cache
def _texts(pattern: str) -> tuple[str, ...]:
    return tuple(path.read_text() for path in sorted(ROOT.glob(pattern)))


@cache
def _measured(path: Path) -> tuple[Mapping[str, int], frozenset[str], int]:
    """The lines of each row of the module's table, the controls that it names, and the lines of the whole."""
    text = path.read_text()
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    named = [(_id_of(call), (call.end_lineno or call.lineno) - call.lineno + 1) for call in calls]
    # A control may be named elsewhere, too: where a drift of it is made.
    rows = {name: lines for name, lines in sorted(named) if name} if "ROWS" in text else {}
    return rows, frozenset(name for name, _ in named if name), sum(bool(line.strip()) for line in text.splitlines())


def _id_of(node: ast.Call) -> str:
    """The control's id in a call that makes a card or a row, else nothing."""
    first = next((word.value for word in node.keywords if word.arg == "id"), node.args[0] if node.args else None)
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value if first.value in IDS else ""
    return ""
