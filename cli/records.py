"""`holdfast history` and `show`."""

from functools import partial
from typing import Annotated

import typer

from cli.options import LOOK, Format, FormatOption, Work, connected

LimitOption = Annotated[int, typer.Option("--limit", min=1, max=5000, help="How many, at most.")]
RecordArgument = Annotated[str, typer.Argument(help="A record's id, or 4 characters or more of its beginning or end.")]
app = typer.Typer()


@app.command(rich_help_panel=LOOK)
@connected
def history(
    target: Annotated[str, typer.Argument(help="A server, by name or ARM id; all if left out.")] = "",
    limit: LimitOption = 30,
    format_: FormatOption = Format.TABLE,
) -> Work:
    """What happened, newest first."""
    from cli.work.records import history as work

    return partial(work, target=target, limit=limit, format_=format_)


@app.command(rich_help_panel=LOOK)
@connected
def show(record: RecordArgument, format_: FormatOption = Format.TABLE) -> Work:
    """One record whole, from the event to who was told.

    Who did what, findings and decisions, the plan, each step with its time, the proof, messages, and the records that
    belong to it.
    """
    from cli.work.records import show as work

    return partial(work, record=record, format_=format_)
