"""The `holdfast` command."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli import apply, approvals, exemptions, orders, plan, records, undo

app = typer.Typer(
    name="holdfast",
    help="Holds Azure Database for PostgreSQL to its owner's policy.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
policy_app = typer.Typer(help="The policy: what Holdfast may do.", no_args_is_help=True)
app.add_typer(policy_app, name="policy")
for part in (plan, apply, undo, orders, records):
    app.add_typer(part.app)
app.add_typer(approvals.app, name="approvals")
app.add_typer(exemptions.app, name="exemptions")
_PASS_ON = {"ignore_unknown_options": True, "allow_extra_args": True}


@app.command()
def demo() -> None:
    """Watch the main job on real pieces: a server is opened, and closed again, proven, and told."""
    import asyncio

    from rich.console import Console

    from cli.story import tell

    asyncio.run(tell(Console(highlight=False)))


@app.command()
def up(
    policy: Annotated[Path | None, typer.Option(help="A policy file instead of the demo's.")] = None,
    fleet: Annotated[Path | None, typer.Option(help="A fleet file instead of the small bank.")] = None,
    exchange_log: Annotated[Path | None, typer.Option(help="Write every ARM exchange to this file, as JSONL.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the log lines of emulator and host.")] = False,
) -> None:
    """Run emulator, local host and store together until Ctrl-C. The first line is JSON: where everything is.

    What Holdfast tells people is printed as it comes.
    """
    import asyncio
    import json
    import signal

    from rich.console import Console

    from cli.receiver import Receiver
    from cli.show import message_panel
    from cli.stack import DEMO_POLICY, stack

    screen = Console(stderr=True, highlight=False)

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        receiver = Receiver(lambda message: screen.print(message_panel(message)))
        async with (
            receiver.listening(),
            stack(
                policy=policy or DEMO_POLICY,
                fleet=fleet,
                settings={"HOLDFAST_ONCALL_URL": receiver.apprise_url},
                exchange_log=exchange_log,
                quiet=not verbose,
            ) as running,
        ):
            print(json.dumps(running.line()), flush=True)
            where = running.log or "this terminal"
            screen.print(f"Running; the log is in {where}. Change a server with any client and watch.")
            screen.print("Ctrl-C ends it.")
            await stop.wait()

    asyncio.run(run())


@app.command(context_settings=_PASS_ON, add_help_option=False)
def emulator(context: typer.Context) -> None:
    """Run the local Azure alone until Ctrl-C (`holdfast emulator --help` lists its options)."""
    from emulator.__main__ import main as run_emulator

    raise typer.Exit(run_emulator(context.args))


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
