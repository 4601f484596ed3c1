"""`holdfast apply`."""

from functools import partial

import typer

from cli.options import (
    ACT,
    ControlOption,
    HereOption,
    ReasonOption,
    TargetArgument,
    WaitOption,
    Work,
    YesOption,
    connected,
)

app = typer.Typer()


@app.command(rich_help_panel=ACT)
@connected
def apply(
    target: TargetArgument,
    control: ControlOption = None,
    reason: ReasonOption = "",
    yes: YesOption = False,
    here: HereOption = False,
    wait: WaitOption = 120,
) -> Work:
    """Put a server right: show the plan, ask, and have exactly that done, or nothing.

    The app does the work. Modes that only observe are overridden, and nobody else is asked; holds, exemptions and the
    loop breaker stay in force. Exit code 0: done and proven. 1: not done (yet). 2: refused.
    """
    from cli.work.apply import Manner
    from cli.work.apply import apply as work

    return partial(work, target=target, controls=control or (), manner=Manner(reason, yes, here, wait))
