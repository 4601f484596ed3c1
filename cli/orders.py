"""`holdfast hold`, `release` and `holds`."""

from functools import partial
from typing import Annotated

import typer

from cli.options import ACT, LOOK, ControlOption, Format, FormatOption, ReasonOption, Work, connected

PlaceArgument = Annotated[
    str,
    typer.Argument(metavar="[SCOPE|TARGET]", help="A server by name, or the id of a server or a scope above it."),
]
HoldsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[HOLD]...", help="Ids of holds as `holdfast holds` lists them, or places."),
]
app = typer.Typer()


@app.command(rich_help_panel=ACT)
@connected
def hold(
    place: PlaceArgument = "",
    everything: Annotated[bool, typer.Option("--everything", help="Hold the whole fleet.")] = False,
    control: ControlOption = None,
    reason: ReasonOption = "",
) -> Work:
    """Stop all writing at once: on a server, in a scope, everywhere.

    A fix that is under way stops before its next write. Looking and telling go on.
    """
    from cli.work.orders import hold as work

    return partial(work, place=place, everything=everything, controls=control or (), reason=reason)


@app.command(rich_help_panel=ACT)
@connected
def release(
    what: HoldsArgument = None,
    everything: Annotated[bool, typer.Option("--everything", help="Lift the holds on the whole fleet.")] = False,
    reason: ReasonOption = "",
) -> Work:
    """Lift holds, and have their servers looked at again.

    With --everything those on the whole fleet are lifted; holds on single servers and scopes outlive it.
    """
    from cli.work.orders import release as work

    return partial(work, names=what or (), everything=everything, reason=reason)


@app.command(rich_help_panel=LOOK)
@connected
def holds(format_: FormatOption = Format.TABLE) -> Work:
    """What is held, by whom and why."""
    from cli.work.orders import holds as work

    return partial(work, format_=format_)
