"""Where the demo's story is played: the screen, what runs behind it, and looking until something has happened."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console, RenderableType
from rich.markup import escape

from cli.azure import Person
from cli.errors import CommandFailed
from cli.receiver import Message, Receiver
from cli.stack import Stack
from shared.journal import Entry, Stage
from shared.target import Target, parse_target

AUDITOR = Person("auditor")
_PATIENCE_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody changes something: who, how it is told, the ARM call, and where the change can be seen."""

    title: str
    person: Person
    told: str
    server: str
    method: str
    child: str
    body: Mapping[str, Any]

    @property
    def target(self) -> Target:
        """The server."""
        return parse_target(self.server)


class Scene:
    """Everything an act needs. What does not happen in time ends the story."""

    def __init__(self, console: Console, stack: Stack, receiver: Receiver) -> None:
        self._console, self._receiver = console, receiver
        self.stack, self.azure, self.store = stack, stack.azure, stack.store
        self._acts = 0

    def begin(self, title: str) -> None:
        """The next act."""
        self._acts += 1
        self._console.print()
        self._console.rule(f"[bold]{self._acts}. {escape(title)}", align="left", style="dim")

    def say(self, what: RenderableType) -> None:
        """Show something."""
        self._console.print(what)

    async def change(self, act: Act) -> None:
        """Somebody makes the change of the act; calls are counted from now on."""
        await self.azure.control("DELETE", "/calls")
        await self.azure.call(act.person, act.method, f"{act.server}{act.child}", act.body)
        self.say(f"[red]●[/] {escape(act.told)}")

    async def shown(self, act: Act) -> dict[str, Any]:
        """The setting that the act changes, as Azure shows it."""
        found = await self.azure.call(AUDITOR, "GET", f"{act.server}{act.child}")
        return {name: found["properties"][name] for name in act.body["properties"] if name != "source"}

    async def records(self, target: Target) -> set[str]:
        """The records of a server so far."""
        return {entry.record for entry in await self.store.history(target)}

    async def entry(self, target: Target, stage: Stage, known: set[str], failure: str) -> Entry:
        """The first entry of this stage in a record that is not among the known ones."""

        async def look() -> list[Entry]:
            entries = await self.store.history(target)
            return [entry for entry in entries if entry.stage is stage and entry.record not in known]

        return (await self.until(look, failure))[0]

    async def message(self, known: int, failure: str) -> Message:
        """The first message after so many."""

        async def look() -> list[Message]:
            return self._receiver.messages[known:]

        return (await self.until(look, failure))[0]

    @property
    def told(self) -> int:
        """How many messages there are."""
        return self._receiver.count

    async def calls(self) -> list[str]:
        """What Holdfast asked of Azure since the last change."""
        found = await self.azure.control("GET", "/calls")
        return [f"{call['method']} {call['path']}" for call in found["last"] if call["principal"] == "holdfast"]

    async def until[T](self, look: Callable[[], Awaitable[T]], failure: str) -> T:
        """What `look` finds, as soon as it finds something. Raises CommandFailed."""
        deadline = time.perf_counter() + _PATIENCE_SECONDS
        while time.perf_counter() < deadline:
            found = await look()
            if found:
                return found
            await asyncio.sleep(0.005)
        raise CommandFailed(f"{failure} within {_PATIENCE_SECONDS} s")


def demand(true: bool, failure: str) -> None:
    """Raise CommandFailed unless it is true."""
    if not true:
        raise CommandFailed(failure)
