"""`holdfast plan`: what would be done, why, and with what; nothing is written."""

import pytest

from remediators.server_facts import Regions
from shared.errors import Unreachable
from shared.orders import Hold
from shared.policy import ControlPolicy, Mode, Policy
from shared.standing import change_orders
from shared.state import FacetKind, Setting
from tests.builders import NOON, a_policy, a_rule, a_server, a_state
from tests.cli.terminal import Printed, Terminal
from tests.engine.world import INTERNET, RULE, World
from tests.good_neighbours import VAULT

_SERVER = "Microsoft.DBforPostgreSQL/flexibleServers"


async def _widened(mode: Mode = Mode.ENFORCE) -> World:
    """Somebody has widened a rule, and Holdfast has not looked yet."""
    world = World(a_state(server=a_server(public_access=True)), policy=a_policy(mode))
    await world.baseline()
    world.arm.set(world.target, RULE, INTERNET)
    world.store.calls.clear()
    return world


async def _plan(world: World, *options: str, width: int = 100) -> Printed:
    return await Terminal(world, width=width).types("plan", world.target.name, *options)


async def test_a_good_server_needs_nothing() -> None:
    world = World()
    printed = await _plan(world)
    assert printed.code == 0
    assert printed.lacks("✓ nothing to do: 9 controls hold") == []


async def test_a_drift_is_shown_with_what_mends_it_and_why() -> None:
    printed = await _plan(await _widened())
    assert printed.code == 1
    assert (
        printed.lacks(
            "● critical No firewall rule opens the server to the whole Internet",
            "found 0.0.0.0-255.255.255.255, wanted absent",
            "decision put back: the policy says enforce for firewall-no-any-any",
            "~ firewallRules/app put back",
            "0.0.0.0-255.255.255.255 → 203.0.113.10, the last known good value",
            "call PUT /firewallRules/app",
            f"permission {_SERVER}/firewallRules/write",
        )
        == []
    )


async def test_nothing_is_written_anywhere() -> None:
    world = await _widened()
    await _plan(world)
    assert world.arm.writes == []
    assert set(world.store.calls) <= {"load", "document", "history"}


async def test_under_audit_it_shows_what_would_be_done_and_how_to_have_it_done() -> None:
    printed = await _plan(await _widened(Mode.AUDIT))
    assert printed.code == 1
    assert printed.lacks("only recorded: the policy says audit", "`holdfast apply pg-payments` makes") == []


async def test_what_is_held_is_not_offered() -> None:
    world = await _widened()
    hold = Hold("h1", "", "migration", "ada", NOON)
    await change_orders(world.store, lambda orders: type(orders)((hold,)))
    printed = await _plan(world)
    assert printed.code == 1
    assert printed.lacks("held by ada: migration", "`holdfast apply` would change nothing either.") == []


async def test_programs_get_the_same_as_json() -> None:
    found = (await _plan(await _widened(), "--format", "json")).json
    assert found["to_do"]
    change = next(change for change in found["changes"] if change["setting"] == "firewallRules/app")
    assert change["after"] == {"startIpAddress": "203.0.113.10", "endIpAddress": "203.0.113.10"}
    assert (change["method"], change["permission"]) == ("PUT", f"{_SERVER}/firewallRules/write")
    assert {line["control"] for line in found["findings"]} >= {"firewall-no-any-any"}


async def test_an_unknown_name_gets_the_nearest_one() -> None:
    printed = await Terminal(World()).types("plan", "pg-payment")
    assert printed.code == 2
    assert printed.lacks("no server that you can see is named 'pg-payment'; did you mean pg-payments?") == []


async def test_an_answer_that_cannot_be_given_is_not_taken_for_a_no() -> None:
    printed = await Terminal(World()).types("plan", World().target.id.replace("payments", "nowhere"))
    assert printed.code == 2
    assert printed.lacks("was not found") == []


async def test_a_name_cannot_command_the_terminal() -> None:
    world = World(a_state(firewall_rules=(a_rule("app\x1b]0;gotcha\x07", "0.0.0.0", "255.255.255.255"),)))
    printed = await _plan(world)
    assert "\x1b" not in printed.text
    assert "\x07" not in printed.text


async def test_an_error_cannot_command_the_terminal_either() -> None:
    world = World()

    def broken(_target: object, _facet: object) -> None:
        raise Unreachable("Azure says \x1b[2J")

    world.arm.on_read = broken
    printed = await _plan(world)
    assert printed.code == 2
    assert printed.lacks("Azure says \ufffd[2J") == []


@pytest.mark.parametrize("width", [80, 120])
async def test_no_line_is_wider_than_the_screen_but_the_id(width: int) -> None:
    printed = await _plan(await _widened(), width=width)
    assert [line for line in printed.text.splitlines() if len(line) > width and not line.startswith("/")] == []
    assert [line for line in printed.text.splitlines() if line != line.rstrip()] == []


async def test_what_only_a_person_can_mend_says_what_to_do() -> None:
    policy = Policy(
        controls={
            "deployment-region-allowed": ControlPolicy(mode=Mode.ENFORCE, parameters=Regions(regions=("uksouth",)))
        }
    )
    world = World(a_state(server=a_server(facts={"location": "East US"})), policy=policy)
    printed = await _plan(world, width=200)
    assert (
        printed.lacks(
            "decision told, not changed: no write can mend it, a person has to", "by hand Azure moves no server"
        )
        == []
    )
    (line,) = (await _plan(world, "--format", "json")).json["findings"]
    assert line["by_hand"].startswith("Azure moves no server")


async def test_the_request_to_what_stands_outside_is_the_one_that_is_sent() -> None:
    setting = Setting.outside(FacetKind.VAULTS, VAULT, "networkAcls.bypass")
    policy = a_policy(keyvault_network_trusted_services=Mode.ENFORCE)
    world = World(a_state(children={FacetKind.VAULTS: {VAULT: {"networkAcls.bypass": "AzureServices"}}}), policy=policy)
    world.arm.set(world.target, setting, "None")
    world.arm.set(world.target, Setting.outside(FacetKind.VAULTS, VAULT, "publicNetworkAccess"), "Disabled")
    printed = await _plan(world, width=300)
    assert printed.lacks(f"PATCH {VAULT}", "Microsoft.KeyVault/vaults/write", "vaults/vaults") == ["vaults/vaults"]
