"""The story of a failover: rehearsed, forbidden, made, and taken back by a command that is killed on its way."""

import json
import os
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from cli.azure import Person
from cli.errors import CommandFailed
from cli.receiver import Receiver
from cli.scene import AUDITOR, Scene, demand
from cli.show import message_panel, steps
from cli.stack import stack
from cli.stories.drift import PARTNERS
from shared.failover.book import Failover, failover_of
from shared.settings import ROOT
from shared.target import parse_target

_ADA = Person("ada")
_PRIMARY = parse_target(PARTNERS)
_REPLICA = parse_target(f"{PARTNERS}-b")
_ENDPOINT = "/virtualendpoints/ve-partners"
_RULES = {
    "office-zurich": {"startIpAddress": "192.0.2.10", "endIpAddress": "192.0.2.14"},
    "partner-gateway": {"startIpAddress": "198.51.100.40", "endIpAddress": "198.51.100.40"},
}
_FAR_BEHIND_SECONDS = 900
_BACK = ("--yes", "--reason", "the move is over")


async def tell(console: Console) -> None:
    """Tell the story. Raises CommandFailed at the first step that did not happen."""
    began = time.perf_counter()
    console.print("\n[bold]Holdfast[/] lets a replica take its primary's place, because a person asks for it.")
    console.print("[dim]Starting: an emulated Azure, the Functions app on a local host, an embedded store …[/]")
    async with Receiver().listening() as receiver:
        settings = {"HOLDFAST_ONCALL_URL": receiver.apprise_url}
        async with stack(settings=settings, quiet=True) as running:
            scene = Scene(console, running, receiver)
            async with _desk(scene, console.width) as desk:
                await _play(scene, desk)
    console.print(f"\n[bold green]✓ Every step happened[/] [dim]({time.perf_counter() - began:.1f} s in all)[/]\n")


async def _play(scene: Scene, desk: "_Desk") -> None:
    await _replica_is_made(scene)
    await _rehearsed(scene, desk)
    await _failed_over(scene, desk)
    await _killed_and_taken_up(scene, desk)


async def _replica_is_made(scene: Scene) -> None:
    scene.begin("A replica, and a name that leads to both")
    source = {"createMode": "Replica", "sourceServerResourceId": PARTNERS}
    await scene.azure.call(_ADA, "PUT", _REPLICA.id, {"location": "westeurope", "properties": source})
    members = {"endpointType": "ReadWrite", "members": [_REPLICA.name]}
    await scene.azure.call(_ADA, "PUT", f"{PARTNERS}{_ENDPOINT}", {"properties": members})
    for name, range_ in _RULES.items():
        await scene.azure.call(_ADA, "PUT", f"{_REPLICA.id}/firewallRules/{name}", {"properties": range_})
    scene.say(
        steps(
            ("[green]●[/] replica", f"{_REPLICA.name} in westeurope follows {_PRIMARY.name} in northeurope"),
            ("[green]●[/] endpoint", "ve-partners.writer leads to whichever of them is the primary"),
        )
    )


async def _rehearsed(scene: Scene, desk: "_Desk") -> None:
    """A rehearsal shows everything and changes nothing; what it finds forbids the real thing as well."""
    scene.begin("A rehearsal: the replica is far behind")
    await _lags(scene, _FAR_BEHIND_SECONDS)
    before = await scene.azure.control("GET", "/state")
    code, printed = await desk.types(_PRIMARY.name, "--rehearse")
    scene.say(Text.from_ansi(printed.rstrip()))
    demand(code == 2, "the rehearsal did not see the lag")
    await _lags(scene, 2)
    code, printed = await desk.types(_PRIMARY.name, "--rehearse")
    demand(code == 0, f"the rehearsal still finds something: {printed}")
    after = await scene.azure.control("GET", "/state")
    demand(after["resources"] == before["resources"], "the rehearsal has changed something")
    scene.say("[green]●[/] nothing was changed; once the replica has caught up, the rehearsal says that it would go")


