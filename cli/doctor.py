"""`holdfast doctor`: what is wrong with this Holdfast, and the command that mends it."""

from functools import partial
from typing import Annotated

import typer

from cli.options import LOOK, Format, FormatOption, Work, connected

app = typer.Typer()


@app.command(rich_help_panel=LOOK)
@connected
def doctor(
    azure: Annotated[bool, typer.Option("--azure", help="Ask Azure too: identity, permissions, event topics.")] = False,
    identity: Annotated[
        str, typer.Option(metavar="OBJECT-ID", help="Whose permissions to check; yours if left out.")
    ] = "",
    test_message: Annotated[bool, typer.Option("--test-message", help="Send a test message to each route.")] = False,
    format_: FormatOption = Format.TABLE,
) -> Work:
    """Look at everything that can be wrong with this Holdfast, and say what mends it.

    Ends with 0 where all is well and with 1 where something is not. Writes nothing in Azure.
    """
    from cli.work.doctor import doctor as work

    return partial(work, azure=azure, identity=identity, test_message=test_message, format_=format_)
