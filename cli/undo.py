"""`holdfast undo`."""

from functools import partial
from typing import Annotated

import typer

from cli.apply import HereOption
from cli.options import ReasonOption, WaitOption, Work, YesOption, connected
from cli.records import RecordArgument

app = typer.Typer()


@app.command()
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
    """Put back what was there before a change of Holdfast's. Refused, with the reason, when something came later."""
    from cli.work.apply import Manner
    from cli.work.undo import undo as work

    return partial(work, record=record, exempt_for=exempt_for, manner=Manner(reason, yes, here, wait))
