"""People at the command line, against a Holdfast that runs: they look, ask, decide, stop and take back."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from shared.journal import Stage
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import SMALL, Fleet, Sort
from tests.e2e.processes import HOLDFAST, ended
from tests.e2e.server import ADA, DANA, INTERNET, Server
from tests.e2e.stacks import holdfast_up
from tests.e2e.world import World, policy

_OFFICE = ("192.0.2.10", "192.0.2.14")
_WIDE = tuple(INTERNET.values())


@dataclass(frozen=True, slots=True)
class Place:
    """A Holdfast that runs, and the file with what it printed."""

    world: World
    up: Path

    async def types(self, person: str, *words: str, code: int = 0) -> str:
        """What a person's command prints; it has to end with this code."""
        environment = {"HOLDFAST_CONNECT": str(self.up), "HOLDFAST_AS": person}
        found, printed = await ended(HOLDFAST, *words, environment=environment)
        assert found == code, printed
        return printed

    async def json(self, person: str, *words: str, code: int = 0) -> Any:
        """The same for programs."""
        return json.loads(await self.types(person, *words, "--format", "json", code=code))

    async def widened(self) -> Server:
        """A server whose office rule Dana has just opened to the internet."""
        server = await self.world.a_server(Sort.PUBLIC)
        await server.change(DANA, "PUT", "/firewallRules/office", INTERNET)
        return server


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("commands")
    fleet = Fleet(folder / "fleet.json", {**SMALL, Sort.PUBLIC: 6})
    async with holdfast_up(folder, exchanges, policy("commands.yaml"), fleet) as world:
        up = folder / "up.json"
        up.write_text(json.dumps(world.line))
        yield Place(world, up)


async def test_a_plan_is_shown_and_then_applied(place: Place) -> None:
    server = await place.world.a_server(Sort.PRIVATE)
    await server.set(DANA, "require_secure_transport", "off")
    await server.record(Stage.DETECTED)
    plan = await place.json("auditor", "plan", server.name, code=1)
    assert plan["apply_would_change"] == ["configurations/require_secure_transport"]
    assert await server.writes() == []
    applied = await place.types("ada", "apply", server.name, "--yes", "--reason", "CHG-1")
    assert "✓ put back and proven by reading again" in applied
    assert await server.parameter("require_secure_transport") == "on"
    assert "✓ nothing to do" in await place.types("auditor", "plan", server.name)


async def test_apply_works_where_no_app_answers(place: Place) -> None:
    server = await place.world.a_server(Sort.PRIVATE)
    await server.set(DANA, "require_secure_transport", "off")
    await server.record(Stage.DETECTED)
    await place.types("ada", "apply", server.name, "--yes", "--here")
    assert await server.parameter("require_secure_transport") == "on"


async def test_a_plan_that_waits_is_approved_by_somebody_else(place: Place) -> None:
    server = await place.world.an_opened_server()
    await server.record(Stage.ASKED)
    (waits,) = [one for one in await place.json("dana", "approvals", "list") if one["target"] == server.id]
    own = await place.types("ada", "approvals", "approve", waits["approval"], "--yes", code=2)
    assert "four eyes" in own
    done = await place.types("dana", "approvals", "approve", waits["approval"][-8:], "--yes")
    assert "✓ put back and proven by reading again" in done
    assert not await server.is_public()


async def test_a_plan_that_is_denied_leaves_the_server_as_it_is(place: Place) -> None:
    server = await place.world.an_opened_server()
    await server.record(Stage.ASKED)
    denied = await place.types("dana", "approvals", "deny", server.name, "--reason", "the vendor is at work")
    assert "denied by dana.fields@contoso.example: the vendor is at work" in denied
    assert await server.is_public()
    again = await place.types("dana", "approvals", "approve", server.name, "--yes", code=2)
    assert "no plan that waits is named" in again


async def test_a_hold_stops_it_and_a_release_lets_it_go_on(place: Place) -> None:
    server = await place.world.a_server(Sort.PUBLIC)
    await place.types("ada", "hold", server.name, "--reason", "migration")
    await server.change(DANA, "PUT", "/firewallRules/office", INTERNET)
    await server.record(Stage.DETECTED)
    assert await server.rule("office") == _WIDE
    await place.types("ada", "release", server.name, "--reason", "done")
    await server.record(Stage.PROVEN)
    assert await server.rule("office") == _OFFICE


async def test_an_exempt_drift_stands_until_the_exemption_ends(place: Place) -> None:
    server = await place.world.a_server(Sort.PUBLIC)
    controls = ("--control", "firewall-no-any-any", "--control", "firewall-rule-allowlist")
    owner = ("--owner", "partners@contoso.example", "--reason", "an audit", "--expires", "2h")
    await place.types("ada", "exemptions", "add", server.name, *controls, *owner)
    await server.change(DANA, "PUT", "/firewallRules/office", INTERNET)
    await server.record(Stage.DETECTED)
    assert await server.rule("office") == _WIDE
    (given,) = [one for one in await place.json("ada", "exemptions", "list") if server.name in one["scope"]]
    await place.types("ada", "exemptions", "end", given["id"])
    await server.record(Stage.PROVEN)
    assert await server.rule("office") == _OFFICE


async def test_an_undo_with_an_exemption_lasts(place: Place) -> None:
    server = await place.widened()
    record = (await server.record(Stage.PROVEN)).report.record
    undone = await place.types("ada", "undo", record, "--reason", "it was agreed", "--exempt-for", "4h", "--yes")
    assert f"✓ undoes {record}: it was agreed" in undone
    await place.world.sweep()
    assert await server.rule("office") == _WIDE
    again = await place.types("ada", "undo", record, "--reason", "it was agreed", "--yes", code=2)
    assert "everything is already as it was before this record" in again


async def test_the_whole_story_stands_in_the_record(place: Place) -> None:
    server = await place.widened()
    record = await server.record(Stage.PROVEN)
    shown = await place.types("auditor", "show", record.report.record[-8:])
    story = ("event: write of firewallrules/office", "dana.fields@contoso.example", "✓ proven", "told")
    assert [word for word in story if word not in shown] == []
    assert record.report.record[-8:] in await place.types("auditor", "history", server.name)


async def test_who_acts_has_to_say_who_they_are(place: Place) -> None:
    found, printed = await ended(HOLDFAST, "hold", "--everything", "--reason", "x", "--connect", str(place.up))
    assert found == 2
    assert "who are you? Say --as KEY" in printed
    assert await place.json(ADA.key, "holds") == []
