"""`holdfast approvals`: what was shown is what is decided about, once, by somebody who may."""

import pytest

from shared.journal import Actor
from shared.memory import Approval
from shared.policy import Mode
from tests.cli.terminal import ADA, Printed, Terminal, a_public_world
from tests.engine.world import APP, INTERNET, RULE, World, rules

DANA = Actor("dana.fields@contoso.example", "d" * 8, kind="user")
_GOOD = {"app": (APP["startIpAddress"], APP["endIpAddress"])}


async def _asked() -> World:
    """Dana has widened a rule, and the plan against it waits for somebody."""
    world = a_public_world(Mode.APPROVE)
    await world.baseline()
    await world.change(RULE, INTERNET)
    return world


async def _waiting(world: World) -> tuple[Approval, ...]:
    return (await world.store.load(world.target)).memory.approvals


async def _type(world: World, *words: str, who: Actor = ADA, answers: tuple[bool, ...] = ()) -> Printed:
    return await Terminal(world, who=who, answers=list(answers)).types("approvals", *words)


async def test_the_list_says_what_waits_since_when_and_who_caused_it() -> None:
    world = await _asked()
    (approval,) = await _waiting(world)
    printed = await _type(world, "list")
    words = (approval.id[-8:], "pg-payments critical 24 h left", "caused by dana.fields@contoso.example (user)")
    assert printed.lacks(*words, "firewallRules/app: 0.0.0.0-255.255.255.255 → 203.0.113.10") == []
    (found,) = (await _type(world, "list", "--format", "json")).json
    assert (found["approval"], found["digest"]) == (approval.id, approval.digest)


async def test_nothing_waits() -> None:
    assert (await _type(World(), "list")).lacks("Nothing waits for a decision.") == []


async def test_one_is_shown_with_all_that_it_takes() -> None:
    world = await _asked()
    (approval,) = await _waiting(world)
    printed = await _type(world, "show", approval.id[-8:])
    words = (f"approval {approval.id}", "a person is asked", "~ firewallRules/app", "call PUT /firewallRules/app")
    assert printed.lacks(*words) == []
    found = (await _type(world, "show", "pg-payments", "--format", "json")).json
    assert found["changes"][0]["method"] == "PUT"


async def test_approved_it_is_done_and_proven() -> None:
    world = await _asked()
    printed = await _type(world, "approve", "pg-payments", "--reason", "CHG-9", answers=(True,))
    assert printed.code == 0
    assert printed.lacks(f"Approved by {ADA.name}", "✓ put back and proven by reading again") == []
    assert rules(world.state) == _GOOD
    assert await _waiting(world) == ()


async def test_after_a_no_it_still_waits() -> None:
    world = await _asked()
    printed = await _type(world, "approve", "pg-payments", answers=(False,))
    assert printed.code == 1
    assert printed.lacks("Nothing was decided.") == []
    assert len(await _waiting(world)) == 1


async def test_whoever_caused_it_cannot_approve_and_is_told_before_being_asked() -> None:
    world = await _asked()
    printed = await _type(world, "approve", "pg-payments", "--yes", who=DANA)
    assert printed.code == 2
    assert printed.lacks("somebody else has to approve what is done about it (four eyes)") == []
    assert world.arm.writes == []


async def test_whoever_only_had_it_looked_at_did_not_cause_it() -> None:
    world = a_public_world(Mode.APPROVE)
    await world.baseline()
    await Terminal(world).types("hold", "pg-payments", "--reason", "migration")
    world.arm.set(world.target, RULE, INTERNET)
    await Terminal(world).types("release", "pg-payments")
    await world.run_due()
    (approval,) = await _waiting(world)
    assert approval.caused_by is None
    assert (await _type(world, "approve", "pg-payments", "--yes")).code == 0


async def test_denied_the_drift_stands_and_it_says_why() -> None:
    world = await _asked()
    printed = await _type(world, "deny", "pg-payments", "--reason", "the partner is moving")
    assert printed.code == 0
    assert printed.lacks(f"denied by {ADA.name}: the partner is moving") == []
    assert world.arm.writes == []
    assert await _waiting(world) == ()


async def test_a_denial_needs_a_reason() -> None:
    world = await _asked()
    printed = await _type(world, "deny", "pg-payments")
    assert printed.code == 2
    assert printed.lacks("a denial needs a reason") == []


async def test_a_plan_that_changed_meanwhile_is_not_carried_out() -> None:
    world = await _asked()

    async def changed_again() -> None:
        world.arm.set(world.target, RULE, {**APP, "endIpAddress": "203.0.113.200"})

    terminal = Terminal(world, answers=[True], before_waiting=changed_again)
    printed = await terminal.types("approvals", "approve", "pg-payments")
    assert printed.code == 1
    assert printed.lacks("approved by ada.admin@contoso.example, and not carried out", "not the plan any more") == []
    assert world.arm.writes == []


@pytest.mark.parametrize("name", ["ffffffff", "ab", "pg-ledger"])
async def test_what_does_not_wait_is_not_found(name: str) -> None:
    printed = await _type(await _asked(), "show", name)
    assert printed.code == 2
    assert printed.lacks(f"no plan that waits is named '{name}'") == []
