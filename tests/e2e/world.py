"""What the end-to-end tests see of a running Holdfast: only what people see. Doors, messages, records, Azure itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from cli.azure import Azure, Person
from cli.errors import CommandFailed
from shared.journal import DeadLetter, Entry, Notice, Report, Stage
from shared.ports import Store
from shared.target import Target
from tests.e2e.fleet import Fleet, Sort
from tests.e2e.inbox import Inbox, Message
from tests.e2e.processes import HOLDFAST, Process, output

ADA, DANA, PIPELINE, AUDITOR = (Person(key) for key in ("ada", "dana", "pipeline", "auditor"))
TOPIC = "holdfast-events"
OPENED = {"network": {"publicNetworkAccess": "Enabled"}}
INTERNET = {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}
_PATIENCE_SECONDS = 20.0
_ON_ITS_WAY_SECONDS = 0.3
_SIGNS_OF_A_STACK_TRACE = ("Traceback", 'File "', ".py:", "site-packages", "object at 0x")


async def until[T](look: Callable[[], Awaitable[T]], what: str, seconds: float = _PATIENCE_SECONDS) -> T:
    """What `look` finds, as soon as it finds something."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := await look()):
        assert asyncio.get_running_loop().time() < deadline, f"waited {seconds:g} s in vain: {what}"
        await asyncio.sleep(0.01)
    return found


@dataclass(frozen=True, slots=True)
class Record:
    """One record: everything that was written down about one thing that happened."""

    entries: tuple[Entry, ...]

    @property
    def stages(self) -> list[Stage]:
        """What was done, without the lines about telling."""
        return [entry.stage for entry in self.entries if entry.stage is not Stage.NOTIFIED]

    @property
    def told(self) -> list[str]:
        """The lines about telling."""
        return [entry.detail for entry in self.entries if entry.stage is Stage.NOTIFIED]

    @property
    def report(self) -> Report:
        """The report at its end."""
        return [entry for entry in self.entries if entry.stage is not Stage.NOTIFIED][-1].report

    @property
    def controls(self) -> set[str]:
        """The controls that found a drift."""
        return {finding.control for finding in self.report.findings}


