"""The `holdfast` command."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli import apply, approvals, exemptions, orders, plan, records, trial, undo
from cli.options import ACT

app = typer.Typer(
    name="holdfast",
    help="Holds Azure Database for PostgreSQL to its owner's policy.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
policy_app = typer.Typer(help="The policy: what Holdfast may do.", no_args_is_help=True)
for part in (plan, records, orders, apply, undo):
    app.add_typer(part.app)
app.add_typer(approvals.app, name="approvals", rich_help_panel=ACT)
app.add_typer(exemptions.app, name="exemptions", rich_help_panel=ACT)
app.add_typer(policy_app, name="policy", rich_help_panel="Policy")
app.add_typer(trial.app)


@policy_app.command("check")
def policy_check(path: Annotated[Path, typer.Argument(help="The policy file.")]) -> None:
    """Check a policy file: errors come with file, line, column and what would be right. Exit code 2 when it is bad."""
    from rich.console import Console

    from remediators import load_all
    from shared.policy_file import load_policy_file

    catalogue = load_all()
    policy = load_policy_file(path, catalogue)
    modes = {name: str(policy.general_rule(remediator.control).fresh) for name, remediator in catalogue.items()}
    Console(highlight=False).print(f"[green]✓[/] {path} is a usable policy")
    for name, mode in sorted(modes.items()):
        print(f"  {name:36} {mode}")


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
