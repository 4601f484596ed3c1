"""A policy that changes nothing: what each mode records, tells and asks. Not one write reaches Azure."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from shared.journal import Stage
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import SMALL, Fleet, Sort
from tests.e2e.server import ADA, INTERNET
from tests.e2e.stacks import holdfast_up
from tests.e2e.world import World, policy

_EVERYBODY_IN_AZURE = {"startIpAddress": "0.0.0.0", "endIpAddress": "0.0.0.0"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def watching(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("watching")
    fleet = Fleet(folder / "fleet.json", SMALL)
    async with holdfast_up(folder, exchanges, policy("modes.yaml"), fleet) as world:
        yield world


async def test_under_audit_a_drift_is_recorded_and_published_and_nobody_is_bothered(watching: World) -> None:
    server = await watching.a_server(Sort.PUBLIC)
    await server.change(ADA, "PUT", "/firewallRules/azure", _EVERYBODY_IN_AZURE)
    record = await server.record(Stage.DETECTED)
    assert [finding.verb for finding in record.report.findings] == ["record"]
    assert record.report.outcome == "nothing was changed"
    assert [event["eventType"] for event in await server.published()] == ["Holdfast.DriftDetected"]
    assert server.messages == []


async def test_under_notify_people_are_told_that_nothing_was_changed(watching: World) -> None:
    server = await watching.a_server(Sort.PRIVATE)
    await server.set(ADA, "require_secure_transport", "off")
    await server.record(Stage.DETECTED)
    assert "drifted, nothing was changed" in server.message.title


async def test_under_approve_people_are_asked(watching: World) -> None:
    server = await watching.an_opened_server()
    record = await server.record(Stage.ASKED)
    assert [(change.before, change.after) for change in record.report.changes] == [("Enabled", "Disabled")]
    assert "needs your decision" in server.message.title


async def test_a_control_that_is_off_is_not_looked_at(watching: World) -> None:
    server = await watching.a_server(Sort.PRIVATE)
    person = {"principalName": "stranger@contoso.example", "principalType": "User"}
    await server.change(ADA, "PUT", "/administrators/11111111-2222-4333-8444-555555555555", person)
    await server.nothing_is_left_to_do()
    assert await server.calls() == []
    assert await server.records() == []


async def test_a_drift_that_goes_away_by_itself_is_told_to_machines(watching: World) -> None:
    server = await watching.a_server(Sort.PUBLIC)
    await server.change(ADA, "PUT", "/firewallRules/azure", _EVERYBODY_IN_AZURE)
    await server.record(Stage.DETECTED)
    await server.change(ADA, "DELETE", "/firewallRules/azure")
    await server.record(Stage.RESOLVED)
    kinds = [event["eventType"] for event in await server.published()]
    assert kinds == ["Holdfast.DriftDetected", "Holdfast.DriftResolved"]


async def test_nothing_at_all_is_ever_written(watching: World) -> None:
    server = await watching.a_server(Sort.PUBLIC)
    await server.change(ADA, "PUT", "/firewallRules/office", INTERNET)
    await server.change(ADA, "PUT", "/firewallRules/azure", _EVERYBODY_IN_AZURE)
    await server.nothing_is_left_to_do()
    await watching.sweep()
    assert await watching.holdfasts_writes() == []
