"""`holdfast replay`."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cli.options import ACT, Work, connected

app = typer.Typer()


@app.command(rich_help_panel=ACT)
@connected
def replay(
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE|ID",
            help="A file of events or alerts (`-`: what is piped in), or the id of an event, a record, a dead letter.",
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be found and done.")] = False,
) -> Work:
    """Have Holdfast hear of something once more.

    It says where to look; what is done is for the live state and the policy to say. With `--dry-run` nothing is written
    anywhere. Exit code 0: the servers are looked at, or, with `--dry-run`, nobody has anything to do. 1: somebody has.
    2: refused.
    """
    from cli.work.replay import replay as work

    return partial(work, what=what, body=_body(what), dry_run=dry_run)


def _body(what: str) -> bytes | None:
    """What lies in the file; None where there is no such file."""
    if what == "-":
        return sys.stdin.buffer.read()
    path = Path(what)
    return path.read_bytes() if path.is_file() else None
