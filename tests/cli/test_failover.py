"""`holdfast failover`: looked at, shown, asked; a rehearsal changes nothing."""

from dataclasses import replace
from typing import Any

import pytest

from shared import approvals
from shared.failover.book import Failover, Stage, failover_of
from shared.journal import Actor
from shared.policy import FailoverRules, Mode
from shared.ports import Accepted, Lag, Progress
from tests.builders import a_policy
from tests.cli.terminal import ADA, Printed, Terminal
from tests.engine.world import INTERNET, RULE, World
from tests.failover.builders import VE, a_primary, a_replica, named
from tests.failover.world import a_world

IVO = Actor("ivo.keller@contoso.example", "i" * 8, kind="user")


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
        "pg-b takes the place of pg-a (switchover): the two change places.",
        "✓ lag pg-b 1 s behind",
        "Plan for pg-b: 1 change in 1 request, needs a restart of the server",
        "AsyncReplica of …/pg-a → Primary (Switchover, Planned), because a person asks",
        "permission Microsoft.DBforPostgreSQL/flexibleServers/write",
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


# -- doing it ---------------------------------------------------------------------------------------------------------


async def _fail_over(world: World, *options: str, **terminal: Any) -> Printed:
    words = ("failover", "pg-a", "--reason", "CHG-7", *options)
    return await Terminal(world, **terminal).types(*words)


async def test_after_a_yes_it_is_done_step_by_step_and_proven() -> None:
    world = _world()
    terminal = Terminal(world, answers=[True])
    printed = await terminal.types("failover", "pg-a", "--reason", "CHG-7")
    assert printed.code == 0
    assert terminal.questions == [f"Connections break. Let pg-b take the place of pg-a, as {ADA.name}?"]
    lacks = printed.lacks(
        f"{ADA.name} said yes",
        "asks Azure to promote",
        "pg-b follows nobody any more: proven by reading again",
        "✓ pg-b has taken the place of pg-a in",
        "tells the whole story",
    )
    assert lacks == []
    assert world.arm.writes == ["replication"]


async def test_after_a_no_nothing_is_begun() -> None:
    world = _world()
    printed = await _fail_over(world, answers=[False])
    assert printed.code == 1
    assert await failover_of(world.store, named("pg-a")) is None


async def test_it_needs_a_reason_and_a_yes() -> None:
    world = _world()
    unreasoned = await Terminal(world).types("failover", "pg-a", "--yes")
    assert unreasoned.code == 2
    assert unreasoned.lacks("a failover needs a reason: say --reason") == []
    unasked = await _fail_over(world)
    assert unasked.code == 2
    assert unasked.lacks("nobody can be asked here: no terminal") == []
    assert world.arm.writes == []


async def test_what_the_checks_forbid_is_not_even_asked() -> None:
    world = _world(locks={"keep": "ReadOnly"})
    printed = await _fail_over(world, "--yes", "--forced")
    assert printed.code == 2
    assert (
        printed.lacks("It does not go: 1 check forbids it. Nothing was changed.", "pg-c could, named with --to") == []
    )
    assert world.arm.writes == []


async def test_what_cannot_be_taken_back_says_so_before_and_tells_what_is_left_after() -> None:
    world = a_world(a_primary(), a_replica())
    terminal = Terminal(world, answers=[True])
    printed = await terminal.types("failover", "pg-a", "--forced", "--reason", "the region is gone")
    assert printed.code == 0
    assert "What the replica has not got is lost. It cannot be taken back." in terminal.questions[0]
    assert printed.lacks("What is left for people", "● old-primary pg-a found it still takes writes") == []


async def test_a_command_that_was_killed_is_taken_up_again_and_promotes_once() -> None:
    world = _world()
    waited = await _fail_over(world, "--yes", "--wait", "0", app_runs=False)
    assert waited.code == 1
    assert waited.lacks("goes on; `holdfast failover pg-a` shows how far it is") == []
    printed = await Terminal(world).types("failover", "pg-a")
    assert printed.code == 0
    assert printed.lacks("Under way: switchover of pg-a to pg-b, planned", "because: CHG-7", "✓ pg-b has taken") == []
    assert world.arm.writes == ["replication"]


async def test_who_comes_back_after_its_end_is_told_how_it_ended() -> None:
    world = _world()
    await _fail_over(world, "--yes")
    printed = await Terminal(world).types("failover", "pg-a")
    assert printed.code == 0
    assert printed.lacks("Failover: switchover of pg-a to pg-b, planned", "✓ pg-b has taken the place of pg-a") == []
    refused = await Terminal(world).types("failover", "pg-a", "--to", "pg-c")
    assert refused.code == 2
    assert world.arm.writes == ["replication"]


