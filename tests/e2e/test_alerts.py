"""The playbooks that ship, alert by alert, through Defender, the doors, Azure and back; and how an answer ends."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from shared.journal import AnswerLine
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import Fleet, Sort
from tests.e2e.inbox import Message
from tests.e2e.server import ADA, AUDITOR, Server
from tests.e2e.stacks import holdfast_up
from tests.e2e.waiting import until
from tests.e2e.world import World, policy

ATTACKER = "192.0.2.12"
BLOCK, THROTTLE, LOG = "respond-block-address", "respond-throttle-connections", "respond-raise-logging"
BACKUP, LOCK, TAG = "respond-take-backup", "respond-lock-server", "respond-tag-server"
# What each alert has done at once, where logging is not what it should be already.
DONE: Mapping[str, set[str]] = {
    "BruteForce": {BLOCK, THROTTLE, LOG},
    "BruteForceValidUser": {BLOCK, THROTTLE, LOG},
    "SuccessfulBruteForce": {BLOCK, BACKUP, LOCK, LOG, TAG},
    "HarmfulApplication": {BLOCK, THROTTLE, LOG},
    "SuspiciousIpAnomaly": {BLOCK, BACKUP, LOG, TAG},
    "DomainAnomaly": {LOG},
    "CloudProviderAnomaly": {LOG},
    "GeoAnomaly": {LOG},
    "PrincipalAnomaly": {LOG},
    "DataCenterAnomaly": {LOG},
}
ASKED = {"DomainAnomaly", "CloudProviderAnomaly", "GeoAnomaly"}
_FINAL = ("done", "asked", "told", "nothing to do", "not possible", "failed")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def alarmed(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A running Holdfast whose policy answers alerts."""
    folder: Path = tmp_path_factory.mktemp("alarmed")
    fleet = Fleet(folder / "fleet.json", {Sort.PUBLIC: len(DONE) + 2})
    async with holdfast_up(folder, exchanges, policy("alerts.yaml"), fleet) as world:
        yield world


async def raised(world: World, server: Server, kind: str, **given: object) -> dict[str, Any]:
    return await world.azure.raise_alert(server.target, kind, address=ATTACKER, **given)


async def answers(world: World, server: Server) -> dict[str, AnswerLine]:
    """What became of each response, as soon as all have come to something."""

    async def look() -> dict[str, AnswerLine]:
        told = [entry.report for entry in await world.store.history(server.target, 500) if entry.report.answers]
        found = {line.response: line for line in told[-1].answers} if told else {}
        dossier = await world.store.load(server.target)
        quiet = not dossier.triggers and dossier.memory.open is None and not dossier.outbox
        return found if quiet and all(line.course in _FINAL for line in found.values()) else {}

    return await until(look, f"{server.name}: the alert is not answered")


async def lets_the_attacker_in(world: World, server: Server) -> bool:
    rules = await world.azure.call(AUDITOR, "GET", f"{server.id}/firewallRules")
    ranges = [one["properties"] for one in rules["value"]]
    return any(_number(one["startIpAddress"]) <= _number(ATTACKER) <= _number(one["endIpAddress"]) for one in ranges)


def _messages(world: World, server: Server) -> Callable[[], Awaitable[list[Message]]]:
    async def look() -> list[Message]:
        return [one for one in world.inbox.messages if f", {server.name}:" in one.title]

    return look


def _number(address: str) -> tuple[int, ...]:
    return tuple(map(int, address.split(".")))


@pytest.mark.parametrize("kind", DONE)
async def test_each_alert_is_answered_by_the_playbook_that_ships_for_it(alarmed: World, kind: str) -> None:
    server = await alarmed.a_server(Sort.PUBLIC)
    alert = await raised(alarmed, server, kind)
    found = await answers(alarmed, server)
    courses = {name: line.course for name, line in found.items()}
    done = {name for name, course in courses.items() if course == "done"}
    assert done | {LOG} == DONE[kind] | {LOG}, courses
    assert courses[LOG] in ("done", "nothing to do")
    assert await lets_the_attacker_in(alarmed, server) is (BLOCK not in DONE[kind])
    assert (courses.get(BLOCK) == "asked") is (kind in ASKED)
    if BACKUP in done:
        backups = await alarmed.azure.call(AUDITOR, "GET", f"{server.id}/backups")
        assert [one for one in backups["value"] if one["properties"]["backupType"] == "Customer On-Demand"] != []
    if done:

        async def in_step() -> bool:
            shown = await alarmed.azure.call(ADA, "GET", alert["id"], api_version="2022-01-01")
            return shown["properties"]["status"] in ("Resolved", "InProgress")

        assert await until(in_step, "Defender is not told")


async def test_a_sample_alert_is_told_and_changes_nothing(alarmed: World) -> None:
    server = await alarmed.a_server(Sort.PUBLIC)
    await raised(alarmed, server, "SuccessfulBruteForce", sample=True)
    await answers(alarmed, server)
    assert await server.writes() == []
    assert await lets_the_attacker_in(alarmed, server)
    (message,) = await until(_messages(alarmed, server), "nobody is told of the sample")
    assert "sample" in message.text.lower()


async def test_what_is_temporary_ends_when_somebody_dismisses_the_alert(alarmed: World) -> None:
    server = await alarmed.a_server(Sort.PUBLIC)
    alert = await raised(alarmed, server, "BruteForce")
    await answers(alarmed, server)
    assert not await lets_the_attacker_in(alarmed, server)
    await alarmed.azure.call(ADA, "POST", f"{alert['id']}/dismiss", api_version="2022-01-01")

    async def back() -> bool:
        rules = await alarmed.azure.call(AUDITOR, "GET", f"{server.id}/firewallRules")
        names = sorted(one["name"] for one in rules["value"])
        return names == ["gateway", "office"] and await server.rule("office") == ("192.0.2.10", "192.0.2.14")

    await until(back, "the rules are not as they were")
