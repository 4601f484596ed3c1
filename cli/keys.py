"""`holdfast keys`."""

from functools import partial
from typing import Annotated

import typer

from cli.options import LOOK, Format, FormatOption, Work, connected

app = typer.Typer()


@app.command(rich_help_panel=LOOK)
@connected
def keys(
    scope: Annotated[
        str, typer.Argument(help="A server by its name, or the ARM id of a server or scope; else all that you can see.")
    ] = "",
    format_: FormatOption = Format.TABLE,
) -> Work:
    """Which key encrypts each server, when it expires, who may use it, when it was rotated; the most urgent first.

    For one server also how to roll its key over. Nothing is changed. Exit code 0: every key can be used and is good for
    30 days. 1: one is not, or could not be seen. 2: no answer.
    """
    from cli.work.keys import keys as work

    return partial(work, scope=scope, format_=format_)
