"""A person at a terminal, before a fake Azure and a store in memory: types commands, answers questions, reads."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from typer.testing import CliRunner

from cli.checkup.model import Client
from cli.connection import Connection
from cli.desk import Desk, asked
from cli.main import app
from shared.control import Catalogue
from shared.engine import Engine
from shared.errors import Unreachable
from shared.journal import Actor
from shared.policy import Mode, Policy
from shared.ports import Arm, Store
from shared.settings import Settings, read_settings
from tests.builders import CATALOGUE, a_policy, a_server, a_state
from tests.engine.world import World

ADA = Actor("ada.admin@contoso.example", "a" * 8, kind="user")


def a_public_world(mode: Mode = Mode.ENFORCE) -> World:
    """A server that may be public, so that its firewall rules matter."""
    policy = a_policy(mode, public_network_access_disabled=Mode.OFF, firewall_public_ip_range_size=Mode.OFF)
    return World(a_state(server=a_server(public_access=True)), policy=policy)


@dataclass(frozen=True, slots=True)
class FakeDefender:
    """Lists these alerts, by subscription."""

    alerts: Mapping[str, list[dict[str, Any]]]

    async def listed(self, subscription: str) -> AsyncIterator[dict[str, Any]]:
        for one in self.alerts[subscription]:
            yield one


@dataclass(frozen=True, slots=True)
class FakeParts:
    """The parts of a small world."""

    world: World
    who: Actor
    listed: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return read_settings({"HOLDFAST_STORE": "sqlite:memory"})

    @property
    def client(self) -> Client:
        raise Unreachable("this terminal has no Azure")

    @property
    def store(self) -> Store:
        return self.world.store

    @property
    def arm(self) -> Arm:
        return self.world.arm

    @property
    def alerts(self) -> "FakeDefender":
        return FakeDefender(self.listed)

    async def subscriptions(self) -> tuple[str, ...]:
        return tuple(self.listed)

    @property
    def catalogue(self) -> Catalogue:
        return CATALOGUE

    @property
    def engine(self) -> Engine:
        return self.world.engine

    async def policy(self) -> Policy:
        return self.world.policy

    async def person(self) -> Actor:
        return self.who


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command left on the screen, and its exit code."""

    code: int
    text: str
    errors: str

    @property
    def json(self) -> Any:
        """The answer for programs."""
        return json.loads(self.text)

    def lacks(self, *words: str) -> list[str]:
        """What of this does not stand there, however it is wrapped."""
        flat = " ".join(f"{self.text} {self.errors}".split())
        return [word for word in words if " ".join(word.split()) not in flat]


@dataclass(slots=True)
class Terminal:
    """`answers` are given to questions, in order; without any there is no terminal to ask at.

    `app_runs` says whether the app works while a command waits.
    """

    world: World
    who: Actor = ADA
    width: int = 100
    app_runs: bool = True
    answers: list[bool] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    before_waiting: Callable[[], Awaitable[None]] | None = None
    defender: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    async def types(self, *words: str) -> Printed:
        """Type a command and wait for its end."""
        out, err = io.StringIO(), io.StringIO()

        @asynccontextmanager
        async def opening(_: Connection) -> AsyncIterator[Desk]:
            screens = [Console(file=file, width=self.width, highlight=False, emoji=False) for file in (out, err)]
            parts = FakeParts(self.world, self.who, self.defender)
            yield Desk(parts, screens[0], screens[1], self._confirm, self.world.clock, self._wait)

        # A command has an event loop of its own.
        result = await asyncio.to_thread(CliRunner().invoke, app, list(words), obj=opening)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Printed(result.exit_code, out.getvalue() + result.stdout, err.getvalue() + result.stderr)

    def _confirm(self, question: str) -> bool:
        self.questions.append(question)
        return self.answers.pop(0) if self.answers else asked(Console(file=io.StringIO()), question)

    async def _wait(self, seconds: float) -> None:
        if self.before_waiting is not None:
            happens, self.before_waiting = self.before_waiting, None
            await happens()
        self.world.clock.advance(seconds)
        if self.app_runs:
            await self.world.run_due()
