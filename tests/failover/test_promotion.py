"""From a yes to a proven promotion: intent first, never twice, nothing else at the same time, and told as it is."""

from dataclasses import replace
from typing import Any

import pytest

from shared.errors import Busy, Forbidden, Gone, Rejected, Unreachable
from shared.failover import roles
from shared.failover.book import Failover, Stage, failover_of, open_failover
from shared.failover.model import Option, Way
from shared.failover.preflight import question_about
from shared.failover.survey import Surveyor
from shared.journal import Actor, NoticeKind, Origin, Request, Trigger, Wish
from shared.journal import Stage as Entry
from shared.orders import Hold, Orders
from shared.ports import Accepted, Lag, Progress
from shared.standing import change_orders
from shared.state import FirewallRule, Setting, SettingKind, State
from shared.target import Target
from tests.builders import a_policy
from tests.engine.world import World
from tests.failover.builders import VE, a_primary, a_replica, named
from tests.failover.world import a_world

ADA = Actor("ada.admin@contoso.example", "a" * 8, kind="user")
A, B, C = named("pg-a"), named("pg-b"), named("pg-c")
OPEN = FirewallRule("app", "0.0.0.0", "255.255.255.255")


def a_pair(endpoints: dict[str, tuple[str, ...]] | None = None, **more: Any) -> World:
    primary = a_primary(endpoints=VE if endpoints is None else endpoints, replicas=("pg-b", "pg-c"))
    return a_world(primary, a_replica(), a_replica("pg-c"), **more)


async def ask(world: World, option: Option = Option.PLANNED, to: Target = B, reason: str = "CHG-7") -> Failover:
    """What the command does after a yes."""
    surveyor = Surveyor(world.arm, world.store, world.policy)
    survey = await surveyor.survey(A, to, world.clock())
    replica = survey.replica(to)
    assert replica is not None
    question = question_about(survey, replica, option)
    change, others = roles.promotion(question), [one.target.id for one in survey.replicas if one.target != to]
    failover = Failover("f-1", A.id, to.id, tuple(others), option, question.way, change, ADA, reason, world.clock())
    world.arm.calls.clear()
    await open_failover(world.store, failover)
    await again(world, failover)
    return failover


async def again(world: World, failover: Failover, name: str = "failover-1") -> None:
    """The request reaches the replica (again)."""
    request = Request(Wish.FAILOVER, ADA, (failover.change,), failover.id, failover.reason)
    at = world.clock()
    await world.store.remember(
        Trigger(name, failover.replica, "*", "", at, Origin.PERSON, ADA, received_at=at, request=request)
    )


async def book(world: World) -> Failover:
    found = await failover_of(world.store, A)
    assert found is not None
    return found


def source(world: World, target: Target) -> str:
    return roles.source(world.arm.states[target])


def promotions(world: World) -> int:
    return world.arm.writes.count("replication")


async def record(world: World, target: Target = B) -> list[Entry]:
    entries = await world.store.history(target)
    found = (await book(world)).record
    return [entry.stage for entry in entries if entry.record == found]


async def told(world: World, target: Target = B) -> list[NoticeKind]:
    return [notice.kind for notice in (await world.store.load(target)).outbox]


async def test_a_planned_switchover_changes_places_once_and_is_proven() -> None:
    world = a_pair()
    await ask(world)
    await world.run_due()
    found = await book(world)
    assert (found.stage, found.way, promotions(world)) == (Stage.DONE, Way.SWITCHOVER, 1)
    assert (source(world, B), source(world, A), source(world, C)) == ("", B.id, B.id)
    assert await record(world) == [Entry.INTENDED, Entry.PROVEN]
    assert [kind for kind in await told(world) if "Fail" in kind] == [
        NoticeKind.FAILOVER_BEGUN,
        NoticeKind.FAILED_OVER,
    ]
    assert not [check for check in found.afterwards if check.weight == "block"]


async def test_the_record_says_who_asked_why_and_what_is_left() -> None:
    world = a_pair(endpoints={})
    await ask(world)
    await world.run_due()
    (ended,) = [entry for entry in await world.store.history(B) if entry.stage is Entry.PROVEN]
    assert ended.report.outcome.startswith(
        f"standalone of pg-a to pg-b, planned, asked for by {ADA.name}, because: CHG-7; "
    )
    by_hand = {line.control for line in ended.report.findings}
    assert {"failover-old-primary", "failover-connection-strings"} <= by_hand
    assert all(line.person for line in ended.report.findings)


async def test_the_steps_stand_in_the_book_with_their_times() -> None:
    world = a_pair()
    await ask(world)
    await world.run_due()
    texts = [step.text for step in (await book(world)).steps]
    assert texts == [
        f"{ADA.name} said yes",
        "looked again: all is well",
        "asks Azure to promote",
        "pg-b follows nobody any more: proven by reading again",
    ]


async def test_a_second_failover_at_the_same_time_is_refused() -> None:
    world = a_pair()
    await ask(world)
    with pytest.raises(Exception, match=r"a failover is under way since .*: switchover of pg-a to pg-b, planned"):
        await ask(world, to=C)