async def test_another_one_meanwhile_is_refused() -> None:
    world = _world()
    await _fail_over(world, "--yes", "--wait", "0", app_runs=False)
    printed = await _fail_over(world, "--yes", "--to", "pg-c")
    assert printed.code == 2
    assert printed.lacks("switchover of pg-a to pg-b, planned is under way; wait for its end") == []


async def test_here_it_is_done_by_this_process() -> None:
    world = _world()
    printed = await _fail_over(world, "--yes", "--here", app_runs=False)
    assert printed.code == 0


async def test_a_promotion_that_fails_half_way_says_what_is_and_what_to_do() -> None:
    world = _world()
    world.arm.ignore_writes = True
    world.arm.accepted = Accepted("https://arm/operation?t=1", 0)
    world.arm.operations = [Progress(True, "ReplicationBroken: the log is gone")]
    printed = await _fail_over(world, "--yes")
    assert printed.code == 1
    says = "✗ Azure accepted the change and then failed it: ReplicationBroken: the log is gone. Now: pg-a follows"
    assert printed.lacks(says, "Next: clients are served by pg-a as before") == []


async def test_programs_get_the_steps_and_what_is_left() -> None:
    found = (await _fail_over(_world(), "--yes", "--format", "json")).json
    assert (found["stage"], found["way"], found["reason"]) == ("done", "switchover", "CHG-7")
    assert len(found["steps"]) == 4
    assert {check["severity"] for check in found["afterwards"]} == {"good"}


async def test_with_an_approval_somebody_else_has_to_say_yes() -> None:
    rules = FailoverRules(approval=True)
    world = a_world(a_primary(endpoints=VE), a_replica(), policy=replace(a_policy(Mode.AUDIT), failover=rules))
    printed = await _fail_over(world, "--yes")
    assert printed.code == 1
    assert printed.lacks("waits for an approval: `holdfast approvals approve") == []
    (waits,) = await approvals.waiting(world.store)
    for who, verdict in ((ADA, "refused"), (IVO, "done")):
        ruled = await Terminal(world, who=who).types("approvals", "approve", waits.approval.id, "--yes")
        assert (ruled.code == 2) is (verdict == "refused")
    assert (await _book(world)).stage is Stage.DONE
    assert world.arm.writes == ["replication"]
    assert await approvals.waiting(world.store) == []


async def test_a_failover_that_is_denied_is_over() -> None:
    policy = replace(a_policy(Mode.AUDIT), failover=FailoverRules(approval=True))
    world = a_world(a_primary(endpoints=VE), a_replica(), policy=policy)
    await _fail_over(world, "--yes")
    (waits,) = await approvals.waiting(world.store)
    await Terminal(world, who=IVO).types("approvals", "deny", waits.approval.id, "--reason", "not tonight")
    await world.run_due()
    assert (await _book(world)).error.startswith(f"denied by {IVO.name}: not tonight")
    assert world.arm.writes == []


async def test_while_it_waits_for_an_approval_the_replica_is_looked_after() -> None:
    policy = replace(a_policy(), failover=FailoverRules(approval=True))
    world = a_world(a_primary(endpoints=VE), a_replica(), policy=policy)
    world.target = named("pg-b")
    await world.baseline()
    await _fail_over(world, "--yes")
    await world.change(RULE, INTERNET)
    assert "firewallRules/app" in world.arm.writes
    assert len(await approvals.waiting(world.store)) >= 1
    assert (await _book(world)).stage is Stage.ASKED


async def test_a_switchover_is_taken_back_by_another_one() -> None:
    world = _world()
    await _fail_over(world, "--yes")
    record = (await _book(world)).record
    printed = await Terminal(world).types("undo", record, "--reason", "all is well again", "--yes")
    assert printed.code == 0
    assert printed.lacks("pg-a takes the place of pg-b (switchover)", "✓ pg-a has taken the place of pg-b") == []
    back = await failover_of(world.store, named("pg-b"))
    assert back is not None
    assert back.reason == f"undoes {record}: all is well again"


async def test_a_switch_back_passes_the_same_checks() -> None:
    world = _world()
    await _fail_over(world, "--yes")
    world.arm.lags[named("pg-a")] = Lag(9000)
    printed = await Terminal(world).types("undo", (await _book(world)).record, "--reason", "back", "--yes")
    assert printed.code == 2
    assert printed.lacks("✗ lag pg-a found 9000 s behind") == []


async def test_what_stands_alone_is_not_taken_back() -> None:
    world = a_world(a_primary(), a_replica())
    await _fail_over(world, "--yes")
    printed = await Terminal(world).types("undo", (await _book(world)).record, "--reason", "back", "--yes")
    assert printed.code == 2
    assert printed.lacks("this promotion cannot be taken back", "make a new replica of pg-b") == []


async def _book(world: World) -> Failover:
    found = await failover_of(world.store, named("pg-a"))
    assert found is not None
    return found
