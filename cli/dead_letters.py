"""`holdfast dead-letters ...`: what could not be handled."""

from functools import partial
from typing import Annotated

import typer

from cli.options import Format, FormatOption, ReasonOption, Work, connected

LimitOption = Annotated[int, typer.Option("--limit", min=1, max=5000, help="How many, at most.")]
LetterArgument = Annotated[
    str, typer.Argument(metavar="LETTER", help="Its name in the list, or its id; `all` for every one.")
]
SourceOption = Annotated[
    str, typer.Option("--from", metavar="SOURCE", help="Only those from there: event, deliver, ...")
]
app = typer.Typer(help="What could not be handled: see why, take it up again, throw it away.", no_args_is_help=True)


@app.command("list")
@connected
def listed(limit: LimitOption = 50, from_: SourceOption = "", format_: FormatOption = Format.TABLE) -> Work:
    """What could not be handled, and why, newest first."""
    from cli.work.dead_letters import listed as work

    return partial(work, limit=limit, source=from_, format_=format_)


@app.command()
@connected
def show(letter: LetterArgument, format_: FormatOption = Format.TABLE) -> Work:
    """One letter whole, as it came."""
    from cli.work.dead_letters import show as work

    return partial(work, letter=letter, format_=format_)


@app.command()
@connected
def replay(letter: LetterArgument, from_: SourceOption = "") -> Work:
    """Take a letter up again: an event is looked into, a message is sent. What is still bad stays."""
    from cli.work.dead_letters import replay as work

    return partial(work, letter=letter, source=from_)


@app.command()
@connected
def discard(letter: LetterArgument, from_: SourceOption = "", reason: ReasonOption = "") -> Work:
    """Throw a letter away. It is recorded, with the reason."""
    from cli.work.dead_letters import discard as work

    return partial(work, letter=letter, source=from_, reason=reason)