class Server:
    """A server that one test has for itself, from its present state on."""

    def __init__(self, world: "World", target: Target, old: Iterable[str]) -> None:
        self._world = world
        self._old = set(old)
        self.target = target
        self.id = target.id
        self.name = target.name

    # -- Azure ----------------------------------------------------------------------------------------------------

    async def change(self, person: Person, method: str, child: str = "", properties: object = None) -> None:
        """Somebody changes something."""
        body = None if properties is None else {"properties": properties}
        await self._world.azure.call(person, method, f"{self.id}{child}", body)

    async def set(self, person: Person, parameter: str, value: str) -> None:
        """Somebody sets a server parameter."""
        properties = {"value": value, "source": "user-override"}
        await self.change(person, "PUT", f"/configurations/{parameter}", properties)

    async def shows(self, child: str = "") -> dict[str, Any]:
        """The properties that Azure shows; empty when there is no such thing."""
        try:
            found = await self._world.azure.call(AUDITOR, "GET", f"{self.id}{child}")
        except CommandFailed as error:
            assert ": 404 " in str(error), error  # noqa: PT017 - any other refusal is a fault of the test
            return {}
        properties: dict[str, Any] = found["properties"]
        return properties

    async def is_public(self) -> bool:
        """Whether it can be reached from the internet."""
        return bool((await self.shows())["network"]["publicNetworkAccess"] == "Enabled")

    async def parameter(self, name: str) -> str:
        """The value of a server parameter."""
        return str((await self.shows(f"/configurations/{name}"))["value"])

    async def rule(self, name: str) -> tuple[str, ...]:
        """First and last address of a firewall rule, empty when there is none."""
        return tuple((await self.shows(f"/firewallRules/{name}")).values())

    async def calls(self) -> list[str]:
        """What Holdfast asked of Azure about this server since the test began, refused or not."""
        found = await self._world.azure.control("GET", "/calls")
        mine = [call for call in found["last"] if call["principal"] == "holdfast"]
        length = len(self.id)
        return [f"{call['method']} {call['path'][length:]}" for call in mine if self._is_mine(call["path"])]

    async def writes(self) -> list[str]:
        """The calls that changed something or tried to."""
        return [call for call in await self.calls() if not call.startswith("GET ")]

    async def has_been_asked(self, call: str) -> None:
        """Wait until Holdfast has made the call."""

        async def look() -> bool:
            return call in await self.calls()

        await until(look, f"{self.name} was never asked {call}")

    async def fault(self, **rule: object) -> None:
        """Let calls about this server suffer, Holdfast's if nobody else is named."""
        own = {"path": f"/{self.name}(/|$)", "principal": "holdfast", **rule}
        await self._world.azure.control("POST", "/faults", {"calls": [own]})

    async def event_fault(self, **rule: object) -> None:
        """Let events about this server suffer."""
        await self._world.azure.control("POST", "/faults", {"events": [{"subject": f"/{self.name}", **rule}]})

    # -- Holdfast -------------------------------------------------------------------------------------------------

    async def records(self) -> list[Record]:
        """The records since the test began, oldest first."""
        entries = await self._world.store.history(self.target, 500)
        grouped: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.record not in self._old:
                grouped.setdefault(entry.record, []).append(entry)
        return [Record(tuple(grouped[key])) for key in sorted(grouped)]

    async def record(self, stage: Stage) -> Record:
        """The first record with this stage, once everybody has been told."""

        async def look() -> list[Record]:
            # the outbox first: once it is empty, the record says who was told
            waiting = (await self._world.store.load(self.target)).outbox
            return [] if waiting else [record for record in await self.records() if stage in record.stages]

        await self.reaches(stage)
        (record, *_) = await until(look, f"{self.name}: not everybody was told of what is {stage}")
        return record

    async def reaches(self, stage: Stage) -> None:
        """Wait for the stage, and for nothing else."""

        async def look() -> bool:
            return any(stage in record.stages for record in await self.records())

        await until(look, f"{self.name} has no record that is {stage}")

    async def proven(self, count: int) -> None:
        """Wait until so many records are proven."""

        async def look() -> bool:
            return len([record for record in await self.records() if Stage.PROVEN in record.stages]) >= count

        await until(look, f"{self.name} has fewer than {count} records that are proven")

    async def waiting_notices(self) -> tuple[Notice, ...]:
        """What could not be told yet, once it was tried."""

        async def look() -> tuple[Notice, ...]:
            outbox = (await self._world.store.load(self.target)).outbox
            return tuple(notice for notice in outbox if notice.attempts)

        return await until(look, f"{self.name}: no notice waits")

    async def nothing_is_left_to_do(self) -> None:
        """Wait until all events have come, all are handled, and everybody has been told."""
        deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while left := await self._left_to_do():
            assert asyncio.get_running_loop().time() < deadline, f"{self.name} does not come to rest: {left}"
            await asyncio.sleep(0.01)

    async def _left_to_do(self) -> dict[str, object]:
        # the emulator is asked between two looks at the store: it is slower, it tells its whole history
        if left := await self._left_in_the_store():
            return left
        pending = (await self._world.azure.control("GET", "/events?settle_seconds=5"))["pending"]
        return {"events on their way": pending} if pending else await self._left_in_the_store()

    async def _left_in_the_store(self) -> dict[str, object]:
        dossier = await self._world.store.load(self.target)
        waiting = {"triggers": dossier.triggers, "open fix": dossier.memory.open, "outbox": dossier.outbox}
        return {name: thing for name, thing in waiting.items() if thing}

    @property
    def messages(self) -> list[Message]:
        """What people were told about it."""
        return self._world.inbox.about(self.name)

    @property
    def message(self) -> Message:
        """The only message about it."""
        (message,) = self.messages
        return message

    async def published(self) -> list[dict[str, Any]]:
        """What machines were told about it since the test began."""
        found = await self._world.azure.control("GET", f"/topics/{TOPIC}")
        return [
            event
            for event in found["events"]
            if event["subject"] == self.id and event["data"]["record"] not in self._old
        ]

    async def was_put_right_once(self, kills: Sequence[float] = ()) -> None:
        """It is closed, there is one record of it, and everybody was told once.

        A message on its way at one of the `kills` may be told again: nobody knows whether it arrived.
        """
        (record,) = await self.records()
        assert not await self.is_public()
        assert [stage for stage in record.stages if stage is not Stage.APPLIED] == [Stage.INTENDED, Stage.PROVEN]
        assert record.told == ["Holdfast.Remediated told to event grid, on-call"]
        assert len({event["id"] for event in await self.published()}) == 1
        first, *again = self.messages
        on_its_way = any(0 <= kill - first.at < _ON_ITS_WAY_SECONDS for kill in kills)
        assert len(again) <= on_its_way, f"{self.name} was told {1 + len(again)} times"
        assert {message.text for message in again} <= {first.text}

    def _is_mine(self, path: str) -> bool:
        return f"{path.lower()}/".startswith(f"{self.id.lower()}/")


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
        headers = {"x-functions-key": self.line["master_key"]}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.line['http']}/admin/functions/sweep", json={"input": ""}, headers=headers) as answer,
        ):
            assert answer.status == 202
        targets = await self.azure.servers(AUDITOR)

        async def done() -> bool:
            # while the function runs it is in flight; after that all it asked for waits in the store
            if await self._listings() == before or await self._in_flight(headers):
                return False
            return not any([(await self.store.load(target)).triggers for target in targets])

        await until(done, "the sweep does not end")

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
        usual = {"operation_seconds": 0.0, "retry_after_seconds": 0, "time_scale": 1.0}
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
        """The controls that `holdfast policy check` lists."""
        printed = await output(HOLDFAST, "policy", "check", policy())
        return [line.split()[0] for line in printed.splitlines() if line.startswith("  ")]

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