async def _failed_over(scene: Scene, desk: "_Desk") -> None:
    """Asked once, promoted once, proven by reading again; everybody hears of it."""
    scene.begin("The real thing, after a yes")
    told = scene.told
    code, printed = await desk.types(_PRIMARY.name, "--yes", "--reason", "the data centre moves on Saturday")
    scene.say(Text.from_ansi(printed.partition("\nSteps\n")[2].rstrip()))
    demand(code == 0, f"it was not done: {printed}")
    book = await _book(scene)
    shown = await scene.azure.call(AUDITOR, "GET", f"{_REPLICA.id}{_ENDPOINT}")
    demand(shown["properties"]["members"][0] == _REPLICA.name, "the name does not lead to the new primary")
    old = await _role(scene, PARTNERS)
    demand(old.endswith("AsyncReplica"), f"the old primary is {old}, wanted a replica")
    await scene.message(told + 1, "nobody was told how it ended")
    message = await scene.message(told + 1, "nobody was told how it ended")
    demand("was promoted" in message.title, f"somebody was told {message.title}")
    scene.say(message_panel(message))
    demand(len(book.steps) >= 4, "the book does not tell the steps")


async def _killed_and_taken_up(scene: Scene, desk: "_Desk") -> None:
    """The command is killed in the middle, a second is refused, the next goes on, and Azure is asked once."""
    scene.begin("Back again, and the command is killed on the way")
    await scene.azure.control("POST", "/settings", {"operation_seconds": 3})
    await scene.azure.control("DELETE", "/calls")
    running = await desk.begins(_REPLICA.name, "--to", _PRIMARY.name, *_BACK)
    await scene.until(lambda: _promotions(scene), "Azure was not asked to promote")
    running.kill()
    await running.wait()
    scene.say("[red]●[/] the command is killed in the middle; the app goes on")
    code, printed = await desk.types(_REPLICA.name, "--to", "pg-payments", *_BACK)
    demand(code == 2, "a second failover was begun at the same time")
    scene.say(steps(("[green]●[/] refused", escape(printed.strip().splitlines()[-1]))))
    code, printed = await desk.types(_REPLICA.name)
    scene.say(Text.from_ansi(printed.rstrip()))
    demand(code == 0, "it was not taken up again")
    count = len(await _promotions(scene))
    demand(count == 1, f"Azure was asked {count} times to promote")
    demand(await _role(scene, PARTNERS) == "Primary", "the old primary is not the primary again")
    scene.say("[green]●[/] taken up where it was, and Azure was asked to promote exactly once")


@dataclass(frozen=True, slots=True)
class _Desk:
    """Ada's place: what she types is a process of its own, as it is at a terminal."""

    up: Path
    width: int

    async def types(self, *words: str) -> tuple[int, str]:
        """The exit code of `holdfast failover`, and what it prints."""
        process = await self.begins(*words)
        printed, _ = await process.communicate()
        return process.returncode or 0, printed.decode()

    async def begins(self, *words: str) -> Process:
        """The command, running."""
        own = {"COLUMNS": str(self.width), "HOLDFAST_CONNECT": str(self.up), "HOLDFAST_AS": "ada"}
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
        given = [sys.executable, "-c", "from cli.main import main; main()", "failover", *words]
        return await create_subprocess_exec(
            *given, env={**os.environ, **own, "PYTHONPATH": path}, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
        )


@asynccontextmanager
async def _desk(scene: Scene, width: int) -> AsyncIterator[_Desk]:
    with tempfile.TemporaryDirectory(prefix="holdfast-") as folder:
        up = Path(folder) / "up.json"
        up.write_text(json.dumps(scene.stack.line()), encoding="utf-8")
        yield _Desk(up, width)


async def _promotions(scene: Scene) -> list[str]:
    return [call for call in await scene.calls() if call == f"PATCH {PARTNERS}"]


async def _lags(scene: Scene, seconds: float) -> None:
    body = {"resource": _REPLICA.id, "name": "physical_replication_delay_in_seconds", "value": seconds}
    await scene.azure.control("POST", "/metrics", body)


async def _role(scene: Scene, server: str) -> str:
    return str((await scene.azure.call(AUDITOR, "GET", server))["properties"]["replicationRole"])


async def _book(scene: Scene) -> Failover:
    found = await failover_of(scene.store, _PRIMARY)
    if found is None:
        raise CommandFailed("the book of failovers knows nothing of it")
    return found
