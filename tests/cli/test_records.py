"""`holdfast history` and `show`: the whole chain from the event to who was told."""

import json

import pytest

from shared import scribe
from shared.journal import Entry, Stage
from shared.policy import Mode
from shared.state import Setting, SettingKind
from tests.builders import STRANGER
from tests.cli.terminal import ADA, Printed, Terminal, a_public_world
from tests.engine.world import APP, INTERNET, RULE, World


async def _mended() -> World:
    """Dana has widened a rule, Holdfast has put it back, and a chat was told."""
    world = a_public_world()
    await world.baseline()
    await world.change(RULE, INTERNET)
    for notice in (await world.store.load(world.target)).outbox:
        report = notice.report
        told = scribe.entry(report, notice.number + 1, Stage.NOTIFIED, world.clock(), f"{notice.kind} told to chat")
        await world.store.finish_notice(world.target, notice, told)
    return world


async def _type(world: World, *words: str, width: int = 100) -> Printed:
    return await Terminal(world, width=width).types(*words)


async def _proven(world: World) -> Entry:
    return next(entry for entry in await world.entries() if entry.stage is Stage.PROVEN)


async def test_the_history_says_what_was_put_back_and_whose_change_it_was() -> None:
    world = await _mended()
    printed = await _type(world, "history")
    record = (await _proven(world)).record[-8:]
    assert printed.code == 0
    words = (record, "✓ proven", "pg-payments", "0.0.0.0-255.255.255.255 → 203.0.113.10", "dana.fields@contoso.example")
    assert printed.lacks(*words) == []


async def test_the_history_of_one_server_by_its_name() -> None:
    assert (await _type(await _mended(), "history", "pg-payments")).lacks("✓ proven") == []


async def test_a_server_to_which_nothing_happened() -> None:
    assert (await _type(World(), "history", "pg-payments")).lacks("Nothing has happened to pg-payments.") == []


async def test_a_record_shows_the_whole_chain() -> None:
    world = await _mended()
    printed = await _type(world, "show", (await _proven(world)).record)
    words = (
        "event: write of firewallrules/app",
        "who dana.fields@contoso.example (user) from 198.51.100.23",
        "● critical No firewall rule opens the server to the whole Internet",
        "decision put back: the policy says enforce for firewall-no-any-any",
        "plan firewallRules/app: 0.0.0.0-255.255.255.255 → 203.0.113.10, the last known good value",
        "… begun the intent is stored before the first write",
        "✓ proven put back and proven by reading again",
        "told Holdfast.Remediated told to chat",
    )
    assert printed.lacks(*words) == []


async def test_programs_get_all_of_it() -> None:
    world = await _mended()
    found = (await _type(world, "show", (await _proven(world)).record, "--format", "json")).json
    assert [entry["stage"] for entry in found["entries"]] == ["intended", "proven", "notified"]
    (line,) = (await _type(world, "history", "--format", "json")).json
    assert line["record"] == found["record"]
    assert line["told"] == ["Holdfast.Remediated told to chat"]


@pytest.mark.parametrize("part", [slice(-8, None), slice(-4, None), slice(0, 20)])
async def test_a_record_is_found_by_a_part_that_only_it_has(part: slice) -> None:
    world = await _mended()
    record = (await _proven(world)).record
    assert (await _type(world, "show", record[part])).lacks(record) == []


async def test_a_part_that_several_have_gets_the_list_of_them() -> None:
    world = await _mended()
    await world.change(RULE, {**APP, "endIpAddress": "203.0.113.200"})
    records = sorted({entry.record for entry in await world.entries()})
    printed = await _type(world, "show", records[0][:4])
    assert printed.code == 2
    assert printed.lacks("2 records fit", *records) == []


@pytest.mark.parametrize(("text", "said"), [("zz", "wanted a record's id"), ("abcd", "begins or ends with")])
async def test_what_names_no_record_is_refused(text: str, said: str) -> None:
    printed = await _type(await _mended(), "show", text)
    assert printed.code == 2
    assert printed.lacks(said) == []


async def test_a_whole_id_that_does_not_exist() -> None:
    assert (await _type(World(), "show", STRANGER)).lacks(f"there is no record {STRANGER}") == []


async def test_an_asked_for_plan_and_its_carrying_out_name_each_other() -> None:
    world = a_public_world(Mode.APPROVE)
    await world.baseline()
    await world.change(RULE, INTERNET)
    asked = (await world.store.load(world.target)).memory.approvals[0].id
    await Terminal(world, who=ADA).types("apply", "pg-payments", "--yes")
    printed = await _type(world, "show", asked)
    assert printed.code == 0
    assert printed.lacks("? asked", "waits for a decision until", "● decided withdrawn") == []


@pytest.mark.parametrize("width", [80, 120])
async def test_nothing_is_wider_than_the_screen_but_ids(width: int) -> None:
    world = await _mended()
    for words in (("history",), ("show", (await _proven(world)).record)):
        lines = (await _type(world, *words, width=width)).text.splitlines()
        assert [line for line in lines if len(line) > width and not line.startswith("/")] == []


async def test_a_rule_with_a_hostile_name_cannot_command_the_terminal() -> None:
    world = a_public_world()
    await world.baseline()
    await world.change(Setting(SettingKind.FIREWALL_RULE, "x\x1b[2J"), INTERNET)
    printed = await _type(world, "history")
    assert printed.lacks("firewallRules/x") == []
    assert "\x1b" not in printed.text


async def test_json_has_no_colours_and_is_not_wrapped() -> None:
    printed = await _type(await _mended(), "history", "--format", "json", width=20)
    assert json.loads(printed.text)[0]["target"].endswith("pg-payments")