async def test_asking_again_while_it_is_under_way_promotes_once() -> None:
    world = a_pair()
    failover = await ask(world)
    await again(world, failover, "failover-2")
    await world.run_due()
    await again(world, failover, "failover-3")
    await world.run_due()
    assert promotions(world) == 1


async def test_what_forbids_it_by_then_ends_it_before_anything_is_written() -> None:
    world = a_pair()
    await ask(world)
    world.arm.lags[B] = Lag(9000)
    await world.run_due()
    found = await book(world)
    assert found.stage is Stage.FAILED
    assert "the pre-flight forbids it now: lag of pg-b: found 9000 s behind" in found.error
    assert (
        "Now: pg-a follows nobody and is Ready, pg-b follows pg-a and is Ready. Next: clients are served" in found.error
    )
    assert promotions(world) == 0
    assert NoticeKind.FAILOVER_FAILED in await told(world)


async def test_a_pair_that_changed_since_it_was_shown_is_left_alone() -> None:
    world = a_pair()
    failover = await ask(world)
    state = world.arm.states[B]
    assert state.server is not None
    facts = {**state.server.facts, "replicationRole": "GeoAsyncReplica"}
    world.arm.states[B] = replace(state, server=replace(state.server, facts=facts))
    await world.run_due()
    assert "not as they were when it was shown" in (await book(world)).error
    assert (promotions(world), failover.stage) == (0, Stage.ASKED)


async def test_a_hold_stops_it_before_the_write() -> None:
    world = a_pair()
    await ask(world)
    hold = Hold("h", B.id.lower(), "not tonight", "Ivo", world.clock())

    async def placed() -> None:
        await change_orders(world.store, lambda _: Orders((hold,)))

    await placed()
    await world.run_due()
    assert "held by Ivo: not tonight" in (await book(world)).error
    assert promotions(world) == 0


async def test_a_long_operation_is_followed_and_not_waited_for() -> None:
    world = a_pair()
    world.arm.accepted = Accepted("https://arm/operation?t=1", 60)
    world.arm.operations = [Progress(done=False, retry_after_seconds=60), Progress(done=True)]
    await ask(world)
    await world.run_due()
    assert (await book(world)).stage is Stage.PROMOTING
    assert Entry.APPLIED in await record(world)
    await world.later(60)
    await world.later(60)
    assert (await book(world)).stage is Stage.DONE
    assert promotions(world) == 1


async def test_a_promotion_that_azure_fails_half_way_is_told_with_what_stands_there() -> None:
    world = a_pair()
    world.arm.ignore_writes = True
    world.arm.accepted = Accepted("https://arm/operation?t=1", 0)
    world.arm.operations = [Progress(True, "ReplicationBroken: the log is gone")]
    await ask(world)
    await world.run_due()
    found = await book(world)
    assert found.stage is Stage.FAILED
    assert "ReplicationBroken: the log is gone. Now: pg-a follows nobody and is Ready, pg-b follows pg-a" in found.error
    assert "call `holdfast failover` again" in found.error
    assert await record(world) == [Entry.INTENDED, Entry.FAILED]


async def test_a_promotion_that_azure_calls_failed_and_that_happened_is_told_as_what_it_is() -> None:
    world = a_pair()
    world.arm.accepted = Accepted("https://arm/operation?t=1", 0)
    world.arm.operations = [Progress(True, "InternalServerError: no reason")]
    await ask(world)
    await world.run_due()
    found = await book(world)
    assert found.stage is Stage.DONE
    assert (found.afterwards[0].name, found.afterwards[0].weight) == ("operation", "block")


async def test_a_refused_promotion_is_told() -> None:
    world = a_pair()

    def refuse(_target: Target, _group: object) -> None:
        raise Rejected("no virtual endpoint", "VirtualEndpointNotConfigured")

    world.arm.on_write = refuse
    await ask(world)
    await world.run_due()
    assert "no virtual endpoint. Now: pg-a follows nobody" in (await book(world)).error


async def test_a_busy_server_is_waited_for() -> None:
    world = a_pair()
    errors: list[Exception] = [Busy("ServerIsBusy", 5), Busy("ServerIsBusy", 5)]

    def busy(_target: Target, _group: object) -> None:
        if errors:
            raise errors.pop()

    world.arm.on_write = busy
    await ask(world)
    await world.run_due()
    assert (await book(world)).steps[-1].text == "Azure is busy; it is tried again"
    await world.later(5)
    await world.later(10)
    assert (await book(world)).stage is Stage.DONE


async def test_an_answer_that_is_lost_is_no_reason_to_promote_twice() -> None:
    world = a_pair()

    def dropped() -> None:
        world.arm.after_write = lambda: None
        raise Unreachable("connection dropped", 10)

    world.arm.after_write = dropped
    await ask(world)
    await world.run_due()
    await world.later(10)
    assert (await book(world)).stage is Stage.DONE
    assert promotions(world) == 1


