"""`holdfast failover`: looked at, shown, asked; a rehearsal changes nothing."""

from typing import Any

import pytest

from shared.ports import Lag
from tests.cli.terminal import Printed, Terminal
from tests.engine.world import World
from tests.failover.builders import VE, a_primary, a_replica, named
from tests.failover.world import a_world


def _world(**more: Any) -> World:
    primary = a_primary(endpoints=VE, replicas=("pg-b", "pg-c"), **more)
    return a_world(primary, a_replica(), a_replica("pg-c", facts={"location": "northeurope"}))


async def _rehearse(world: World, *options: str) -> Printed:
    return await Terminal(world).types("failover", "pg-a", "--rehearse", *options)


async def test_a_rehearsal_shows_choice_checks_and_steps_and_says_that_it_would_go() -> None:
    world = _world()
    printed = await _rehearse(world)
    assert printed.code == 0
    lacks = printed.lacks(
        "→ pg-b clients of the virtual endpoint follow, 1 s behind, in the same region (westeurope)",
        "pg-b takes the place of pg-a by switchover: the two change places.",
        "✓ lag pg-b 1 s behind",
        "Azure promote pg-b: it restarts, connections to it break",
        "It would go. This was a rehearsal: nothing was changed.",
    )
    assert lacks == []
    assert world.arm.writes == []


async def test_what_forbids_it_comes_first_and_is_exit_code_2() -> None:
    printed = await _rehearse(_world(state="Updating"))
    assert printed.code == 2
    assert printed.lacks("✗ state pg-a", "found Updating wanted Ready", "It would not go: 1 check forbids it.") == []


async def test_a_forced_one_passes_over_that_and_says_what_is_lost() -> None:
    world = _world(state="Updating")
    world.arm.lags[named("pg-c")] = Lag(42)
    printed = await _rehearse(world, "--forced", "--to", "pg-c")
    assert printed.code == 0
    assert printed.lacks("what was written in these 42 s is lost", "● irreversible pg-c", "this promotion cannot") == []


async def test_programs_get_the_same() -> None:
    found = (await _rehearse(_world(), "--format", "json")).json
    assert (found["replica"], found["way"], found["option"]) == (named("pg-b").id, "switchover", "planned")
    assert found["goes"] is True
    assert {check["severity"] for check in found["checks"]} == {"good"}


@pytest.mark.parametrize(
    ("primary", "options", "says"),
    [
        ("pg-x", (), "no server that you can see is named 'pg-x'"),
        ("pg-a", ("--to", "pg-x"), "no server that you can see is named 'pg-x'"),
    ],
)
async def test_names_that_are_wrong_are_refused(primary: str, options: tuple[str, ...], says: str) -> None:
    printed = await Terminal(_world()).types("failover", primary, *options, "--rehearse")
    assert printed.code == 2
    assert printed.lacks(says) == []


async def test_without_replicas_there_is_nothing_to_choose() -> None:
    printed = await _rehearse(a_world(a_primary(replicas=())))
    assert printed.code == 2
    assert printed.lacks("pg-a has no read replica that could take over; one has to be made before") == []


async def test_a_server_that_is_no_replica_is_refused_by_the_checks() -> None:
    world = a_world(a_primary(endpoints=VE), a_replica(), a_primary("pg-z"))
    printed = await _rehearse(world, "--to", "pg-z")
    assert printed.code == 2
    assert printed.lacks("found it follows nobody wanted a replica of pg-a") == []
