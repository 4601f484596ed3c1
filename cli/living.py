"""A fleet that lives: people change servers, one thing after the other, seeded, until somebody stops it."""

import asyncio
import random
import signal
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape

from cli.azure import Azure, Person
from cli.errors import CommandFailed
from cli.receiver import Receiver
from cli.stack import stack
from shared.journal import Actor, now
from shared.orders import Hold
from shared.ports import Store
from shared.standing import orders_of
from shared.stewardship import release

_MOST_HELD = 3
_TYPE = "providers/Microsoft.DBforPostgreSQL/flexibleServers"
_PRODUCTION = "/subscriptions/9c1d7e42-0b5f-4d38-8a66-1f2e3d4c5b6a/resourceGroups"
_STAGING = "/subscriptions/2e7a9b10-6c3d-4e5f-b1a2-7d8c9e0f1a2b/resourceGroups/rg-staging"
_PAYMENTS = f"{_PRODUCTION}/rg-payments/{_TYPE}/pg-payments"
_PARTNERS = f"{_PRODUCTION}/rg-partners/{_TYPE}/pg-partners"
_CRM = f"{_STAGING}/{_TYPE}/pg-crm-staging"
_ANALYTICS = f"{_STAGING}/{_TYPE}/pg-analytics"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that people do: who it may be, how it is told, the ARM call."""

    told: str
    who: tuple[str, ...]
    server: str
    method: str
    child: str
    body: Mapping[str, Any]


def _rule(server: str, name: str, start: str, end: str) -> Change:
    told = f"opens {start} – {end} by the rule {name} on {server.rpartition('/')[2]}"
    body = {"properties": {"startIpAddress": start, "endIpAddress": end}}
    return Change(told, ("dana", "ada", "pipeline"), server, "PUT", f"/firewallRules/{name}", body)


def _parameter(server: str, name: str, value: str) -> Change:
    told = f"sets {name} to {value} on {server.rpartition('/')[2]}"
    body = {"properties": {"value": value, "source": "user-override"}}
    return Change(told, ("dana", "pipeline"), server, "PUT", f"/configurations/{name}", body)


_PUBLIC = {"properties": {"network": {"publicNetworkAccess": "Enabled"}}}
CHANGES = (
    _rule(_PARTNERS, "partner-gateway", "0.0.0.0", "255.255.255.255"),  # noqa: S104 - a rule
    _rule(_PARTNERS, "let-me-in", "203.0.113.77", "203.0.113.77"),
    _rule(_CRM, "quick-test", "0.0.0.0", "0.0.0.0"),  # noqa: S104 - a rule
    _rule(_CRM, "home-office", "198.51.100.0", "198.51.100.255"),
    _parameter(_PAYMENTS, "require_secure_transport", "off"),
    _parameter(_PARTNERS, "ssl_min_protocol_version", "TLSv1"),
    _parameter(_ANALYTICS, "require_secure_transport", "off"),
    Change("switches public network access on for pg-payments", ("ada",), _PAYMENTS, "PATCH", "", _PUBLIC),
    Change("switches public network access on for pg-analytics", ("dana",), _ANALYTICS, "PATCH", "", _PUBLIC),
)


class Life:
    """What happens is decided by the seed; when, by whoever asks for the next thing."""

    def __init__(self, azure: Azure, store: Store, seed: int) -> None:
        self._azure, self._store = azure, store
        # Which server drifts next needs no secret.
        self._dice = random.Random(seed)  # noqa: S311

    async def next(self) -> str:
        """Let one thing happen, and say what; empty where Azure did not let it."""
        held = [order for order in (await orders_of(self._store)).holds if order.automatic]
        if len(held) >= _MOST_HELD:
            return await self._release(held)
        change = self._dice.choice(CHANGES)
        person = self._dice.choice(change.who)
        try:
            await self._azure.call(Person(person), change.method, f"{change.server}{change.child}", change.body)
        except CommandFailed:
            # Another operation is under way on the server, as in Azure.
            return ""
        name = self._azure.address["principals"][person]["name"]
        return f"{name} {change.told}"

    async def _release(self, held: Sequence[Hold]) -> str:
        """Ada has looked into what the brakes stopped, and lets it go on: else nothing would happen any more."""
        ada = self._azure.address["principals"]["ada"]
        me = Actor(ada["user_principal_name"], ada["object_id"], kind="user")
        await release(self._store, [order.id for order in held], me, "looked into", now())
        return f"{ada['name']} releases {len(held)} holds that the brakes had placed"

    async def go_on(self, every_seconds: float, say: Callable[[str], None]) -> None:
        """One thing after the other, until it is cancelled."""
        while True:
            told = await self.next()
            if told:
                say(told)
            await asyncio.sleep(every_seconds * self._dice.uniform(0.5, 1.5))


async def keep_living(console: Console, seed: int, every_seconds: float) -> None:
    """Open the fleet's page in a browser, and let servers drift until Ctrl-C."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    receiver = Receiver(lambda message: console.print(f"[green]●[/] told: {escape(message.title)}"))
    console.print("[dim]Starting: an emulated Azure, the Functions app on a local host, an embedded store …[/]")
    async with (
        receiver.listening(),
        stack(settings={"HOLDFAST_ONCALL_URL": receiver.apprise_url}, quiet=True) as running,
    ):
        page = f"{running.line()['http']}/.auth/login/aad?as=ada&post_login_redirect_uri=/api/overview"
        console.print(f"The fleet on a page, signed in as Ada Admin: {page}", soft_wrap=True)
        console.print(f"[dim]Seed {seed}. Ctrl-C ends it.[/]")
        await asyncio.to_thread(webbrowser.open, page)
        life = Life(running.azure, running.store, seed)
        living = asyncio.create_task(life.go_on(every_seconds, lambda told: console.print(f"[red]●[/] {escape(told)}")))
        await stop.wait()
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
