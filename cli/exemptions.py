"""`holdfast exemptions`."""

from functools import partial
from typing import Annotated

import typer

from cli.options import ControlOption, Format, FormatOption, ReasonOption, Work, connected

app = typer.Typer(help="Drifts that may stand for a while: listed, added, ended.", no_args_is_help=True)


@app.command("list")
@connected
def listed(format_: FormatOption = Format.TABLE) -> Work:
    """Every exemption of the policy and of commands, the first to expire first."""
    from cli.work.exemptions import listed as work

    return partial(work, format_=format_)


@app.command()
@connected
def add(
    place: Annotated[str, typer.Argument(metavar="SCOPE|TARGET", help="A server by name, or the id of a scope.")],
    reason: Annotated[str, typer.Option(help="Why the drift may stand.")],
    owner: Annotated[str, typer.Option(help="Who answers for it, and is warned before it expires.")],
    expires: Annotated[str, typer.Option(metavar="SPAN|MOMENT", help="7d, 12h, or 2026-03-01T18:00+01:00.")],
    control: ControlOption = None,
    every_control: Annotated[bool, typer.Option("--every-control", help="Exempt from all of them.")] = False,
    ticket: Annotated[str, typer.Option(help="Where it was agreed.")] = "",
) -> Work:
    """Let drifts stand until a moment that the policy's maximum allows. It is recorded and told."""
    from cli.work.exemptions import Wanted
    from cli.work.exemptions import add as work

    return partial(work, wanted=Wanted(place, control or (), every_control, reason, owner, ticket, expires))


@app.command()
@connected
def end(
    exemption: Annotated[str, typer.Argument(help="Its id, or the last 4 characters or more of it.")],
    reason: ReasonOption = "",
) -> Work:
    """End an exemption that a command gave; one of the policy ends in the policy."""
    from cli.work.exemptions import end as work

    return partial(work, exemption_id=exemption, reason=reason)
