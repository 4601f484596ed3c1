"""What a mirror would copy and what not, as a table: the setting, at the source, at the target, what happens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from cli.view.plan import RISKS
from cli.view.text import full_id, said
from shared.control import Change, Drift, Risk
from shared.notify.wording import setting_words, value_words, way_words
from shared.target import Kind, Target

_ENDINGS = {
    Kind.FLEXIBLE: "postgres.database.azure.com",
    Kind.SINGLE: "postgres.database.azure.com",
    Kind.CITUS: "postgres.cosmos.azure.com",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One difference: the change that ends it, or why there is none."""

    drift: Drift
    change: Change | None
    why_not: str = ""


def heading(original: Target, copy: Target, follows: bool) -> Group:
    """Which servers this is about."""
    way = Text.assemble((original.name, "bold"), " → ", (copy.name, "bold"))
    told = (
        ""
        if follows
        else f"{copy.name} is no replica of {original.name}: it is mirrored once, and then goes its own way."
    )
    return Group(way, full_id(original), full_id(copy), Text(told, "dim"))


def table(rows: Sequence[Row]) -> Table:
    """Every difference, those that are copied first."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), expand=True)
    made.add_column("setting", overflow="fold", ratio=4)
    made.add_column("at the source", overflow="fold", ratio=4)
    made.add_column("at the target", overflow="fold", ratio=3)
    made.add_column("what happens", overflow="fold", ratio=6)
    for row in rows:
        wanted = row.change.after if row.change else row.drift.wanted
        here, there = way_words(row.drift.found, wanted)
        happens = Text("\n").join(_happens(row))
        made.add_row(said(setting_words(str(row.drift.setting))), Text(there), Text(here), happens)
    return made


def in_step(copy: Target) -> Text:
    """Nothing differs."""
    return Text.assemble(("✓ in step", "green"), f": {copy.name} has everything that can be copied\n")


def never_copied(copy: Target) -> Text:
    """What no mirror copies, whatever differs."""
    name = f"{copy.name}.{_ENDINGS[copy.kind]}"
    return Text(
        f"Never copied: passwords (none is read), rights in Azure, DNS. Clients find the copy as {name}.", "dim"
    )


def _happens(row: Row) -> Iterator[Text]:
    if row.change is None:
        yield Text.assemble(("not copied: ", "yellow"), said(row.why_not))
        return
    verb = "removed" if row.change.after is None else "copied" if row.change.before is None else "corrected"
    yield Text(verb, "green")
    if row.change.risk is not Risk.SAFE:
        yield RISKS[row.change.risk]


# -- for programs -----------------------------------------------------------------------------------------------------


def plain(original: Target, copy: Target, rows: Sequence[Row]) -> dict[str, Any]:
    """The same as JSON."""
    return {"source": original.id, "target": copy.id, "differences": [_plain(row) for row in rows]}


def _plain(row: Row) -> dict[str, Any]:
    return {
        "setting": str(row.drift.setting),
        "source": value_words(row.drift.wanted),
        "target": value_words(row.drift.found),
        "why": row.drift.why,
        "copied": row.change is not None,
        **({"risk": row.change.risk.value} if row.change else {"why_not": row.why_not}),
    }
