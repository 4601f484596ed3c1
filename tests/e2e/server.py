"""One server as the tests see it: what Azure shows of it, what Holdfast did about it, who was told."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cli.azure import Person
from cli.errors import CommandFailed
from shared.journal import Entry, Notice, Stage
from shared.target import Target
from tests.e2e.inbox import Message
from tests.e2e.record import Record
from tests.e2e.waiting import PATIENCE_SECONDS, until

if TYPE_CHECKING:
    from tests.e2e.world import World

ADA, DANA, PIPELINE, AUDITOR = (Person(key) for key in ("ada", "dana", "pipeline", "auditor"))
TOPIC = "holdfast-events"
OPENED = {"network": {"publicNetworkAccess": "Enabled"}}
INTERNET = {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}
_ON_ITS_WAY_SECONDS = 0.5


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

    async def tag(self, person: Person, **tags: str) -> None:
        """Somebody gives it these tags, and no others."""
        await self._world.azure.call(person, "PATCH", self.id, {"tags": tags})

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

    async def parameter(self, name: str, where: str = "/configurations") -> str:
        """The value of a server parameter."""
        return str((await self.shows(f"{where}/{name}"))["value"])

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
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
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

        A message on its way at one of the `kills` may be told again: nobody knows whether it arrived. Once for each.
        """
        (record,) = await self.records()
        assert not await self.is_public()
        assert [stage for stage in record.stages if stage is not Stage.APPLIED] == [Stage.INTENDED, Stage.PROVEN]
        assert record.told == ["Holdfast.Remediated told to event grid, on-call"]
        assert len({event["id"] for event in await self.published()}) == 1
        told = [message.at for message in self.messages]
        on_its_way = [kill for kill in kills if any(0 <= kill - at < _ON_ITS_WAY_SECONDS for at in told)]
        assert 1 <= len(told) <= 1 + len(on_its_way), f"{self.name} was told {len(told)} times"
        assert len({message.text for message in self.messages}) == 1

    def _is_mine(self, path: str) -> bool:
        return f"{path.lower()}/".startswith(f"{self.id.lower()}/")
