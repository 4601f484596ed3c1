"""`holdfast notify ...`: what people read, before it is sent to anybody."""

from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from cli.options import Work, connected_when

app = typer.Typer(help="Messages to people: see what they look like.", no_args_is_help=True)


class Form(StrEnum):
    """What a receiver shows."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    CARD = "adaptive-card"
    SLACK = "slack"


@app.command()
@connected_when(lambda given: bool(given["record"]))
def preview(
    example: Annotated[
        str, typer.Option(metavar="NAME", help="A message of this kind, as events call it: Remediated, Held, ...")
    ] = "Remediated",
    record: Annotated[
        str, typer.Option(metavar="ID", help="The last message about this record instead of an example.")
    ] = "",
    form: Annotated[
        Form,
        typer.Option("--format", help="As mail, Teams, Slack or the others show it."),
    ] = Form.TEXT,
) -> Work:
    """Show a message as a receiver gets it, and send nothing.

    For example `holdfast notify preview --example ApprovalNeeded --format html > message.html`.
    """
    from cli.work.notify import preview as work

    return partial(work, example=example, record=record, form=form)
