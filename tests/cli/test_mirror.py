"""`holdfast mirror`: what differs is shown, and after a yes exactly that is copied."""

from typing import Any

from shared.errors import Forbidden
from shared.policy import Policy
from shared.state import FacetKind, Parameter, Setting, SettingKind
from shared.target import Kind
from tests.builders import a_rule
from tests.cli.terminal import ADA, Printed, Terminal
from tests.engine.world import World, rules
from tests.remediators.copies import a_one, a_pair, chosen

APPROVED = {FacetKind.PRIVATE_ENDPOINTS: {"app": {"privateLinkServiceConnectionState.status": "Approved"}}}
THEIRS: dict[str, Any] = {
    "server": {"tags": {"owner": "payments"}},
    "firewall_rules": (a_rule(),),
    "parameters": {"log_duration": chosen("log_duration", "on")},
    "children": APPROVED,
}
OURS: dict[str, Any] = {
    "parameters": {"log_duration": Parameter("log_duration", "off")},
    "children": {FacetKind.PRIVATE_ENDPOINTS: {}},
}


def a_world(**ours: Any) -> World:
    return World(a_one(**{**OURS, **ours}), a_one("pg-source", **THEIRS), policy=Policy())


async def mirror(world: World, *options: str, **terminal: Any) -> Printed:
    return await Terminal(world, **terminal).types("mirror", "pg-source", "pg-payments", *options)


async def test_after_a_yes_what_was_shown_is_copied_and_proven() -> None:
    world = a_world()
    terminal = Terminal(world, answers=[True])
    printed = await terminal.types("mirror", "pg-source", "pg-payments", "--reason", "CHG-7")
    assert printed.code == 0
    assert rules(world.state) == {"app": ("203.0.113.10", "203.0.113.10")}
    assert world.state.value(Setting(SettingKind.TAG, "owner")) == "payments"
    question = f"It lets more in than now. Make these 3 changes on pg-payments, as {ADA.name}?"
    assert terminal.questions[0].strip() == question
    assert printed.lacks("copied from pg-source and proven by reading again", "give pg-payments one of its own") == []


async def test_a_dry_run_shows_it_and_changes_nothing() -> None:
    world = a_world()
    printed = await mirror(world, "--dry-run")
    assert printed.code == 1
    assert world.arm.writes == []
    assert (await world.store.load(world.target)).triggers == ()
    wanted = (
        "pg-source → pg-payments",
        "tag owner",
        "203.0.113.10",
        "corrected",
        "not copied:",
        "Never copied: passwords",
    )
    assert printed.lacks(*wanted) == []


async def test_the_same_for_programs() -> None:
    printed = await mirror(a_world(), "--dry-run", "--format", "json")
    found = {one["setting"]: one for one in printed.json["differences"]}
    assert found["tags/owner"]["copied"] is True
    assert found["privateEndpointConnections/app"]["copied"] is False
    assert "cannot be copied" in found["privateEndpointConnections/app"]["why_not"]


async def test_after_a_no_nothing_is_asked_for() -> None:
    world = a_world()
    printed = await mirror(world, answers=[False])
    assert printed.code == 1
    assert world.arm.writes == []


async def test_a_second_mirror_finds_it_in_step() -> None:
    world = a_world(children=APPROVED)
    assert (await mirror(world, "--yes")).code == 0
    printed = await mirror(world, "--yes")
    assert printed.code == 0
    assert printed.lacks("✓ in step: pg-payments has everything that can be copied") == []


async def test_it_can_be_taken_back() -> None:
    world = a_world()
    before = world.state
    await mirror(world, "--yes")
    record = (await world.entries())[0].record
    printed = await Terminal(world).types("undo", record, "--reason", "wrong source", "--yes")
    assert printed.code == 0
    assert world.state == before


async def test_a_server_is_not_mirrored_to_itself() -> None:
    printed = await Terminal(a_world()).types("mirror", "pg-source", "pg-source", "--yes")
    assert printed.code == 2
    assert printed.lacks("pg-source is the source and the target") == []


async def test_a_replica_of_another_server_is_left_to_that() -> None:
    other = a_one("pg-other")
    copy = a_pair(a_one(**OURS), other)
    source = a_one("pg-third", **THEIRS)
    world = World(copy, source, a_one("pg-source"), policy=Policy())
    printed = await Terminal(world).types("mirror", "pg-third", "pg-payments", "--yes")
    assert printed.code == 2
    assert printed.lacks("pg-payments is a replica of pg-source") == []


async def test_a_source_that_may_not_be_read_is_said_with_the_reason() -> None:
    world = a_world()

    def forbidden(target: Any, facet: Any) -> None:
        if target.name == "pg-source":
            raise Forbidden("Microsoft.DBforPostgreSQL/flexibleServers/read is missing on pg-source", "read", "x")

    world.arm.on_read = forbidden
    printed = await mirror(world, "--yes")
    assert printed.code == 1
    assert printed.lacks("flexibleServers/read is missing on pg-source") == []


async def test_a_closed_copy_gets_no_rules() -> None:
    world = a_world(server={"public_access": False})
    printed = await mirror(world, "--yes")
    assert printed.code == 0
    assert rules(world.state) == {}
    assert printed.lacks("not copied: firewall rules") == []


async def test_a_single_server_is_mirrored_to_a_flexible_one_as_far_as_both_have_it() -> None:
    theirs = {**THEIRS, "parameters": {"log_duration": chosen("log_duration", "on"), "old": chosen("old", "1")}}
    world = World(a_one(**OURS), a_one("pg-source", Kind.SINGLE, **theirs), policy=Policy())
    printed = await mirror(world, "--yes")
    assert printed.code == 0
    assert world.state.value(Setting(SettingKind.PARAMETER, "log_duration")) == "on"
    assert printed.lacks("find out what stands for it on this version") == []
