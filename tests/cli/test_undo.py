"""`holdfast undo`: what was there before comes back, for as long as somebody says, unless something came later."""

from shared.journal import Stage
from shared.orders import Hold, Orders
from shared.policy import Mode
from shared.standing import change_orders, orders_of
from tests.builders import NOON
from tests.cli.terminal import ADA, Printed, Terminal, a_public_world
from tests.engine.world import APP, INTERNET, RULE, World, rules

_WIDE = {"app": ("0.0.0.0", "255.255.255.255")}
_GOOD = {"app": (APP["startIpAddress"], APP["endIpAddress"])}


async def _mended() -> tuple[World, str]:
    """A rule was widened and put back; the record of that."""
    world = a_public_world()
    await world.baseline()
    await world.change(RULE, INTERNET)
    record = next(entry.record for entry in await world.entries() if entry.stage is Stage.PROVEN)
    return world, record


async def _undo(world: World, record: str, *options: str, answers: tuple[bool, ...] = ()) -> Printed:
    terminal = Terminal(world, answers=list(answers))
    return await terminal.types("undo", record, "--reason", "it was agreed", *options)


async def test_exempt_meanwhile_it_comes_back_and_stays() -> None:
    world, record = await _mended()
    printed = await _undo(world, record[-8:], "--exempt-for", "4h", answers=(True,))
    await world.run_due()
    assert printed.code == 0
    assert rules(world.state) == _WIDE
    words = ("203.0.113.10 → 0.0.0.0-255.255.255.255, what was there before", "lets more in than now")
    assert printed.lacks(*words, "exempt from firewall-no-any-any, firewall-rule-allowlist for 4 hours", "✓") == []
    (given,) = (await orders_of(world.store)).exemptions
    assert given.source == f"undo of {record}"


async def test_after_that_the_sweep_puts_it_right_again() -> None:
    world, record = await _mended()
    await _undo(world, record, "--exempt-for", "4h", "--yes")
    world.clock.advance(4 * 3600 + 60)
    await world.event("*", actor=None)
    assert rules(world.state) == _GOOD


async def test_without_an_exemption_it_says_that_it_will_not_last() -> None:
    world, record = await _mended()
    printed = await _undo(world, record, answers=(False,))
    assert printed.code == 1
    assert printed.lacks("without --exempt-for this is put right again at once", "Nothing was changed.") == []
    assert rules(world.state) == _GOOD


async def test_what_came_later_is_not_undone() -> None:
    world, record = await _mended()
    world.arm.set(world.target, RULE, {**APP, "endIpAddress": "203.0.113.12"})
    printed = await _undo(world, record, "--yes")
    assert printed.code == 2
    assert printed.lacks("firewallRules/app has changed since", "what came later is not undone") == []


async def test_a_record_that_wrote_nothing_has_nothing_to_undo() -> None:
    world = a_public_world(Mode.AUDIT)
    await world.baseline()
    await world.change(RULE, INTERNET)
    printed = await _undo(world, (await world.entries())[0].record, "--yes")
    assert printed.code == 2
    assert printed.lacks("this record changed nothing, so there is nothing to undo") == []


async def test_a_hold_forbids_it() -> None:
    world, record = await _mended()
    await change_orders(world.store, lambda _: Orders((Hold("h1", "", "migration", "dana", NOON),)))
    printed = await _undo(world, record, "--yes")
    assert printed.code == 2
    assert printed.lacks("✗ not done: held by dana: migration; release it first") == []


async def test_it_needs_a_reason_and_a_span_that_the_policy_allows() -> None:
    world, record = await _mended()
    without = await Terminal(world).types("undo", record, "--yes")
    too_long = await _undo(world, record, "--yes", "--exempt-for", "91d")
    assert (without.code, too_long.code) == (2, 2)
    assert without.lacks("an undo needs a reason") == []
    assert too_long.lacks("the policy allows at most 2160 hours") == []


async def test_the_records_name_each_other() -> None:
    world, record = await _mended()
    await _undo(world, record, "--exempt-for", "4h", "--yes")
    undone = next(entry for entry in await world.entries() if entry.stage is Stage.PROVEN)
    shown = await Terminal(world).types("show", undone.record)
    before = await Terminal(world).types("show", record)
    assert shown.lacks(f"undoes {record}", f"a person asked for undo of {record}: it was agreed", ADA.name) == []
    assert before.lacks(f"its undo was asked for in {undone.record}") == []
