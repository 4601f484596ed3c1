"""`holdfast replay`: an event or an alert is heard once more, from a file or from what Holdfast remembers."""

import json
from pathlib import Path

import pytest

from shared.journal import DeadLetter, Origin, Request, Stage, Wish
from shared.replay import name_of
from shared.target import FLEET
from tests.builders import a_trigger
from tests.cli.terminal import ADA, Terminal, a_public_world
from tests.engine.world import INTERNET, RULE, World
from tests.fakes.clock import START
from tests.shared.test_events import CAPTURES


@pytest.fixture
async def world() -> World:
    """A server that is seen once and then opened to the internet, without any event."""
    world = a_public_world()
    await world.baseline()
    world.arm.set(world.target, RULE, INTERNET)
    return world


def an_event(world: World) -> dict[str, object]:
    """A captured event, of a rule of this server."""
    event = json.loads(json.dumps(CAPTURES["eventgrid-firewall-rule-write"]))
    uri = f"{world.target.id}/firewallRules/app"
    event["subject"] = event["data"]["resourceUri"] = uri
    return dict(event)


def a_file(tmp_path: Path, content: object) -> str:
    path = tmp_path / "event.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def is_open(world: World) -> bool:
    return any(rule.name == "app" and rule.end == "255.255.255.255" for rule in world.state.firewall_rules or ())


async def test_a_file_with_an_event_has_the_server_looked_at_and_put_right(world: World, tmp_path: Path) -> None:
    printed = await Terminal(world).types("replay", a_file(tmp_path, an_event(world)))
    assert (printed.code, printed.lacks("pg-payments is looked at", "holdfast history pg-payments")) == (0, [])
    assert is_open(world)
    await world.run_due()
    assert not is_open(world)


async def test_a_dry_run_shows_what_would_be_done_and_writes_nothing(world: World, tmp_path: Path) -> None:
    before = await world.store.history(limit=1000)
    printed = await Terminal(world).types("replay", a_file(tmp_path, [an_event(world)]), "--dry-run")
    assert printed.code == 1
    assert printed.lacks("firewallrules/write on pg-payments", "app", "Nothing was changed") == []
    assert await world.store.history(limit=1000) == before
    assert world.store.take_due(world.store.reconcile) == []
    assert is_open(world)


async def test_a_dry_run_of_what_is_right_has_nothing_to_do(tmp_path: Path) -> None:
    world = a_public_world()
    await world.baseline()
    printed = await Terminal(world).types("replay", a_file(tmp_path, an_event(world)), "--dry-run")
    assert printed.code == 0


async def test_an_event_that_records_tell_of_is_heard_once_more(world: World) -> None:
    await world.event("firewallrules/write", "firewallrules/app", id="first")
    world.arm.set(world.target, RULE, INTERNET)
    printed = await Terminal(world).types("replay", "first")
    assert printed.code == 0
    await world.run_due()
    assert not is_open(world)


async def test_a_record_names_the_event_that_led_to_it(world: World) -> None:
    await world.event("firewallrules/write", "firewallrules/app", id="first")
    record = (await world.store.history(world.target))[0].report.record
    world.arm.set(world.target, RULE, INTERNET)
    assert (await Terminal(world).types("replay", record)).code == 0
    await world.run_due()
    assert not is_open(world)


async def test_a_dead_letter_may_be_rehearsed_before_it_is_taken_up(world: World) -> None:
    letter = DeadLetter("letter", "event", "it was Tuesday", json.dumps(an_event(world)), START)
    await world.store.bury(letter)
    printed = await Terminal(world).types("replay", name_of(letter), "--dry-run")
    assert printed.code == 1
    assert await world.store.dead_letters() == [letter]


async def test_who_wanted_it_is_recorded(world: World, tmp_path: Path) -> None:
    await Terminal(world).types("replay", a_file(tmp_path, an_event(world)))
    (entry,) = [entry for entry in await world.store.history(FLEET) if entry.stage is Stage.ORDERED]
    assert "ada.admin@contoso.example has pg-payments looked at once more" in entry.report.outcome + entry.detail


async def test_its_claims_count_for_nothing(world: World, tmp_path: Path) -> None:
    await Terminal(world).types("replay", a_file(tmp_path, an_event(world)))
    (trigger,) = (await world.store.load(world.target)).triggers
    assert not trigger.authentic
    assert trigger.id.startswith("replay:")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "a body is JSON"),
        ({"id": "x"}, "neither an event ("),
        ([], "there is none in it"),
    ],
)
async def test_what_is_neither_is_refused_with_the_reason(
    world: World, tmp_path: Path, content: object, said: str
) -> None:
    printed = await Terminal(world).types("replay", a_file(tmp_path, content))
    assert (printed.code, printed.lacks(said)) == (2, [])


async def test_what_nobody_knows_is_refused(world: World) -> None:
    printed = await Terminal(world).types("replay", "nonsense")
    assert (printed.code, printed.lacks("'nonsense' is no file, no dead letter")) == (2, [])


async def test_what_a_person_asked_for_is_not_done_a_second_time(world: World) -> None:
    request = Request(Wish.UNDO, ADA, record="none", reason="x")
    trigger = a_trigger(world.target, id="asked", origin=Origin.PERSON, request=request, received_at=world.clock())
    await world.store.remember(trigger)
    await world.run_due()
    printed = await Terminal(world).types("replay", "asked")
    assert (printed.code, printed.lacks("ask for it again instead")) == (2, [])
