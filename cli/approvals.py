"""`holdfast approvals`."""

from functools import partial
from typing import Annotated

import typer

from cli.options import Format, FormatOption, ReasonOption, WaitOption, Work, YesOption, connected

ApprovalArgument = Annotated[
    str, typer.Argument(help="Its id, 4 characters or more of its beginning or end, or the server's name.")
]
app = typer.Typer(help="Plans that wait for a person: listed, shown, decided.", no_args_is_help=True)


@app.command("list")
@connected
def listed(format_: FormatOption = Format.TABLE) -> Work:
    """Every plan that waits, the oldest first."""
    from cli.work.approvals import listed as work

    return partial(work, format_=format_)


@app.command()
@connected
def show(approval: ApprovalArgument, format_: FormatOption = Format.TABLE) -> Work:
    """One plan that waits, with all that it takes."""
    from cli.work.approvals import show as work

    return partial(work, approval=approval, format_=format_)


@app.command()
@connected
def approve(
    approval: ApprovalArgument, reason: ReasonOption = "", yes: YesOption = False, wait: WaitOption = 120
) -> Work:
    """Have exactly the plan that is shown carried out, or nothing. Whoever caused the drift cannot approve."""
    from cli.work.approvals import approve as work

    return partial(work, approval=approval, reason=reason, yes=yes, wait_seconds=wait)


@app.command()
@connected
def deny(approval: ApprovalArgument, reason: ReasonOption = "", wait: WaitOption = 120) -> Work:
    """Let the drift stand, with a reason; it is not asked again while it stays the same."""
    from cli.work.approvals import deny as work

    return partial(work, approval=approval, reason=reason, wait_seconds=wait)
