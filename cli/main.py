"""The `holdfast` command."""

import sys

import typer

from cli import (
    alerts,
    apply,
    approvals,
    audit,
    controls,
    dead_letters,
    doctor,
    exemptions,
    failover,
    keys,
    mirror,
    notify,
    orders,
    plan,
    playbooks,
    policy,
    records,
    replay,
    role,
    trial,
    undo,
)
from cli.options import ACT, LOOK

app = typer.Typer(
    name="holdfast",
    help="Holds Azure Database for PostgreSQL to its owner's policy.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
for part in (plan, audit, doctor, keys, records, orders, apply, undo, replay, mirror, failover):
    app.add_typer(part.app)
app.add_typer(approvals.app, name="approvals", rich_help_panel=ACT)
app.add_typer(exemptions.app, name="exemptions", rich_help_panel=ACT)
app.add_typer(alerts.app, name="alerts", rich_help_panel=LOOK)
app.add_typer(dead_letters.app, name="dead-letters", rich_help_panel=LOOK)
app.add_typer(notify.app, name="notify", rich_help_panel=LOOK)
app.add_typer(policy.app, name="policy", rich_help_panel="Policy")
app.add_typer(controls.app, name="controls", rich_help_panel="Policy")
app.add_typer(playbooks.app, name="playbooks", rich_help_panel="Policy")
app.add_typer(role.app)
app.add_typer(trial.app)


def main() -> None:
    """Run the command; an expected failure is one sentence and an exit code, never a stack trace."""
    try:
        app()
    except Exception as error:
        from cli.errors import CommandFailed, exit_code

        code = exit_code(error)
        if code is None:
            raise
        print(f"holdfast: {error}" if isinstance(error, CommandFailed) else error, file=sys.stderr)
        raise SystemExit(code) from error
