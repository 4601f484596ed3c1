"""What a command works with, put together as late as possible: a command pays only for what it uses."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from rich.console import Console

from cli.connection import Connection
from cli.errors import exit_code
from cli.options import Work
from shared.journal import Actor, now

if TYPE_CHECKING:
    from cli.checkup.model import Client
    from shared.control import Catalogue
    from shared.engine import Engine
    from shared.policy import Policy
    from shared.ports import Arm, Store
    from shared.settings import Settings


class Listing(Protocol):
    """Who lists security alerts."""

    def listed(self, subscription: str) -> AsyncIterator[Mapping[str, Any]]:
        """Every alert that Defender keeps for the subscription."""


class Parts(Protocol):
    """The parts of Holdfast; each is made when it is first asked for."""

    @property
    def settings(self) -> "Settings":
        """Where things are."""

    @property
    def client(self) -> "Client":
        """Azure Resource Manager itself, in the person's name."""

    @property
    def store(self) -> "Store":
        """Where everything is kept."""

    @property
    def arm(self) -> "Arm":
        """Azure, in the person's name."""

    @property
    def alerts(self) -> "Listing":
        """Defender's alerts, in the person's name."""

    async def subscriptions(self) -> tuple[str, ...]:
        """The subscriptions of the fleet."""

    @property
    def catalogue(self) -> "Catalogue":
        """Every control."""

    @property
    def engine(self) -> "Engine":
        """What looks at servers."""

    async def policy(self) -> "Policy":
        """The policy in force."""

    async def person(self) -> Actor:
        """Who sits at the terminal. Raises Refused when nobody can tell."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A person's place: the parts, the screen, and somebody to ask."""

    parts: Parts
    out: Console
    err: Console
    confirm: Callable[[str], bool]
    clock: Callable[[], datetime] = now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


type Opening = Callable[[Connection], AbstractAsyncContextManager[Desk]]
"""Gives a desk for a connection."""


@asynccontextmanager
async def opened(connection: Connection) -> AsyncIterator[Desk]:
    """The desk of somebody at a real terminal."""
    # First of all, because Azure's libraries look at the environment when they are imported.
    settings = connection.settings()
    from cli.parts import RealParts

    # What goes wrong with a sign-in is said once, in the error.
    logging.getLogger("azure").setLevel(logging.ERROR)
    parts = RealParts(connection, settings)
    out, err = (Console(stderr=stderr, highlight=False, emoji=False) for stderr in (False, True))
    try:
        yield Desk(parts, out, err, lambda question: asked(err, question))
    finally:
        await parts.close()


@asynccontextmanager
async def alone(_connection: Connection) -> AsyncIterator[Desk]:
    """A desk with a screen and nothing else, for what needs neither Azure nor a store."""
    out, err = (Console(stderr=stderr, highlight=False, emoji=False) for stderr in (False, True))
    yield Desk(cast("Parts", None), out, err, lambda question: asked(err, question))


def seated(opening: Opening | None, connect: Path | None, as_: str, store: str, command: Callable[[], Work]) -> int:
    """Do the command's work at a desk, and turn what goes wrong into a sentence. The exit code."""

    async def at_desk() -> int:
        async with (opening or opened)(Connection(connect, as_, store)) as desk:
            return await command()(desk)

    try:
        return asyncio.run(at_desk())
    except Exception as error:
        code = exit_code(error)
        if code is None:
            raise
        from cli.view.text import printable

        print(f"holdfast: {printable(str(error))}", file=sys.stderr)
        return code


def asked(screen: Console, question: str) -> bool:
    """Ask the person. Raises Refused where nobody can answer."""
    from shared.errors import Refused

    if not sys.stdin.isatty():
        raise Refused("nobody can be asked here: no terminal; look at the plan, then say --yes")
    screen.print(question, end=" [y/N] ", markup=False)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
