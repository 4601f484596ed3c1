"""The demo's story: people change servers, Holdfast answers, and each step is checked. A step that did not happen ends
the demo with a non-zero exit code."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape

from cli.azure import Person
from cli.errors import CommandFailed
from cli.receiver import Message, Receiver
from cli.show import fleet_table, message_panel, timeline
from cli.stack import Stack, stack
from shared.journal import Entry, Stage
from shared.target import Target, parse_target

_PATIENCE_SECONDS = 15
_PRODUCTION = "/subscriptions/9c1d7e42-0b5f-4d38-8a66-1f2e3d4c5b6a/resourceGroups"
_TYPE = "providers/Microsoft.DBforPostgreSQL/flexibleServers"
PARTNERS = f"{_PRODUCTION}/rg-partners/{_TYPE}/pg-partners"
PAYMENTS = f"{_PRODUCTION}/rg-payments/{_TYPE}/pg-payments"


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


ACTS = (
    Act(
        "A firewall rule is widened to the whole internet",
        Person("dana"),
        "Dana Fields widens the rule partner-gateway on pg-partners to 0.0.0.0 – 255.255.255.255",
        PARTNERS,
        "PUT",
        "/firewallRules/partner-gateway",
        {"properties": {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}},  # noqa: S104 - a rule
    ),
    Act(
        "A private server is opened",
        Person("ada"),
        "Ada Admin switches public network access on for pg-payments",
        PAYMENTS,
        "PATCH",
        "",
        {"properties": {"network": {"publicNetworkAccess": "Enabled"}}},
    ),
    Act(
        "Encryption is switched off",
        Person("pipeline"),
        "the release pipeline sets require_secure_transport to off on pg-payments",
        PAYMENTS,
        "PUT",
        "/configurations/require_secure_transport",
        {"properties": {"value": "off", "source": "user-override"}},
    ),
)


async def tell(console: Console) -> None:
    """Tell the story. Raises CommandFailed at the first step that did not happen."""
    began = time.perf_counter()
    console.print("\n[bold]Holdfast[/] holds Azure Database for PostgreSQL to its owner's policy.")
    console.print("[dim]Starting: an emulated Azure, the Functions app on a local host, an embedded store …[/]")
    async with Receiver().listening() as receiver:
        settings = {"HOLDFAST_ONCALL_URL": receiver.apprise_url}
        async with stack(settings=settings, quiet=True) as running:
            await _Story(console, running, receiver).run()
    console.print(f"[bold green]✓ Every step happened[/] [dim]({time.perf_counter() - began:.1f} s in all)[/]\n")


class _Story:
    def __init__(self, console: Console, running: Stack, receiver: Receiver) -> None:
        self._console = console
        self._stack = running
        self._azure = running.azure
        self._receiver = receiver

    async def run(self) -> None:
        """All acts, then the forged event."""
        auditor = Person("auditor")
        rows = [await self._facts(target, auditor) for target in await self._azure.servers(auditor)]
        self._console.print(fleet_table(rows))
        self._console.print("Holdfast has read every server once and remembers what was good.\n")
        for number, act in enumerate(ACTS, 1):
            await self._act(number, act)
        await self._forged(len(ACTS) + 1)

    async def _act(self, number: int, act: Act) -> None:
        target = parse_target(act.server)
        before = await self._read(act)
        told = self._receiver.count
        known = {entry.record for entry in await self._stack.store.history(target)}
        await self._azure.control("DELETE", "/calls")
        self._console.rule(f"[bold]{number}. {escape(act.title)}", align="left", style="dim")
        began = time.perf_counter()
        await self._azure.call(act.person, act.method, f"{act.server}{act.child}", act.body)
        self._console.print(f"[red]●[/] {escape(act.told)}")
        proven = await self._until(lambda: self._proven(target, known), f"{act.title}: it was not put back")
        (message,) = await self._until(lambda: self._told(told), f"{act.title}: nobody was told")
        seconds = time.perf_counter() - began
        after = await self._read(act)
        _demand(after == before, f"{act.title}: found {after} afterwards, wanted {before}")
        _demand(message.mentions(target.name), f"{act.title}: the message does not name the server")
        self._console.print(timeline(proven, seconds, await self._holdfast_calls()))
        self._console.print(message_panel(message))

    async def _forged(self, number: int) -> None:
        """Somebody who stole the webhook key says that a server was opened. It was not."""
        self._console.rule(f"[bold]{number}. A forged event", align="left", style="dim")
        target = parse_target(PAYMENTS)
        entries = len(await self._stack.store.history(target))
        await self._azure.control("DELETE", "/calls")
        await self._azure.control("POST", "/events", {"eventType": _WRITTEN, "subject": PAYMENTS, "data": _FORGED})
        self._console.print("[red]●[/] an event claims that pg-payments was changed; nothing was")
        await self._until(self._was_read, "the forged event: nobody looked")
        calls = await self._holdfast_calls()
        written = [call for call in calls if not call.startswith("GET ")]
        _demand(not written, f"the forged event: Holdfast wrote {written}")
        _demand(len(await self._stack.store.history(target)) == entries, "the forged event: it made a record")
        self._console.print(
            f"[green]●[/] Holdfast looked, {len(calls)} read, and did nothing: the live state decides\n"
        )

    async def _was_read(self) -> list[str]:
        triggers = (await self._stack.store.load(parse_target(PAYMENTS))).triggers
        return [] if triggers else await self._holdfast_calls()

    async def _proven(self, target: Target, known: set[str]) -> list[Entry]:
        """The new record of the target, once it is proven."""
        entries = await self._stack.store.history(target)
        fresh = {entry.record for entry in entries if entry.stage is Stage.PROVEN} - known
        return [entry for entry in entries if entry.record in fresh]

    async def _told(self, before: int) -> list[Message]:
        return self._receiver.messages[before:]

    async def _read(self, act: Act) -> object:
        """The setting that the act changes, as Azure shows it."""
        found = await self._azure.call(Person("auditor"), "GET", f"{act.server}{act.child}")
        return {name: found["properties"][name] for name in act.body["properties"] if name != "source"}

    async def _facts(self, target: Target, auditor: Person) -> dict[str, Any]:
        server = await self._azure.call(auditor, "GET", target.id)
        rules = await self._azure.call(auditor, "GET", f"{target.id}/firewallRules")
        tls = await self._azure.call(auditor, "GET", f"{target.id}/configurations/require_secure_transport")
        return {"server": server["properties"], "name": server["name"], "rules": rules["value"], "tls": tls}

    async def _holdfast_calls(self) -> list[str]:
        """What Holdfast asked of Azure since the act began."""
        found = await self._azure.control("GET", "/calls")
        return [f"{call['method']} {call['path']}" for call in found["last"] if call["principal"] == "holdfast"]

    async def _until[T](self, look: Callable[[], Awaitable[T]], failure: str) -> T:
        deadline = time.perf_counter() + _PATIENCE_SECONDS
        while time.perf_counter() < deadline:
            found = await look()
            if found:
                return found
            await asyncio.sleep(0.005)
        raise CommandFailed(f"{failure} within {_PATIENCE_SECONDS} s")


_WRITTEN = "Microsoft.Resources.ResourceWriteSuccess"
_FORGED = {
    "resourceUri": PAYMENTS,
    "operationName": "Microsoft.DBforPostgreSQL/flexibleServers/write",
    "claims": {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "nobody@contoso.example"},
}


def _demand(true: bool, failure: str) -> None:
    if not true:
        raise CommandFailed(failure)
