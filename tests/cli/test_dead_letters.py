"""`holdfast dead-letters ...`: seen, taken up again, thrown away; and who did it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.journal import DeadLetter, Notice, NoticeKind, Report, Stage, encode
from shared.replay import name_of
from shared.target import FLEET
from shared.usage import enlist
from tests.cli.terminal import Printed, Terminal
from tests.engine.world import World
from tests.fakes.clock import START
from tests.shared.test_events import CAPTURES
from tests.shared.test_events_outside import role_gone
from tests.shared.test_usage import KEY

GOOD = json.dumps(CAPTURES["eventgrid-firewall-rule-write"])
BAD = '{"id": "x"}'


def a_letter(source: str, body: str, id_: str = "letter", minutes: int = 0) -> DeadLetter:
    return DeadLetter(id_, source, "it was Tuesday", body, START + timedelta(minutes=minutes))


async def a_world(*letters: DeadLetter) -> World:
    world = World()
    for letter in letters:
        await world.store.bury(letter)
    return world


async def types(world: World, *words: str) -> Printed:
    return await Terminal(world).types("dead-letters", *words)


async def left(world: World) -> list[str]:
    return [letter.id for letter in await world.store.dead_letters()]


async def fleet_entries(world: World) -> list[str]:
    return [entry.detail for entry in await world.store.history(FLEET) if entry.stage is Stage.ORDERED]


async def test_where_everything_could_be_handled() -> None:
    assert (await types(World(), "list")).lacks("Everything could be handled.") == []


async def test_the_list_names_each_letter_and_says_why() -> None:
    letter = a_letter("event", BAD)
    printed = await types(await a_world(letter), "list")
    assert printed.lacks(name_of(letter), "event", "it was Tuesday", '{"id"') == []


@pytest.mark.parametrize("command", ["list", "show"])
async def test_a_letter_cannot_command_the_terminal(command: str) -> None:
    letter = a_letter("event", "\x1b[2J\u202e<script>")
    printed = await types(await a_world(letter), command, *([name_of(letter)] if command == "show" else []))
    assert printed.lacks("script") == []
    assert {"\x1b", "\u202e"} & set(printed.text) == set()


async def test_the_list_of_one_source() -> None:
    world = await a_world(a_letter("event", GOOD, "a"), a_letter("deliver", "{}", "b", 1))
    printed = await types(world, "list", "--from", "event", "--format", "json")
    assert [one["id"] for one in json.loads(printed.text)] == ["a"]


async def test_one_letter_whole() -> None:
    letter = a_letter("event", GOOD)
    printed = await types(await a_world(letter), "show", name_of(letter)[:5])
    assert printed.lacks("it was Tuesday", '"eventType": "Microsoft.Resources.ResourceWriteSuccess"') == []


async def test_an_event_is_taken_up_again_as_a_reason_to_look() -> None:
    world = await a_world(a_letter("event", GOOD))
    printed = await types(world, "replay", "letter")
    assert (printed.code, await left(world)) == (0, [])
    (waking,) = world.store.reconcile
    (trigger,) = (await world.store.load(waking.target)).triggers
    assert trigger.id.startswith("replay:")
    assert not trigger.authentic
    assert [text for text in await fleet_entries(world) if "takes up the dead letter" in text] != []


async def test_what_is_as_bad_as_it_was_stays() -> None:
    world = await a_world(a_letter("event", BAD))
    printed = await types(world, "replay", "letter")
    assert (printed.code, await left(world)) == (1, ["letter"])
    assert printed.lacks("stays: it is as bad as it was") == []


async def test_a_look_that_failed_is_had_again() -> None:
    world = World()
    await world.store.bury(a_letter("reconcile", json.dumps({"target": world.target.id})))
    await types(world, "replay", "letter")
    assert (await left(world), [wake.target.id for wake in world.store.reconcile]) == ([], [world.target.id])


async def test_a_message_that_could_not_be_delivered_waits_again() -> None:
    world = World()
    report = Report("record", world.target.id, "high", START)
    notice = Notice("n", NoticeKind.REMEDIATED, report, START, delivered=frozenset({"mail"}), attempts=99)
    await world.store.bury(a_letter("notification", encode(notice).decode()))
    printed = await types(world, "replay", "letter")
    assert printed.lacks("is sent again; mail had it") == []
    (waiting,) = (await world.store.load(world.target)).outbox
    assert waiting == replace(notice, attempts=0, created_at=waiting.created_at)


async def test_all_letters_at_once() -> None:
    world = await a_world(a_letter("event", GOOD, "good"), a_letter("event", BAD, "bad", 1))
    assert (await types(world, "replay", "all")).code == 1
    assert await left(world) == ["bad"]


async def test_a_letter_is_thrown_away_with_a_reason() -> None:
    world = await a_world(a_letter("event", BAD))
    assert (await types(world, "discard", "letter")).code == 2
    assert await left(world) == ["letter"]
    assert (await types(world, "discard", "letter", "--reason", "a test of the network team")).code == 0
    assert await left(world) == []
    assert [text for text in await fleet_entries(world) if "a test of the network team" in text] != []


async def test_a_letter_that_nobody_knows() -> None:
    printed = await types(await a_world(a_letter("event", GOOD)), "show", "0000")
    assert (printed.code, printed.lacks("no dead letter is called '0000'")) == (2, [])


async def test_what_comes_by_itself_is_not_taken_up() -> None:
    world = await a_world(a_letter("poll", json.dumps({"target": FLEET.id})))
    assert (await types(world, "replay", "letter")).code == 1
    assert await left(world) == ["letter"]


@pytest.mark.parametrize(("subject", "said"), [(FLEET.id, "the sweep goes on"), ("", "gets its turn in the sweep")])
async def test_a_turn_of_the_sweep_is_taken_up_again(subject: str, said: str) -> None:
    world = World()
    await world.store.bury(a_letter("sweep", json.dumps({"target": subject or world.target.id})))
    printed = await types(world, "replay", "letter")
    assert (printed.code, printed.lacks(said)) == (0, [])
    assert [str(one.target.id) for one in world.store.sweep] == [subject or world.target.id]
    assert await left(world) == []


async def test_an_event_about_a_vault_is_taken_up_again_by_whoever_uses_it() -> None:
    world = await a_world(a_letter("event", json.dumps(role_gone())))
    assert (await types(world, "replay", "letter")).lacks("no server is known to use") == []
    await enlist(world.store, world.target, [KEY])
    assert (await types(world, "replay", "letter")).code == 0
    assert [wake.target for wake in world.store.reconcile] == [world.target]
