"""`holdfast mirror`."""

from functools import partial
from typing import Annotated

import typer

from cli.options import ACT, Format, FormatOption, HereOption, ReasonOption, WaitOption, Work, YesOption, connected

SourceArgument = Annotated[
    str, typer.Argument(metavar="SOURCE", help="The server whose configuration is copied: its name, or its ARM id.")
]
TargetArgument = Annotated[
    str, typer.Argument(metavar="TARGET", help="The server that gets it: its name, or its ARM id.")
]
app = typer.Typer()


@app.command(rich_help_panel=ACT)
@connected
def mirror(
    source: SourceArgument,
    target: TargetArgument,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be copied, and change nothing.")] = False,
    reason: ReasonOption = "",
    yes: YesOption = False,
    here: HereOption = False,
    wait: WaitOption = 120,
    format_: FormatOption = Format.TABLE,
) -> Work:
    """Bring a copy in step with the server it was made from, across regions, subscriptions and kinds of server.

    What differs is shown, with what cannot be copied and why; after a yes exactly that is done, by the app. The source
    is only read, and no password is. `holdfast undo` takes it back. Exit code 0: in step, or done and proven. 1: not
    done (yet), or with --dry-run: something would be copied. 2: refused.
    """
    from cli.work.apply import Manner
    from cli.work.mirror import mirror as work

    return partial(
        work, source=source, target=target, dry_run=dry_run, manner=Manner(reason, yes, here, wait), format_=format_
    )
