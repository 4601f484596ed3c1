"""`holdfast controls ...`: what Holdfast can hold, and what it cannot hold yet. Needs neither Azure nor a store."""

from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from cli.options import Answer, Format, FormatOption, SeverityWord, answering

app = typer.Typer(help="The controls: what can be held, and how.", no_args_is_help=True)


class KindWord(StrEnum):
    """What people call the kinds of server."""

    FLEXIBLE = "flexible"
    SINGLE = "single"
    CITUS = "citus"


@app.command("list")
@answering
def listed(
    domain: Annotated[str, typer.Option(help="Only domains with this in their name.")] = "",
    kind: Annotated[KindWord | None, typer.Option(help="Only what is about this kind of server.")] = None,
    framework: Annotated[
        str, typer.Option(metavar="NAME", help="Only what this standard or tool asks for, with its ids: cis, pci, ...")
    ] = "",
    severity: Annotated[SeverityWord | None, typer.Option(help="Only this severity.")] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only what Holdfast does not hold, and why not.")] = False,
    format_: FormatOption = Format.TABLE,
) -> Answer:
    """Every control, those that Holdfast does not hold among them."""
    from cli.work.controls import Wanted
    from cli.work.controls import listed as work

    return partial(work, Wanted(domain, kind or "", framework, severity or "", missing), format_)


@app.command()
@answering
def show(
    control: Annotated[str, typer.Argument(help="The id of a control.")],
    format_: FormatOption = Format.TABLE,
) -> Answer:
    """One control whole: what it wants, why, what mends it and with which permissions, and who else asks for it."""
    from cli.work.controls import show as work

    return partial(work, control, format_)
