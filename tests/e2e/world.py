"""What the end-to-end tests see of a running Holdfast: only what people see. Doors, messages, records, Azure itself."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from cli.azure import Azure
from shared.journal import DeadLetter
from shared.policy import Mode
from shared.ports import Store
from shared.target import FLEET, Target
from tests.e2e.fleet import Fleet, Sort
from tests.e2e.inbox import Inbox, Message
from tests.e2e.processes import HOLDFAST, Process, output
from tests.e2e.server import ADA, AUDITOR, OPENED, TOPIC, Server
from tests.e2e.turns import turns_wait
from tests.e2e.waiting import until

_SIGNS_OF_A_STACK_TRACE = ("Traceback", 'File "', ".py:", "site-packages", "object at 0x")


class World:
    """A running Holdfast and the Azure it lives in. `line` says where everything is."""

    def __init__(
        self,
        line: Mapping[str, Any],
        azure: Azure,
        store: Store,
        fleet: Fleet,
        inbox: Inbox,
        hosts: Sequence[Process] = (),
    ) -> None:
        self.line = dict(line)
        self.azure = azure
        self.store = store
        self.fleet = fleet
        self.inbox = inbox
        self.hosts = tuple(hosts)

    async def a_server(self, sort: Sort) -> Server:
        """A server for one test; the calls to Azure are counted from now on."""
        target = self.fleet.take(sort)
        old = {entry.record for entry in await self.store.history(target, 500)}
        await self.azure.control("DELETE", "/calls")
        return Server(self, target, old)

    async def an_opened_server(self, **fault: object) -> Server:
        """A private server that somebody has just opened while Azure has this fault."""
        server = await self.a_server(Sort.PRIVATE)
        if fault:
            await server.fault(**fault)
        await server.change(ADA, "PATCH", properties=OPENED)
        return server

    async def lost_event(self, server: Server) -> dict[str, Any]:
        """Open the server without Event Grid telling anybody; the event that nobody got."""
        await server.event_fault(drop=True, times=1)
        await server.change(ADA, "PATCH", properties=OPENED)
        return (await self.published_by_azure(server))[-1]

    async def all_faults_have_hit(self) -> None:
        """Wait until no fault for calls is in force any more."""

        async def look() -> bool:
            return not (await self.azure.control("GET", "/faults"))["calls"]

        await until(look, "a fault did not hit")

    async def deliver(self, body: object, kind: str = "Notification") -> int:
        """Bring something to the webhook as Event Grid does; the status of the answer."""
        data = body if isinstance(body, bytes) else None
        headers = {"aeg-event-type": kind, "Content-Type": "application/json"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                self.line["events"], json=None if data is not None else body, data=data, headers=headers
            ) as answer,
        ):
            return answer.status

    async def publish(self, *events: Mapping[str, Any]) -> None:
        """Have Event Grid deliver these events."""
        await self.azure.control("POST", "/events", list(events))

    async def published_by_azure(self, server: Server) -> list[dict[str, Any]]:
        """The events that Azure has published about a server, delivered or not, oldest first."""
        found = (await self.azure.control("GET", "/events"))["published"]
        return [event for event in found if server.name in event["subject"]]

    async def sweep(self) -> None:
        """Run the hourly timer now, and wait until every server has been looked at."""
        before = await self._listings()
        headers = await self.by_hand("sweep")
        targets = await self.azure.servers(AUDITOR)

        async def done() -> bool:
            # while the function runs it is in flight; after that all it asked for waits in the queue
            if await self._listings() == before or await self._in_flight(headers) or await turns_wait(self.line):
                return False
            if await self._in_flight(headers):
                return False
            return not any([(await self.store.load(target)).triggers for target in targets])

        await until(done, "the sweep does not end")

    async def by_hand(self, function: str) -> dict[str, str]:
        """Run a function of the app now; the headers with which the host is asked about it."""
        headers = {"x-functions-key": self.line["master_key"]}
        url = f"{self.line['http']}/admin/functions/{function}"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, json={"input": ""}, headers=headers) as answer,
        ):
            assert answer.status == 202
        return headers

    async def _listings(self) -> int:
        """How often Holdfast has listed the fleet."""
        return len([call for call in await self.holdfasts_calls() if "Microsoft.ResourceGraph" in call])

    async def _in_flight(self, headers: Mapping[str, str]) -> int:
        url = f"{self.line['http']}/admin/host/status"
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
            return int((await answer.json())["invocationsInFlight"])

    async def subscribe(self, endpoint: str, schema: str = "EventGridSchema", name: str = "holdfast") -> None:
        """Have Event Grid deliver everything there, in this schema; the name stands for the subscription."""
        await self.azure.control("POST", "/subscriptions", {"name": name, "endpoint": endpoint, "schema": schema})

    @asynccontextmanager
    async def pace(self, **settings: float) -> AsyncIterator[None]:
        """Let Azure be slower, or Event Grid faster, while the block runs."""
        usual = {
            "operation_seconds": 0.0,
            "retry_after_seconds": 0,
            "activity_log_lag_seconds": 0.0,
            "time_scale": 1.0,
        }
        await self.azure.control("POST", "/settings", settings)
        try:
            yield
        finally:
            await self.azure.control("POST", "/settings", {name: usual[name] for name in settings})

    async def letters(self, word: str) -> list[DeadLetter]:
        """The dead letters in whose body or reason the word stands."""
        return [one for one in await self.store.dead_letters(1000) if word in one.body or word in one.reason]

    async def letter(self, word: str) -> DeadLetter:
        """The dead letter in which the word stands."""
        (letter, *_) = await until(lambda: self.letters(word), f"no dead letter with {word!r}")
        return letter

    async def told(self, words: str) -> list[Message]:
        """The messages in whose title these words stand, once there is one and the fleet's outbox is empty."""

        async def look() -> list[Message]:
            if (await self.store.load(FLEET)).outbox:
                return []
            return [message for message in self.inbox.messages if words in message.title]

        return await until(look, f"nobody was told {words!r}")

    async def holdfasts_calls(self) -> list[str]:
        """Every call of Holdfast since the emulator last forgot its calls."""
        found = (await self.azure.control("GET", "/calls"))["last"]
        return [f"{call['method']} {call['path']}" for call in found if call["principal"] == "holdfast"]

    async def holdfasts_writes(self) -> list[str]:
        """Those of them that change something or try to."""
        calls = await self.holdfasts_calls()
        return [call for call in calls if not call.startswith("GET ") and "Microsoft.ResourceGraph" not in call]

    async def health(self) -> dict[str, Any]:
        """What the health page says."""
        headers = {"x-functions-key": self.line["function_key"]}
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.line['http']}/api/health", headers=headers) as answer,
        ):
            found: dict[str, Any] = await answer.json()
            return found

    async def command(self, *words: str) -> str:
        """What a `holdfast` command prints about this store."""
        return await output(HOLDFAST, *words, "--store", self.line["store"])

    async def policy_check(self) -> list[str]:
        """The controls that are not off, as `holdfast policy check` lists them."""
        rows = [line.split() for line in (await output(HOLDFAST, "policy", "check", policy())).splitlines()]
        return [row[0] for row in rows if len(row) >= 3 and row[1] in set(Mode) - {Mode.OFF}]

    async def all_texts(self) -> list[str]:
        """Everything that people and machines get to read."""
        topic = await self.azure.control("GET", f"/topics/{TOPIC}")
        letters = await self.store.dead_letters(1000)
        entries = await self.store.history(None, 10_000)
        return [
            *(f"{message.title}\n{message.text}" for message in self.inbox.messages),
            *(letter.reason for letter in letters),
            *(f"{entry.detail} {entry.report.outcome} {entry.report.error}" for entry in entries),
            *(str(event) for event in topic["events"]),
        ]

    async def nobody_saw_a_stack_trace(self) -> None:
        """No text for people shows the inside of the program."""
        texts = await self.all_texts()
        bad = [text for text in texts if any(sign in text for sign in _SIGNS_OF_A_STACK_TRACE)]
        assert not bad, "\n".join(bad)


async def seen(store: Store, targets: Iterable[Target]) -> None:
    """Wait until Holdfast has looked at these servers once."""
    for target in targets:

        async def look(target: Target = target) -> bool:
            dossier = await store.load(target)
            return bool(dossier.memory.seen) and not dossier.outbox

        await until(look, f"{target.name} was never looked at", 60)


def policy(name: str = "policy.yaml") -> Path:
    """A policy file of these tests."""
    return Path(__file__).with_name(name)
