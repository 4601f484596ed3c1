"""`holdfast alerts ...`: security alerts of Defender for Cloud."""

from functools import partial
from typing import Annotated

import typer

from cli.options import Format, FormatOption, Work, connected

LimitOption = Annotated[int, typer.Option("--limit", min=1, max=5000, help="How many, at most.")]
AlertArgument = Annotated[
    str, typer.Argument(metavar="ALERT", help="Its SystemAlertId, or 4 characters or more of its beginning or end.")
]
SinceOption = Annotated[
    str, typer.Option("--since", help="Only alerts raised since then: 24h, 7d, or a moment with its time zone.")
]
SubscriptionOption = Annotated[
    list[str] | None, typer.Option("--subscription", help="Only this subscription; can be repeated.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each.")]
app = typer.Typer(
    help="Security alerts of Defender for Cloud: ask for them, see what became of them.", no_args_is_help=True
)


@app.command()
@connected
def pull(
    since: SinceOption = "24h",
    subscription: SubscriptionOption = None,
    dry_run: DryRunOption = False,
    format_: FormatOption = Format.TABLE,
) -> Work:
    """Ask Defender for its alerts, and take in those about your servers that are not known yet."""
    from cli.work.alerts import pulled as work

    return partial(work, since=since, subscriptions=tuple(subscription or ()), dry=dry_run, format_=format_)


@app.command("list")
@connected
def listed(limit: LimitOption = 50, format_: FormatOption = Format.TABLE) -> Work:
    """The alerts that are known, newest first, and what was done about each."""
    from cli.work.alerts import listed as work

    return partial(work, limit=limit, format_=format_)


@app.command()
@connected
def show(alert: AlertArgument, format_: FormatOption = Format.TABLE) -> Work:
    """One alert whole: what it says, when it was heard of, and every record about it."""
    from cli.work.alerts import show as work

    return partial(work, alert=alert, format_=format_)
