"""`holdfast failover`."""

from functools import partial
from typing import Annotated

import typer

from cli.options import ACT, Format, FormatOption, HereOption, ReasonOption, WaitOption, Work, YesOption, connected

PrimaryArgument = Annotated[
    str, typer.Argument(metavar="PRIMARY", help="The server whose place is taken: its name, or its ARM id.")
]
app = typer.Typer()


@app.command(rich_help_panel=ACT)
@connected
def failover(
    primary: PrimaryArgument,
    to: Annotated[
        str, typer.Option("--to", metavar="REPLICA", help="The replica that takes over; else the best one.")
    ] = "",
    forced: Annotated[
        bool,
        typer.Option(
            "--forced/--planned", help="For an outage: go with what the replica has. Planned loses nothing, and waits."
        ),
    ] = False,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="Everything but the writes: change nothing.")] = False,
    reason: ReasonOption = "",
    yes: YesOption = False,
    here: HereOption = False,
    wait: WaitOption = 900,
    format_: FormatOption = Format.TABLE,
) -> Work:
    """Let a replica take its primary's place: checked before, proven after, resumable.

    Called again while one is under way it goes on with that one; it never promotes twice. Exit code 0: done and proven,
    or the rehearsal says that it would go. 1: not done (yet). 2: refused, by the pre-flight or a person. 3: promoted
    and proven, and a check afterwards says that somebody has to do something.
    """
    from cli.work.apply import Manner
    from cli.work.failover import Wanted
    from cli.work.failover import failover as work

    wanted = Wanted(primary, to, forced, rehearse)
    return partial(work, wanted=wanted, manner=Manner(reason, yes, here, wait), format_=format_)
