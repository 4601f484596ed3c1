"""`holdfast undo`."""

from functools import partial
from typing import Annotated

import typer

from cli.options import ACT, HereOption, ReasonOption, WaitOption, Work, YesOption, connected
from cli.records import RecordArgument

app = typer.Typer()


@app.command(rich_help_panel=ACT)
@connected
def undo(
    record: RecordArgument,
    reason: ReasonOption = "",
    exempt_for: Annotated[
        str,
        typer.Option(metavar="SPAN", help="4h, 2d: exempt the server meanwhile, so that it is not put right."),
    ] = "",
    yes: YesOption = False,
    here: HereOption = False,
    wait: WaitOption = 120,
) -> Work:
    """Take a change of Holdfast's back.

    What was there before is shown and put back. Refused, with the reason, when something came later. Exit code 0: done
    and proven. 1: not done (yet). 2: refused.
    """
    from cli.work.apply import Manner
    from cli.work.undo import undo as work

    return partial(work, record=record, exempt_for=exempt_for, manner=Manner(reason, yes, here, wait))