async def test_a_request_that_is_lost_is_sent_again_after_a_while() -> None:
    world = a_pair()
    lost = [True]

    def drop(_target: Target, _group: object) -> None:
        if lost:
            lost.clear()
            raise Unreachable("connection dropped", 10)

    world.arm.on_write = drop
    await ask(world)
    for _ in range(9):
        await world.later(40)
    assert (await book(world)).stage is Stage.DONE
    assert promotions(world) == 2


async def test_a_replica_that_is_deleted_meanwhile_ends_it() -> None:
    world = a_pair()
    await ask(world)

    def gone(target: Target, _facet: object) -> None:
        if target == B:
            raise Gone("pg-b was not found")

    world.arm.on_read = gone
    await world.run_due()
    assert (await book(world)).stage is Stage.FAILED
    assert promotions(world) == 0


async def test_a_right_that_is_lost_after_the_write_does_not_call_it_failed() -> None:
    world = a_pair()
    world.arm.accepted = Accepted("https://arm/operation?t=1", 60)
    await ask(world)
    await world.run_due()

    def hidden(_target: Target, _facet: object) -> None:
        raise Forbidden("no right to read", "x/read", "/y")

    world.arm.on_read = hidden
    await world.later(60)
    assert (await book(world)).stage is Stage.PROMOTING
    world.arm.on_read = lambda _target, _facet: None
    await world.later(60)
    assert (await book(world)).stage is Stage.DONE


async def test_an_undo_of_its_record_from_elsewhere_is_refused_with_what_to_do() -> None:
    world = a_pair()
    await ask(world)
    await world.run_due()
    request = Request(Wish.UNDO, ADA, record=(await book(world)).record, reason="back")
    await world.store.remember(
        Trigger("undo-1", B.id, "*", "", world.clock(), Origin.PERSON, ADA, received_at=world.clock(), request=request)
    )
    await world.run_due()
    (refused,) = [entry for entry in await world.store.history(B) if entry.report.outcome == "not done"]
    assert refused.detail == "a failover is taken back by another one, after the same checks: use `holdfast undo`"
    assert promotions(world) == 1


# -- nothing else at the same time ------------------------------------------------------------------------------------


def drifted(state: State) -> State:
    return replace(state, firewall_rules=(OPEN,))


async def test_drifts_of_the_members_wait_until_it_is_over() -> None:
    world = a_pair(policy=a_policy())
    world.arm.accepted = Accepted("https://arm/operation?t=1", 60)
    for target in (A, B, C):
        world.target = target
        await world.baseline()
    world.arm.operations = [Progress(done=False, retry_after_seconds=60)] * 2
    await ask(world)
    await world.run_due()
    for target in (A, B, C):
        world.arm.states[target] = drifted(world.arm.states[target])
        world.target = target
        await world.event("firewallrules/write", "firewallrules/app")
    assert world.arm.writes == ["replication"]
    before = {target: (await world.store.load(target)).memory.values for target in (A, C)}
    assert all("0.0.0.0" not in str(values) for values in before.values())
    world.arm.accepted = Accepted()
    await world.later(60)
    await world.later(60)
    assert (await book(world)).stage is Stage.DONE
    dossiers = [await world.store.load(target) for target in (A, B, C)]
    assert [(one.memory.failover, one.triggers) for one in dossiers] == [("", ())] * 3
    assert "firewallRules/app" in world.arm.writes


async def test_what_belongs_to_a_role_is_not_put_back_after_it_has_changed() -> None:
    world = a_pair(policy=a_policy())
    mode = Setting(SettingKind.PROPERTY, "highAvailability.mode")
    state = world.arm.states[A]
    world.arm.states[A] = state.with_value(mode, "ZoneRedundant")
    for target in (A, B):
        world.target = target
        await world.baseline()
    await ask(world)
    world.arm.meanwhile = _switching_off(world, mode)
    await world.run_due()
    assert (await book(world)).stage is Stage.DONE
    assert world.arm.writes == ["replication"]


def _switching_off(world: World, mode: Setting) -> Any:
    async def happens() -> None:
        world.arm.set(A, mode, "Disabled")

    return happens


async def test_a_member_on_which_somebody_works_is_waited_for() -> None:
    world = a_pair()
    lease = await world.store.acquire(A.id, 15)
    assert lease is not None
    await ask(world)
    await world.run_due()
    assert promotions(world) == 0
    await world.store.release(lease)
    await world.later(10)
    assert (await book(world)).stage is Stage.DONE


async def test_a_failover_whose_worker_vanished_does_not_keep_servers_for_ever() -> None:
    world = a_pair(policy=a_policy())
    world.target = A
    await world.baseline()
    world.arm.accepted = Accepted("https://arm/operation?t=1", 60)
    world.arm.operations = [Progress(done=False, retry_after_seconds=9e6)] * 3
    await ask(world)
    await world.run_due()
    world.arm.states[A] = drifted(world.arm.states[A])
    world.clock.advance(3 * 3600)
    await world.event("firewallrules/write", "firewallrules/app")
    assert world.arm.writes != ["replication"]
