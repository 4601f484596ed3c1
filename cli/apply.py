"""`holdfast apply`."""

from functools import partial
from typing import Annotated

import typer

from cli.options import ControlOption, ReasonOption, TargetArgument, WaitOption, Work, YesOption, connected

HereOption = Annotated[
    bool, typer.Option("--here", help="Do it in this process with your own rights, where no app runs.")
]
app = typer.Typer()


@app.command()
@connected
def apply(
    target: TargetArgument,
    control: ControlOption = None,
    reason: ReasonOption = "",
    yes: YesOption = False,
    here: HereOption = False,
    wait: WaitOption = 120,
) -> Work:
    """Put a server right now: shows the plan, asks, and has exactly that done by the app, or nothing.

    It overrides modes that only observe and asks for no further approval. Holds, exemptions and the loop breaker stay
    in force. Exit code 1: not done (yet). 2: refused.
    """
    from cli.work.apply import Manner
    from cli.work.apply import apply as work

    return partial(work, target=target, controls=control or (), manner=Manner(reason, yes, here, wait))
