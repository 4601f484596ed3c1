"""How the owner's own cases ended."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from cli.view.text import Pairs, said
from shared.policy_cases import Result


def ended(results: Mapping[Path, Sequence[Result]]) -> Group:
    """Each case with its end; of those that failed, what was expected and what came."""
    parts: list[RenderableType] = []
    for path, some in results.items():
        parts.append(said(str(path), "bold"))
        for result in some:
            sign = ("✗ ", "red") if result.differences else ("✓ ", "green")
            parts.append(Text.assemble("  ", sign, said(result.case.name)))
            parts += [_difference(result, number) for number in range(len(result.differences))]
    failed = sum(bool(result.differences) for some in results.values() for result in some)
    total = sum(map(len, results.values()))
    colour = "red" if failed else "green"
    return Group(*parts, Text(), Text(f"{total - failed} of {total} as expected", colour))


def _difference(result: Result, number: int) -> RenderableType:
    one = result.differences[number]
    rows = (("expected", said(one.expected, "green")), ("got", said(one.got, "red")))
    return Group(Text.assemble("      ", said(one.what)), Pairs(rows, indent=8))
