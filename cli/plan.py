"""`holdfast plan`."""

from functools import partial

import typer

from cli.options import LOOK, Format, FormatOption, TargetArgument, Work, connected

app = typer.Typer()


@app.command(rich_help_panel=LOOK)
@connected
def plan(target: TargetArgument, format_: FormatOption = Format.TABLE) -> Work:
    """Show what is wrong with a server, what would be done about it, and why.

    Nothing is changed. Exit code 0: nothing to do. 1: something drifts that somebody has to mend. 2: no answer.
    """
    from cli.work.plan import plan as work

    return partial(work, target=target, format_=format_)
