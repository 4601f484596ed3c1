"""The smaller promises of a pass: patience, echoes, what is told again, and what a fix takes along."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.control import Change, Drift
from shared.engine import Engine
from shared.errors import Busy, Forbidden, Frozen, LeaseLost, Rejected, Throttled, Unreachable
from shared.guard import LEASE_SECONDS, hold
from shared.journal import Actor, NoticeKind, Origin, Stage
from shared.policy import ControlPolicy, Mode, Policy
from shared.ports import Accepted, Progress
from shared.state import Setting, SettingKind, State
from tests.builders import DBA_GROUP, STRANGER, a_policy, a_server, a_state, an_admin
from tests.engine.world import INTERNET, PUBLIC_ACCESS, RULE, TLS, World, rules, steadily
from tests.fakes.arm import IDENTITY, FakeArm
from tests.shared.judges import a_judge, wants

MINIMUM = Setting(SettingKind.PARAMETER, "ssl_min_protocol_version")
LONG = Accepted("https://arm/operation", 60)
OURS = Actor(IDENTITY, IDENTITY, "", "application")


async def opened(**modes: Mode) -> World:
    world = World(policy=a_policy(**modes))
    await world.baseline()
    return world


def failing(world: World, error: Exception, times: int = 1000) -> list[None]:
    """The next writes fail before Azure does anything; the list is what is left of them."""
    left = [None] * times

    def fail(*_: object) -> None:
        if left:
            left.pop()
            raise error

    world.arm.on_write = fail
    return left


def unreadable(world: World, error: Exception) -> None:
    def fail(*_: object) -> None:
        raise error

    world.arm.on_read = fail


def readable(world: World) -> None:
    world.arm.on_read = lambda *_: None


async def errors_told(world: World) -> list[str]:
    return [notice.report.error for notice in await world.notices()]


# One at a time


async def test_while_somebody_else_looks_the_target_waits_its_turn() -> None:
    world = await opened()
    lease = await world.store.acquire(world.target.id, 30)
    assert lease is not None
    await world.change(TLS, "off")
    assert world.arm.calls == []
    await world.store.release(lease)
    await world.later(1)
    assert world.state.value(TLS) == "on"


@pytest.mark.parametrize(("seconds", "holds"), [(LEASE_SECONDS - 5, True), (LEASE_SECONDS - 4, False)])
async def test_a_lease_ends_for_its_holder_before_it_ends_for_others(seconds: float, holds: bool) -> None:
    world = World()
    async with hold(world.store, "a", world.clock) as guard:
        assert guard is not None
        world.clock.advance(seconds)
        if holds:
            guard.check()
        else:
            with pytest.raises(LeaseLost, match="the lease on a is over"):
                guard.check()


async def test_a_worker_that_slept_past_its_lease_records_nothing() -> None:
    world = await opened(tls_required=Mode.NOTIFY)
    world.arm.on_read = lambda *_: world.clock.advance(120)
    with pytest.raises(LeaseLost):
        await world.change(TLS, "off")
    assert await world.entries() == []


async def test_a_worker_that_sleeps_during_a_write_makes_no_other() -> None:
    world = await opened()
    world.arm.set(world.target, TLS, "off")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    world.arm.on_write = lambda *_: world.clock.advance(120)
    with pytest.raises(LeaseLost):
        await world.event("*")
    assert world.arm.writes == [str(TLS)]


async def test_a_lease_is_given_back_at_the_end_and_after_an_error() -> None:
    world = World()
    with pytest.raises(ValueError, match="oops"):
        async with hold(world.store, "a", world.clock):
            raise ValueError("oops")
    assert await world.store.acquire("a", 30) is not None


async def test_a_target_that_nothing_waits_for_is_not_read() -> None:
    world = await opened()
    await world.engine.reconcile(world.target)
    assert world.arm.calls == []


# Operations of Azure


async def test_a_short_operation_is_followed_to_its_end() -> None:
    world = await opened()
    world.arm.accepted = Accepted("https://arm/operation", 0)
    world.arm.operations = [Progress(False), Progress(True)]
    await world.change(TLS, "off")
    assert world.arm.calls[-3:] == ["poll", "poll", f"read {TLS}"]
    assert await world.stages() == [Stage.INTENDED, Stage.PROVEN]


async def test_a_short_operation_that_fails_is_told_with_its_reason() -> None:
    world = await opened()
    world.arm.accepted = Accepted("https://arm/operation", 0)
    world.arm.operations = [Progress(True, "no luck")]
    await world.change(TLS, "off")
    assert await errors_told(world) == ["Azure accepted the change and then failed it: no luck"]


async def test_an_operation_that_asks_for_more_patience_than_we_have_is_left_alone() -> None:
    world = await opened()
    world.arm.accepted = Accepted("https://arm/operation", 0)
    world.arm.operations = [Progress(False, "", 30)]
    await world.change(TLS, "off")
    assert (await world.stages())[-1] is Stage.APPLIED
    await world.later(29)
    assert (await world.stages())[-1] is Stage.APPLIED
    await world.later(1)
    assert (await world.stages())[-1] is Stage.PROVEN


async def test_an_operation_that_cannot_be_asked_after_is_looked_at_later() -> None:
    class Throttling(FakeArm):
        async def progress(self, operation: str) -> Progress:
            raise Throttled("429", 20)

    world = World()
    world.arm = Throttling(a_state())
    world.with_policy(a_policy())
    await world.baseline()
    world.arm.accepted = Accepted("https://arm/operation", 0)
    await world.change(TLS, "off")
    assert await world.stages() == [Stage.INTENDED, Stage.APPLIED]


async def test_an_operation_that_never_ends_is_not_waited_for_longer_than_an_hour() -> None:
    world = await opened()
    world.arm.ignore_writes = True
    world.arm.accepted = LONG
    world.arm.operations = [Progress(False, "", 600)] * 100
    await world.change(TLS, "off")
    for _ in range(8):
        await world.later(700)
    (error,) = await errors_told(world)
    assert error.startswith("configurations/require_secure_transport still drifts after")
    assert world.arm.writes == [str(TLS)]


async def test_an_operation_without_a_wish_is_asked_again_after_ten_seconds() -> None:
    world = await opened()
    world.arm.accepted = LONG
    world.arm.operations = [Progress(False)]
    await world.change(TLS, "off")
    await world.later(60)
    await world.later(9)
    assert (await world.stages())[-1] is Stage.APPLIED
    await world.later(1)
    assert (await world.stages())[-1] is Stage.PROVEN


async def test_what_azure_works_on_is_waited_for_before_the_next_write() -> None:
    world = await opened()
    world.arm.accepted = LONG
    world.arm.set(world.target, TLS, "off")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await world.event("*")
    assert world.arm.writes == [str(TLS)]
    await world.later(60)
    assert world.arm.writes == [str(TLS), str(PUBLIC_ACCESS)]
    await world.later(60)
    assert await world.told() == [NoticeKind.REMEDIATED]


async def test_an_operation_that_ended_is_not_asked_after_again() -> None:
    world = await opened()

    def busy_from_now_on() -> None:
        failing(world, Busy("busy", 10), times=1)

    world.arm.accepted = Accepted("https://arm/operation", 0)
    world.arm.after_write = busy_from_now_on
    world.arm.set(world.target, TLS, "off")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await world.event("*")
    world.arm.calls.clear()
    await world.later(60)
    assert world.arm.calls[0].startswith("read")


async def test_an_operation_that_failed_though_the_value_is_right_is_proven() -> None:
    world = await opened()
    world.arm.accepted = LONG
    world.arm.operations = [Progress(True, "no luck")]
    await world.change(TLS, "off")
    await world.later(60)
    assert await world.told() == [NoticeKind.REMEDIATED]


# Trying again


async def test_a_busy_server_costs_no_attempt() -> None:
    world = await opened()
    left = failing(world, Busy("busy", 10), times=10)
    await world.change(TLS, "off")
    for _ in range(10):
        await world.later(60)
    assert left == []
    assert world.state.value(TLS) == "on"


async def test_a_write_whose_answer_is_lost_costs_an_attempt() -> None:
    world = await opened()
    failing(world, Unreachable("500", 5))
    await world.change(TLS, "off")
    for _ in range(10):
        await world.later(60)
    assert len(world.arm.writes) == 4
    assert await errors_told(world) == ["configurations/require_secure_transport still drifts after 4 attempts"]


async def test_a_server_that_is_busy_for_hours_is_told() -> None:
    world = await opened()
    failing(world, Busy("busy", 600))
    await world.change(TLS, "off")
    for _ in range(8):
        await world.later(600)
    assert await world.told() == [NoticeKind.REMEDIATION_FAILED]


async def test_a_write_whose_answer_was_lost_may_have_been_ours() -> None:
    world = await opened()

    def drop() -> None:
        raise Unreachable("the connection was dropped", 1)

    world.arm.after_write = drop
    await world.change(TLS, "off")
    await world.later(60)
    (notice,) = await world.notices()
    assert notice.report.outcome == "put back and proven by reading again"


async def test_a_fix_that_somebody_else_finished_is_closed_as_such() -> None:
    world = await opened()
    failing(world, Busy("busy", 10))
    await world.change(TLS, "off")
    world.arm.set(world.target, TLS, "on")
    await world.later(60)
    (notice,) = await world.notices()
    assert (notice.kind, notice.report.outcome) == (NoticeKind.REMEDIATED, "already as wanted when looked at again")


async def test_a_fix_is_timed_from_the_moment_we_heard() -> None:
    world = await opened()
    world.arm.accepted = LONG
    await world.change(TLS, "off")
    await world.later(60)
    (notice,) = await world.notices()
    assert (notice.report.outcome, notice.report.elapsed_seconds) == ("put back and proven by reading again", 60)


async def test_a_policy_that_changed_under_way_ends_the_fix() -> None:
    world = await opened()
    failing(world, Busy("busy", 10))
    await world.change(TLS, "off")
    world.with_policy(a_policy(Mode.NOTIFY))
    await world.later(60)
    assert await errors_told(world) == ["", "not carried on: the policy says notify (it held before)"]
    assert (await world.store.load(world.target)).memory.open is None


async def test_a_drift_that_comes_while_azure_works_waits_and_is_not_lost() -> None:
    world = await opened()
    world.arm.accepted = LONG
    world.arm.operations = [Progress(False, "", 60)]
    await world.change(TLS, "off")
    await world.change(MINIMUM, "TLSv1")
    assert world.arm.writes == [str(TLS)]
    for _ in range(3):
        await world.later(60)
    assert world.state.value(MINIMUM) == "TLSv1.2"
    assert await world.told() == [NoticeKind.REMEDIATED] * 2


async def test_an_open_fix_takes_along_what_drifts_meanwhile() -> None:
    world = await opened()
    left = failing(world, Busy("busy", 10), times=2)
    await world.change(TLS, "off")
    await world.change(MINIMUM, "TLSv1")
    opened_ = (await world.store.load(world.target)).memory.open
    assert opened_ is not None
    assert opened_.controls == ("tls-min-version-12", "tls-required")
    assert [change.setting for change in opened_.changes] == [TLS, MINIMUM]
    await world.later(60)
    assert (left, await world.told()) == ([], [NoticeKind.REMEDIATED])


async def test_no_part_of_a_fix_is_proven_before_all_of_it_is() -> None:
    world = await opened()
    world.arm.set(world.target, TLS, "off")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    world.arm.after_write = lambda: world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await world.event("*")
    for _ in range(6):
        await world.later(60)
    assert await errors_told(world) == ["network.publicNetworkAccess still drifts after 4 attempts"]


async def test_machines_hear_of_a_drift_that_takes_time_once() -> None:
    world = await opened()
    failing(world, Busy("busy", 10), times=3)
    await world.change(TLS, "off")
    for _ in range(5):
        await world.later(60)
    kinds = [notice.kind for notice in await world.notices(loud=False)]
    assert kinds == [NoticeKind.DRIFT_DETECTED, NoticeKind.REMEDIATED]


async def test_machines_that_heard_of_a_drift_do_not_hear_of_it_again() -> None:
    world = await opened()
    failing(world, Busy("busy", 10), times=3)
    await world.change(TLS, "off")
    (notice,) = await world.notices(loud=False)
    line = (await world.entries())[0]
    await world.store.finish_notice(world.target, notice, replace(line, number=99, stage=Stage.NOTIFIED))
    await world.later(60)
    assert await world.notices(loud=False) == []


# Echoes


async def test_the_echo_of_a_fix_under_way_costs_no_more_than_its_proof() -> None:
    world = await opened()
    world.arm.accepted = LONG
    await world.change(TLS, "off")
    world.arm.calls.clear()
    echo = {"actor": OURS, "correlation_id": world.arm.correlations[-1]}
    await world.event("configurations/write", "configurations/require_secure_transport", **echo)
    assert world.arm.calls == ["poll", f"read {TLS}"]
    assert (await world.stages())[-1] is Stage.PROVEN


async def test_an_event_of_our_identity_that_no_fix_made_is_looked_at() -> None:
    world = await opened()
    world.arm.set(world.target, TLS, "off")
    child = "configurations/require_secure_transport"
    await world.event("configurations/write", child, actor=OURS, correlation_id="by-hand")
    assert world.state.value(TLS) == "on"


@pytest.mark.parametrize("actor", [Actor("us", "", IDENTITY), Actor("us", IDENTITY)])
async def test_an_echo_is_known_by_the_object_or_the_application(actor: Actor) -> None:
    world = await opened()
    await world.change(TLS, "off")
    world.arm.calls.clear()
    await world.event("write", actor=actor, correlation_id=world.arm.correlations[-1])
    assert world.arm.calls == []


async def test_an_echo_that_names_nobody_is_looked_at() -> None:
    world = await opened()
    await world.change(TLS, "off")
    world.arm.calls.clear()
    await world.event("write", actor=None, correlation_id=world.arm.correlations[-1])
    assert world.arm.calls == ["read server"]


async def test_the_last_twenty_fixes_are_known_by_their_echo() -> None:
    world = await opened()
    for _ in range(21):
        await world.change(TLS, "off")
        await world.later(3600)
    closed = (await world.store.load(world.target)).memory.closed
    assert closed == tuple(world.arm.correlations[1:])


@pytest.mark.parametrize("actor", [OURS, Actor("somebody else")])
async def test_an_event_that_comes_with_an_echo_is_looked_at(actor: Actor) -> None:
    world = await opened()
    await world.change(TLS, "off")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    lease = await world.store.acquire(world.target.id, 30)
    assert lease is not None
    await world.event("restart/action", actor=OURS, correlation_id=world.arm.correlations[-1])
    await world.event("write", actor=actor)
    await world.store.release(lease)
    await world.later(1)
    assert world.state.value(PUBLIC_ACCESS) == "Disabled"


# What is told, and told again


async def test_a_failure_is_told_once_until_it_is_mended() -> None:
    world = await opened()
    failing(world, Rejected("400 not now", "NotNow"), times=2)
    await world.change(TLS, "off")
    await world.event("*")
    assert await world.told() == [NoticeKind.REMEDIATION_FAILED]
    await world.event("*")
    assert await world.told() == [NoticeKind.REMEDIATION_FAILED, NoticeKind.REMEDIATED]
    failing(world, Rejected("400 not now", "NotNow"), times=1)
    await world.change(TLS, "off")
    assert (await world.told())[2:] == [NoticeKind.REMEDIATION_FAILED]


async def test_a_look_elsewhere_does_not_make_a_failure_news_again() -> None:
    world = await opened()
    failing(world, Rejected("400 not now", "NotNow"))
    await world.change(TLS, "off")
    await world.event("write")
    await world.event("*")
    assert await world.told() == [NoticeKind.REMEDIATION_FAILED]


async def test_another_failure_is_told_as_well() -> None:
    world = await opened()
    failing(world, Rejected("400 not now", "NotNow"), times=1)
    await world.change(TLS, "off")
    failing(world, Rejected("400 not ever", "NotEver"), times=1)
    await world.event("*")
    assert await errors_told(world) == ["400 not now", "400 not ever"]


async def test_a_setting_that_turned_out_to_be_frozen_is_recorded_and_nobody_is_told() -> None:
    world = await opened()
    failing(world, Frozen("public access is off"))
    await world.change(TLS, "off")
    assert await world.told() == []
    assert await world.stages() == [Stage.INTENDED, Stage.FAILED]


async def test_a_failed_write_ends_the_fix_and_keeps_the_rest_unwritten() -> None:
    world = await opened()
    failing(world, Rejected("400 not now", "NotNow"), times=1)
    world.arm.set(world.target, TLS, "off")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await world.event("*")
    assert world.arm.writes == [str(TLS)]
    assert world.state.value(PUBLIC_ACCESS) == "Enabled"


async def test_a_server_that_stays_unreachable_is_told_at_the_fifth_try_and_once() -> None:
    world = await opened()
    unreadable(world, Unreachable("500", 5))
    await world.event("*")
    for _ in range(3):
        await world.later(600)
    assert await world.told() == []
    await world.later(600)
    assert await errors_told(world) == ["500"]
    await world.later(600)
    assert await errors_told(world) == ["500"]


async def test_trouble_that_ended_is_counted_anew() -> None:
    world = await opened()
    for _ in range(3):
        unreadable(world, Unreachable("500", 5))
        await world.event("*")
        await world.later(600)
        await world.later(600)
        readable(world)
        await world.later(600)
    assert await world.told() == []


async def test_the_pause_grows_with_every_try_and_ends_at_ten_minutes() -> None:
    world = await opened()
    unreadable(world, Unreachable("500", 5))
    await world.event("*")
    pauses = []
    for _ in range(12):
        (wake,) = world.store.reconcile
        pauses.append((wake.due - world.clock()).total_seconds())
        world.clock.advance_to(wake.due)
        await world.run_due()
    assert pauses == [5, 5, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]


async def test_azures_own_pause_is_kept_where_it_is_longer() -> None:
    world = await opened()
    unreadable(world, Throttled("429", 1800))
    await world.event("*")
    (wake,) = world.store.reconcile
    assert (wake.due - world.clock()).total_seconds() == 1800


async def test_a_server_that_cannot_be_read_is_told_again_after_it_could() -> None:
    world = await opened()
    for _ in range(2):
        unreadable(world, Forbidden("read is missing", "read", "pg"))
        await world.event("*")
        readable(world)
        await world.event("*")
    assert await errors_told(world) == ["read is missing", "read is missing"]


async def test_a_server_that_cannot_be_read_is_told_once_whichever_read_is_refused_first() -> None:
    world = await opened()
    for reason in ("read is missing", "read is missing", "the subscription is disabled"):
        unreadable(world, Forbidden(reason, "read", "pg"))
        await world.event("*")
    assert await errors_told(world) == ["read is missing"]


async def test_a_drift_that_was_asked_about_is_told_again_after_it_was_gone() -> None:
    world = await opened(tls_required=Mode.APPROVE)
    for _ in range(2):
        await world.change(TLS, "off")
        await world.change(TLS, "on")
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED] * 2


async def test_a_drift_that_is_gone_is_resolved_once_and_names_what_held() -> None:
    world = await opened(tls_required=Mode.NOTIFY)
    await world.change(TLS, "off")
    await world.change(TLS, "on")
    await world.event("*")
    resolved = [entry for entry in await world.entries() if entry.stage is Stage.RESOLVED]
    assert [entry.report.outcome for entry in resolved] == [
        "no longer drifting: tls-required: configurations/require_secure_transport"
    ]


async def test_a_drift_that_holdfast_mended_is_not_said_to_have_gone_by_itself() -> None:
    world = await opened(tls_required=Mode.NOTIFY)
    await world.change(TLS, "off")
    world.with_policy(a_policy())
    await world.event("*")
    await world.event("*")
    assert await world.told() == [NoticeKind.DRIFT_DETECTED, NoticeKind.REMEDIATED]
    assert Stage.RESOLVED not in [entry.stage for entry in await world.entries()]


async def test_a_drift_is_not_resolved_by_a_look_elsewhere() -> None:
    world = await opened(tls_required=Mode.NOTIFY)
    await world.change(TLS, "off")
    await world.event("write")
    assert Stage.RESOLVED not in [entry.stage for entry in await world.entries()]


async def test_a_proposal_is_told_with_the_plan_and_nothing_else_is_in_it() -> None:
    world = await opened(tls_required=Mode.APPROVE, public_network_access_disabled=Mode.NOTIFY)
    world.arm.set(world.target, TLS, "off")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await world.event("*")
    asked = [notice for notice in await world.notices() if notice.kind is NoticeKind.APPROVAL_NEEDED]
    assert [[change.setting for change in notice.report.changes] for notice in asked] == [[str(TLS)]]
    assert asked[0].report.outcome.startswith("nothing was changed; waits for a decision until ")


async def test_a_drift_that_goes_away_with_a_fix_bothers_nobody() -> None:
    world = World(
        a_state(server=a_server(public_access=True)), policy=a_policy(public_network_access_disabled=Mode.OFF)
    )
    await world.baseline()
    await world.change(RULE, INTERNET)
    asked_about = {line.control for notice in await world.notices() for line in notice.report.findings}
    assert await world.told() == [NoticeKind.REMEDIATED]
    assert "firewall-public-ip-range-size" not in asked_about


async def test_what_may_be_mended_is_mended_while_the_rest_is_asked_about() -> None:
    world = await opened(tls_required=Mode.APPROVE)
    world.arm.set(world.target, TLS, "off")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await world.event("*")
    assert world.arm.writes == [str(PUBLIC_ACCESS)]
    assert sorted(await world.told()) == [NoticeKind.APPROVAL_NEEDED, NoticeKind.REMEDIATED]


# Deleted servers, and the outbox


async def test_a_server_deleted_under_way_ends_the_fix_and_is_forgotten() -> None:
    world = await opened()
    failing(world, Busy("busy", 10))
    await world.change(TLS, "off")
    del world.arm.states[world.target]
    await world.later(60)
    assert await errors_told(world) == ["the server was deleted before the fix was proven"]
    memory = (await world.store.load(world.target)).memory
    assert (memory.seen, memory.open, memory.told) == ((), None, {})


@pytest.mark.parametrize(("origin", "woken"), [(Origin.SWEEP, True), (Origin.EVENT, False)])
async def test_a_sweep_wakes_a_delivery_that_sleeps(origin: Origin, woken: bool) -> None:
    world = await opened(tls_required=Mode.NOTIFY)
    await world.change(TLS, "off")
    world.store.deliver.clear()
    await world.event("*", origin=origin)
    assert bool(world.store.deliver) is woken


async def test_a_message_without_a_trigger_wakes_a_delivery_that_sleeps() -> None:
    world = await opened(tls_required=Mode.NOTIFY)
    await world.change(TLS, "off")
    world.store.deliver.clear()
    await world.engine.reconcile(world.target)
    assert len(world.store.deliver) == 1


async def test_an_empty_outbox_wakes_nobody() -> None:
    world = await opened()
    await world.event("*", origin=Origin.SWEEP)
    assert world.store.deliver == []


# Never the last one


async def test_the_last_administrator_stays_until_a_person_approves_the_successor() -> None:
    world = await opened()
    world.arm.states[world.target] = a_state(administrators=(an_admin(STRANGER, "mallory"),))
    await world.event("administrators/write", f"administrators/{STRANGER}")
    assert world.arm.writes == []
    (notice,) = await world.notices()
    assert notice.kind is NoticeKind.APPROVAL_NEEDED
    settings = [change.setting for change in notice.report.changes]
    assert settings == [f"administrators/{DBA_GROUP}", f"administrators/{STRANGER}"]


async def test_a_fix_that_is_only_good_together_with_another_is_not_made_alone() -> None:
    def together(state: State, _: object) -> tuple[Drift, ...]:
        bad = (state.value(TLS), state.value(MINIMUM)) == ("on", "TLSv1")
        return (Drift("pair", MINIMUM, "TLSv1", "TLSv1.2", "unsafe"),) if bad else ()

    asking = Policy(mode=Mode.ENFORCE, controls={"minimum": ControlPolicy(mode=Mode.APPROVE)})
    pair = a_judge(together, name="pair", facets=(TLS.facet, MINIMUM.facet))
    judges = [wants(TLS, "on", name="tls"), wants(MINIMUM, "TLSv1.2", name="minimum"), pair]
    world = World()
    world.engine = Engine(
        world.store, world.arm, {judge.id: judge.remediator for judge in judges}, steadily(asking), world.clock
    )
    await world.baseline()
    world.arm.set(world.target, MINIMUM, "TLSv1")
    world.arm.set(world.target, TLS, "off")
    await world.event("*")
    assert world.arm.writes == []
    assert sorted(await world.told()) == [NoticeKind.APPROVAL_NEEDED, NoticeKind.DRIFT_DETECTED]
    told = {notice.report.findings[0].reason: len(notice.report.changes) for notice in await world.notices()}
    assert told == {"the change would break pair": 0, "the policy says approve": 1}


async def test_a_rule_and_a_door_are_mended_in_the_order_azure_allows() -> None:
    world = World(a_state(server=a_server(public_access=False)))
    await world.baseline()
    order: list[str] = []

    def note(_target: object, group: Sequence[Change]) -> None:
        order.extend(str(change.setting.kind) for change in group)

    world.arm.on_write = note
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    world.arm.set(world.target, TLS, "off")
    await world.event("*")
    assert order == ["configurations", "network.publicNetworkAccess"]


async def test_a_rule_widened_while_the_door_was_shut_is_not_learned_as_good() -> None:
    world = World(
        a_state(server=a_server(public_access=True)), policy=a_policy(public_network_access_disabled=Mode.OFF)
    )
    await world.baseline()
    world.arm.set(world.target, PUBLIC_ACCESS, "Disabled")
    world.arm.set(world.target, RULE, INTERNET)
    await world.event("*")
    assert rules(world.state)["app"] == ("0.0.0.0", "255.255.255.255")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await world.event("*")
    assert rules(world.state)["app"] == ("203.0.113.10", "203.0.113.10")


# Holding on


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world in which every pause passes at once on its own clock."""
    world = World()
    pause = asyncio.sleep

    async def hurry(seconds: float) -> None:
        world.clock.advance(seconds)
        await pause(0)

    monkeypatch.setattr(asyncio, "sleep", hurry)
    return world


async def test_a_lease_is_prolonged_while_the_work_goes_on(hurried: World) -> None:
    began = hurried.clock()
    async with hold(hurried.store, "a", hurried.clock) as guard:
        assert guard is not None
        while (hurried.clock() - began).total_seconds() < 10 * LEASE_SECONDS:
            await asyncio.sleep(0)
            guard.check()
    assert hurried.store.calls.count("renew") >= 20


async def test_a_lease_that_cannot_be_prolonged_ends_the_work_in_time(hurried: World) -> None:
    async with hold(hurried.store, "a", hurried.clock) as guard:
        assert guard is not None
        hurried.store.down = True
        for _ in range(5):
            await asyncio.sleep(6)
        hurried.store.down = False
        with pytest.raises(LeaseLost):
            guard.check()
