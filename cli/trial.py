"""`holdfast demo`, `up` and `emulator`: Holdfast on one machine, with an Azure that is not real."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import TRY

app = typer.Typer()
_PASS_ON = {"ignore_unknown_options": True, "allow_extra_args": True}


@app.command(rich_help_panel=TRY)
def demo(
    name: Annotated[str, typer.Argument(metavar="[STORY]", help="Which story; --list tells of each.")] = "drift",
    listed: Annotated[bool, typer.Option("--list", help="List the stories, and play none.")] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Play no story: a fleet in which servers keep drifting, until Ctrl-C.")
    ] = False,
    seed: Annotated[int, typer.Option(help="With --keep: what decides what happens.")] = 1,
    every: Annotated[float, typer.Option(help="With --keep: seconds from one change to the next.", min=0.2)] = 4,
) -> None:
    """Watch Holdfast at work. Without a name, the main job: servers are changed, and put right again."""
    import asyncio

    from rich.console import Console

    from cli.stories import STORIES, story

    console = Console(highlight=False)
    if keep:
        from cli.living import keep_living

        asyncio.run(keep_living(console, seed, every))
        return
    if listed:
        for one in STORIES:
            console.print(f"[bold]{one.name:10}[/] {one.about}")
        return
    asyncio.run(story(name).told()(console))


@app.command(rich_help_panel=TRY)
def up(
    policy: Annotated[Path | None, typer.Option(help="A policy file instead of the demo's.")] = None,
    fleet: Annotated[Path | None, typer.Option(help="A fleet file instead of the small bank.")] = None,
    exchange_log: Annotated[Path | None, typer.Option(help="Write every ARM exchange to this file, as JSONL.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the log lines of emulator and host.")] = False,
) -> None:
    """Run an emulated Azure with Holdfast in it until Ctrl-C.

    The first line is JSON and says where everything is: keep it in a file for --connect. What Holdfast tells people is
    printed as it comes.
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
            screen.print(f"The fleet on a page: {running.line()['pages']}")
            screen.print("Ctrl-C ends it.")
            await stop.wait()

    asyncio.run(run())


@app.command(rich_help_panel=TRY, context_settings=_PASS_ON, add_help_option=False)
def emulator(context: typer.Context) -> None:
    """Run the emulated Azure alone until Ctrl-C."""
    from emulator.__main__ import main as run_emulator

    raise typer.Exit(run_emulator(context.args))
