"""`holdfast role`: what the app's identity has to be allowed. Needs neither Azure nor a store."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cli.controls import KindWord
from cli.options import Answer, Format, FormatOption, answering

app = typer.Typer()


@app.command(rich_help_panel="Policy")
@answering
def role(
    policy: Annotated[
        Path | None,
        typer.Option("--policy", envvar="HOLDFAST_POLICY", help="The policy; the one that ships if left out."),
    ] = None,
    kind: Annotated[list[KindWord] | None, typer.Option(help="Only for this kind of server; can be repeated.")] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="Where it can be assigned: a subscription's or management group's ARM id.")
    ] = None,
    name: Annotated[str, typer.Option(help="The role's name.")] = "Holdfast",
    failover: Annotated[bool, typer.Option("--failover", help="With what `holdfast failover` needs besides.")] = False,
    format_: FormatOption = Format.TABLE,
) -> Answer:
    """The custom role that the app's identity needs under a policy, each action with its reason.

    With --format json it is what `az role definition create --role-definition @FILE` takes.
    """
    from cli.work.role import role as work

    return partial(work, policy, tuple(kind or ()), tuple(scope or ()), name, failover, format_)
