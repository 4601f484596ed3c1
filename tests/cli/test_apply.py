"""`holdfast apply`: exactly what was shown and confirmed is done, by the app, or nothing is."""

from shared.journal import Stage
from shared.orders import Hold, Orders
from shared.policy import Mode
from shared.standing import change_orders
from tests.builders import NOON, a_server, a_state
from tests.cli.terminal import ADA, Printed, Terminal, a_public_world
from tests.engine.world import APP, INTERNET, RULE, TLS, World, rules

_GOOD = {"app": (APP["startIpAddress"], APP["endIpAddress"])}


async def _widened(mode: Mode = Mode.AUDIT) -> World:
    world = a_public_world(mode)
    await world.baseline()
    world.arm.set(world.target, RULE, INTERNET)
    return world


async def _apply(world: World, *options: str, **terminal: object) -> Printed:
    return await Terminal(world, **terminal).types("apply", world.target.name, *options)  # type: ignore[arg-type]


async def test_after_a_yes_it_is_put_back_and_proven() -> None:
    world = await _widened()
    terminal = Terminal(world, answers=[True])
    printed = await terminal.types("apply", "pg-payments", "--control", "firewall-no-any-any", "--reason", "CHG-7")
    assert printed.code == 0
    assert rules(world.state) == _GOOD
    assert terminal.questions[0].strip() == f"Make this change on pg-payments, as {ADA.name}?"
    assert printed.lacks("✓ put back and proven by reading again", "0.0.0.0-255.255.255.255 → 203.0.113.10") == []


async def test_the_record_says_who_asked_and_why() -> None:
    world = await _widened()
    await _apply(world, "--control", "firewall-no-any-any", "--reason", "CHG-7", "--yes")
    entry = next(entry for entry in await world.entries() if entry.stage is Stage.PROVEN)
    assert entry.report.findings[0].reason == f"asked for by {ADA.name} (CHG-7)"


async def test_after_a_no_nothing_is_asked_for() -> None:
    world = await _widened()
    printed = await _apply(world, answers=[False])
    assert printed.code == 1
    assert printed.lacks("Nothing was changed.") == []
    assert (await world.store.load(world.target)).triggers == ()


async def test_where_nobody_can_be_asked_it_wants_a_yes_beforehand() -> None:
    world = await _widened()
    printed = await _apply(world)
    assert printed.code == 2
    assert printed.lacks("nobody can be asked here: no terminal; look at the plan, then say --yes") == []
    assert world.arm.writes == []


async def test_a_risk_stands_in_the_question() -> None:
    world = World(a_state(server=a_server(public_access=True, approved_endpoints=0)))
    terminal = Terminal(world, answers=[False])
    await terminal.types("apply", "pg-payments", "--control", "public-network-access-disabled")
    assert terminal.questions == [
        f"\nIt closes the only way into the server. Make this change on pg-payments, as {ADA.name}?"
    ]


async def test_only_the_control_that_was_named_is_mended() -> None:
    world = await _widened()
    world.arm.set(world.target, TLS, "off")
    await _apply(world, "--control", "tls-required", "--yes")
    assert world.arm.writes == [str(TLS)]


async def test_a_good_server_is_left_alone() -> None:
    world = World()
    printed = await _apply(world, "--yes")
    assert printed.code == 0
    assert printed.lacks("✓ nothing to do") == []
    assert world.arm.writes == []


async def test_a_hold_is_stronger_than_a_wish() -> None:
    world = await _widened()
    await change_orders(world.store, lambda _: Orders((Hold("h1", "", "migration", "ada", NOON),)))
    printed = await _apply(world, "--yes")
    assert printed.code == 2
    assert printed.lacks("held by ada: migration", "nothing of this is changed because somebody asks") == []
    assert world.arm.writes == []


async def test_a_hold_that_comes_meanwhile_is_the_answer() -> None:
    world = await _widened()

    async def held() -> None:
        await change_orders(world.store, lambda _: Orders((Hold("h1", "", "migration", "dana", NOON),)))

    terminal = Terminal(world, answers=[True], before_waiting=held)
    printed = await terminal.types("apply", "pg-payments", "--control", "firewall-no-any-any")
    assert printed.code == 2
    assert printed.lacks("✗ not done: held by dana: migration") == []


async def test_a_plan_that_is_not_the_plan_any_more_is_not_carried_out() -> None:
    world = await _widened()

    async def somebody_else_mends_it() -> None:
        world.arm.set(world.target, RULE, APP)

    terminal = Terminal(world, answers=[True], before_waiting=somebody_else_mends_it)
    printed = await terminal.types("apply", "pg-payments", "--control", "firewall-no-any-any")
    assert printed.code == 2
    assert printed.lacks("this is not the plan any more") == []
    assert world.arm.writes == []


async def test_without_an_app_it_says_so_and_the_wish_stands() -> None:
    world = await _widened()
    printed = await _apply(world, "--yes", "--wait", "40", app_runs=False)
    assert printed.code == 1
    assert printed.lacks("No answer for 30 s: does the app run?", "not answered within 40 s") == []
    await world.run_due()
    assert rules(world.state) == _GOOD


async def test_here_does_it_in_this_process() -> None:
    world = await _widened()
    printed = await _apply(world, "--control", "firewall-no-any-any", "--yes", "--here", app_runs=False)
    assert printed.code == 0
    assert rules(world.state) == _GOOD


async def test_an_unknown_control_gets_the_nearest_one() -> None:
    printed = await _apply(World(), "--control", "tls-requird")
    assert printed.code == 2
    assert printed.lacks("no control is named 'tls-requird'; did you mean tls-required?") == []
