"""A primary and its replica in the emulated Azure, and a person's failover of them at the command line."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cli.azure import Person
from shared.failover.book import Failover, Stage, failover_of
from shared.target import Kind, Target
from tests.e2e.fleet import Sort
from tests.e2e.processes import HOLDFAST, ended
from tests.e2e.record import Record
from tests.e2e.server import ADA, Server
from tests.e2e.waiting import until
from tests.e2e.world import World, policy

_SOURCES = {
    Kind.FLEXIBLE: {"createMode": "Replica", "sourceServerResourceId": ""},
    Kind.SINGLE: {"createMode": "Replica", "sourceServerId": ""},
    Kind.CITUS: {"sourceResourceId": ""},
}
_RULES = {
    "office": {"startIpAddress": "192.0.2.10", "endIpAddress": "192.0.2.14"},
    "gateway": {"startIpAddress": "198.51.100.40", "endIpAddress": "198.51.100.40"},
}
LAG = "physical_replication_delay_in_seconds"


@dataclass(frozen=True, slots=True)
class Pair:
    """A primary, its replica, and the world they are in."""

    world: World
    primary: Server
    replica: Server

    async def source(self, server: Server) -> str:
        """Whom the server follows, by name; empty where it follows nobody."""
        shown = await server.shows()
        words = ("sourceServerResourceId", "masterServerId", "sourceResourceId")
        return next((str(shown[word]).rpartition("/")[2] for word in words if shown.get(word)), "")

    async def roles(self) -> tuple[str, str]:
        """Whom the primary follows, and whom the replica."""
        return await self.source(self.primary), await self.source(self.replica)

    async def members(self, server: Server) -> list[str]:
        """The members of the virtual endpoint that is listed below the server."""
        return list((await server.shows(f"/virtualendpoints/ve-{self.primary.name}")).get("members", []))

    async def lags(self, seconds: float | None) -> None:
        """Let Azure Monitor say so from now on."""
        body = {"resource": self.replica.id, "name": LAG, "value": seconds}
        await self.world.azure.control("POST", "/metrics", body)

    async def agreed(self) -> None:
        """Wait until the app has taken it up."""

        async def look() -> bool:
            found = await failover_of(self.world.store, self.primary.target)
            return found is not None and found.stage is not Stage.ASKED

        await until(look, f"the failover of {self.primary.name} is not begun")

    async def records(self) -> list[Record]:
        """The records of promotions."""
        found = await self.replica.records()
        return [one for one in found if any(line.setting == "replication" for line in one.report.changes)]

    async def book(self) -> Failover:
        """What the book of failovers says."""
        found = await failover_of(self.world.store, self.primary.target)
        assert found is not None
        return found

    async def over(self) -> Failover:
        """The failover once it is over, and everybody has been told."""

        async def look() -> bool:
            found = await failover_of(self.world.store, self.primary.target)
            waiting = (await self.world.store.load(self.replica.target)).outbox
            return found is not None and found.over and not waiting

        await until(look, f"the failover of {self.primary.name} does not end")
        return await self.book()

    async def promotions(self) -> int:
        """How often Azure has promoted the replica, or was asked to and refused."""
        published = await self.world.azure.control("GET", "/calls")
        mine = [call for call in published["last"] if call["path"].lower().startswith(self.replica.id.lower())]
        writes = [call for call in mine if call["path"].lower() in self._places() and call["method"] in _WRITES]
        return len([call for call in writes if call["principal"] == "holdfast"])

    def _places(self) -> set[str]:
        return {self.replica.id.lower(), f"{self.replica.id.lower()}/promote"}


_WRITES = ("PATCH", "POST")


async def a_pair(world: World, sort: Sort = Sort.PUBLIC, *, endpoint: bool = True, name: str = "") -> Pair:
    """A primary with a replica that lets the same people in, and a virtual endpoint that leads to both."""
    primary = await world.a_server(sort)
    target = primary.target
    copy = Target(target.kind, target.subscription, target.resource_group, name or f"{target.name}-b")
    properties = {key: value or primary.id for key, value in _SOURCES[target.kind].items()}
    body = {"location": "westeurope", "properties": properties}
    await world.azure.call(ADA, "PUT", copy.id, body)
    replica = Server(world, copy, set())
    if sort is not Sort.CITUS:
        for rule, range_ in _RULES.items():
            await replica.change(ADA, "PUT", f"/firewallRules/{rule}", range_)
    else:
        await replica.change(ADA, "PUT", "/firewallRules/office", _RULES["office"])
    if target.kind is Kind.FLEXIBLE and endpoint:
        members = {"endpointType": "ReadWrite", "members": [copy.name]}
        await primary.change(ADA, "PUT", f"/virtualendpoints/ve-{primary.name}", members)
    for one in (primary, replica):
        await one.nothing_is_left_to_do()
    await world.azure.control("DELETE", "/calls")
    return Pair(world, primary, replica)


def at_the_desk(world: World, who: str = "ada") -> dict[str, str]:
    """The environment of a person's command, where no `up.json` was kept."""
    line: Mapping[str, Any] = world.line
    return {
        "SSL_CERT_FILE": line["ca"],
        "IDENTITY_ENDPOINT": line["identity_endpoint"],
        "IDENTITY_HEADER": line["principals"][who]["identity_header"],
        "HOLDFAST_ARM_ENDPOINT": line["arm"],
        "HOLDFAST_STORE": line["store"],
        "HOLDFAST_POLICY": str(policy()),
    }


async def fail_over(pair: Pair, *options: str, code: int = 0, who: str = "ada") -> str:
    """What the command prints; it has to end with this code."""
    words = ("failover", pair.primary.id, *options)
    found, printed = await ended(HOLDFAST, *words, environment=at_the_desk(pair.world, who))
    assert found == code, printed
    return printed


async def take_back(pair: Pair, record: str) -> str:
    """What `holdfast undo` prints; it has to end well."""
    words = ("undo", record, "--yes", "--reason", "the move is over")
    found, printed = await ended(HOLDFAST, *words, environment=at_the_desk(pair.world))
    assert found == 0, printed
    return printed


async def begun(pair: Pair, *options: str) -> asyncio.subprocess.Process:
    """The command, running."""
    words = ("failover", pair.primary.id, "--yes", "--reason", "CHG-7", *options)
    environment = {"PATH": "/usr/bin", "NO_COLOR": "1", **at_the_desk(pair.world)}
    return await asyncio.create_subprocess_exec(
        str(HOLDFAST), *words, env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )


async def asked_by(world: World, person: Person | str) -> list[str]:
    """The methods of every call of this person since the emulator last forgot its calls."""
    found = (await world.azure.control("GET", "/calls"))["last"]
    key = person if isinstance(person, str) else person.key
    return [call["method"] for call in found if call["principal"] == key and "ResourceGraph" not in call["path"]]


def plain(printed: str) -> Any:
    """The answer for programs."""
    return json.loads(printed)
