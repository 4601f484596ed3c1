"""The rights that a policy needs, on a terminal."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cli.view.controls import KINDS
from shared.arm.rights import Right
from shared.target import PROVIDER, Kind

_SHOWN = 3


def listing(rights: Sequence[Right]) -> RenderableType:
    """Every action, what it is for, and how many controls need it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), expand=True)
    table.add_column("action", overflow="fold", ratio=3)
    table.add_column("what for", overflow="fold", ratio=2)
    for right in rights:
        style = "" if right.reads else "yellow"
        table.add_row(Text(right.action.removeprefix(f"{PROVIDER}/"), style), _reason(right))
    return table


def totals(rights: Sequence[Right], path: Path | None, kinds: Sequence[Kind]) -> Text:
    """One line on what this is, and how to make a role of it."""
    writes = sum(not right.reads for right in rights)
    policy = f"the policy {path}" if path else "the policy that ships"
    counted = "it only reads: the role Reader has them all" if not writes else f"{writes} of them change something"
    return Text("\n").join(_lines(f"{len(rights)} actions for {policy} on {_kinds(kinds)}; {counted}."))


def _lines(counted: str) -> Iterator[Text]:
    yield Text(counted)
    yield Text(f"What stands without a provider is {PROVIDER}'s.", "dim")
    yield Text("--format json gives what `az role definition create --role-definition @FILE` takes.", "dim")


def _kinds(kinds: Sequence[Kind]) -> str:
    return ", ".join(KINDS[kind] for kind in kinds)


def _reason(right: Right) -> Text:
    if right.purpose:
        return Text(right.purpose)
    more = len(right.controls) - _SHOWN
    return Text("\n".join((*right.controls[:_SHOWN], *((f"and {more} more",) if more > 0 else ()))))
