"""A plan that a person approved is what is done, or nothing is."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared import approvals
from shared.approvals import Verdict
from shared.errors import Busy, Forbidden, Refused
from shared.journal import Actor, NoticeKind, Stage
from shared.policy import Approvals, AtExpiry, Mode, Policy
from shared.ports import Accepted, Progress
from shared.state import Setting, SettingKind
from tests.builders import DBA_GROUP, a_parameter, a_policy, a_state
from tests.engine.people import (
    ALICE,
    BOB,
    HOUR,
    decide,
    exempt,
    hold,
    hours_pass,
    look_again,
    quietly_change,
    release,
    run_with_a_kill,
    sweep,
    waiting,
)
from tests.engine.world import PUBLIC_ACCESS, TLS, World

MINIMUM = Setting(SettingKind.PARAMETER, "ssl_min_protocol_version")
DANA = Actor("dana.fields@contoso.example", "d" * 8, kind="user")
ASKING = {"tls_required": Mode.APPROVE, "tls_min_version_12": Mode.APPROVE}


def asking(**approvals_: object) -> Policy:
    return replace(a_policy(**ASKING), approvals=Approvals(**approvals_))  # type: ignore[arg-type]  # as named


async def asked(policy: Policy | None = None) -> World:
    """Dana switched TLS off, and a person is asked."""
    world = World(policy=policy or asking())
    await world.baseline()
    await world.change(TLS, "off")
    return world


async def ended(world: World) -> list[str]:
    """How the approvals ended, oldest first, as their records say."""
    return [entry.detail for entry in reversed(await world.entries()) if entry.stage is Stage.DECIDED]


async def asked_times(world: World) -> int:
    return (await world.told()).count(NoticeKind.APPROVAL_NEEDED)


# Asking


async def test_a_plan_is_asked_about_once_however_often_it_is_seen() -> None:
    world = await asked()
    for _ in range(3):
        await sweep(world)
    assert (await world.told(), len(await waiting(world))) == ([NoticeKind.APPROVAL_NEEDED], 1)
    assert world.arm.writes == []


async def test_a_parameter_that_needs_a_restart_is_asked_about() -> None:
    level = Setting(SettingKind.PARAMETER, "wal_level")
    server = a_state(parameters={level.name: a_parameter(level.name, "replica", dynamic=False)})
    world = World(server, policy=a_policy(Mode.OFF, wal_level_supports_replicas=Mode.ENFORCE))
    await world.baseline()
    await world.change(level, "minimal")
    (found,) = await waiting(world)
    assert [(change.before, change.after) for change in found.approval.changes] == [("minimal", "replica")]
    assert world.arm.writes == []


async def test_what_waits_can_be_found_with_its_server_and_its_plan() -> None:
    world = await asked()
    (found,) = await waiting(world)
    assert (found.target, found.approval.caused_by) == (world.target, DANA_AS_HEARD)
    assert [(change.before, change.after) for change in found.approval.changes] == [("off", "on")]
    (notice,) = await world.notices()
    assert notice.report.approval == found.approval.id == notice.report.record


async def test_a_second_drift_is_asked_about_by_itself() -> None:
    world = await asked()
    await world.change(MINIMUM, "TLSv1")
    assert [[str(c.setting) for c in one.approval.changes] for one in await waiting(world)] == [
        [str(TLS)],
        [str(MINIMUM)],
    ]


async def test_a_drift_that_is_mended_elsewhere_withdraws_its_approval_quietly() -> None:
    world = await asked()
    await world.change(TLS, "on")
    assert await waiting(world) == []
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED]
    assert "withdrawn" in (await ended(world))[0]


# Approving


async def test_an_approved_plan_is_carried_out_and_its_record_says_by_whom() -> None:
    world = await asked()
    await decide(world, reason="seen")
    assert world.arm.writes == [str(TLS)]
    assert world.state.value(TLS) == "on"
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED, NoticeKind.REMEDIATED]
    (done,) = [one for one in await world.notices() if one.kind is NoticeKind.REMEDIATED]
    assert done.report.findings[0].reason == "approved by bob@contoso.example (seen)"
    assert await ended(world) == ["approved by bob@contoso.example (seen), and carried out"]
    assert await waiting(world) == []


async def test_of_two_plans_only_the_approved_one_is_carried_out() -> None:
    world = await asked()
    await world.change(MINIMUM, "TLSv1")
    await decide(world)
    assert world.arm.writes == [str(TLS)]
    assert [one.approval.changes[0].setting for one in await waiting(world)] == [MINIMUM]


async def test_what_is_enforced_is_done_along_with_what_was_approved() -> None:
    world = await asked()
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await decide(world)
    assert sorted(world.arm.writes) == [str(TLS), str(PUBLIC_ACCESS)]


async def test_an_approved_plan_survives_a_busy_server() -> None:
    world = await asked()
    errors = [Busy("busy", 10)] * 3

    def fail(*_: object) -> None:
        if errors:
            raise errors.pop()

    world.arm.on_write = fail
    await decide(world)
    for _ in range(5):
        await world.later(60)
    assert world.state.value(TLS) == "on"
    assert await asked_times(world) == 1


async def test_a_decision_whose_wake_up_was_lost_is_carried_out_by_the_next_sweep() -> None:
    world = await asked()

    def crash(point: str) -> None:
        if point == "before remember":
            raise ZeroDivisionError

    world.store.interrupt = crash
    with pytest.raises(ZeroDivisionError):
        await decide(world)
    world.store.interrupt = lambda _point: None
    await sweep(world)
    assert world.state.value(TLS) == "on"


async def test_a_decision_that_is_sent_again_after_a_crash_wakes_the_server() -> None:
    world = await asked()

    def crash(point: str) -> None:
        if point == "before remember":
            raise ZeroDivisionError

    world.store.interrupt = crash
    with pytest.raises(ZeroDivisionError):
        await decide(world)
    world.store.interrupt = lambda _point: None
    (line,) = await world.store.documents("approvals/")
    found = await approvals.find(world.store, line.name.removeprefix("approvals/"))
    assert found is not None
    with pytest.raises(Refused, match="already approved by bob"):
        await approvals.decide(
            world.store, world.policy, found.approval.id, found.approval.digest, Verdict.APPROVE, BOB, "", world.clock()
        )
    await world.run_due()
    assert world.state.value(TLS) == "on"


async def test_a_decision_is_not_lost_to_a_look_elsewhere_that_comes_first() -> None:
    world = await asked()
    await decide(world, run=False)
    for trigger in (await world.store.load(world.target)).triggers:
        world.store._drawers[world.target].triggers.pop(trigger.id)
    await world.event("write")
    await sweep(world)
    assert world.state.value(TLS) == "on"
    assert await ended(world) == ["approved by bob@contoso.example (for good reason), and carried out"]


# The plan, the whole plan, and nothing but the plan


async def test_a_plan_that_changed_is_withdrawn_and_asked_about_anew() -> None:
    world = await asked()
    await world.change(TLS, "sometimes")
    assert await asked_times(world) == 2
    (found,) = await waiting(world)
    assert found.approval.changes[0].before == "sometimes"
    assert "not the plan any more" in (await ended(world))[0]


async def test_an_approval_of_a_plan_that_changed_since_is_not_carried_out_and_asked_about_anew() -> None:
    world = await asked()
    await quietly_change(world, TLS, "sometimes")
    await decide(world)
    assert world.arm.writes == []
    assert sorted(await world.told()) == [NoticeKind.APPROVAL_ENDED, *[NoticeKind.APPROVAL_NEEDED] * 2]
    assert "and not carried out: the server or the policy has changed since" in (await ended(world))[0]


async def both_asked(policy: Policy | None = None) -> World:
    world = World(policy=policy or asking())
    await world.baseline()
    world.arm.set(world.target, TLS, "off")
    world.arm.set(world.target, MINIMUM, "TLSv1")
    await sweep(world)
    assert [len(one.approval.changes) for one in await waiting(world)] == [2]
    return world


async def test_a_plan_of_two_changes_is_done_whole() -> None:
    world = await both_asked()
    await decide(world)
    assert sorted(world.arm.writes) == [str(TLS), str(MINIMUM)]


async def test_a_plan_of_which_a_part_is_exempt_meanwhile_is_not_done_at_all() -> None:
    world = await both_asked()
    await exempt(world, "tls-required")
    await decide(world)
    assert world.arm.writes == []
    assert "and not carried out: exempt until" in (await ended(world))[0]


async def test_a_plan_of_which_a_part_is_held_is_not_done_at_all() -> None:
    world = await both_asked()
    await hold(world, control="tls-min-version-12")
    await decide(world)
    assert world.arm.writes == []
    assert "and not carried out: held by alice" in (await ended(world))[0]


async def test_a_plan_of_which_a_part_changed_is_not_done_at_all() -> None:
    world = await both_asked()
    await quietly_change(world, MINIMUM, "TLSv1.1")
    await decide(world)
    assert world.arm.writes == []


async def test_a_plan_of_which_a_part_was_mended_elsewhere_is_not_done_at_all() -> None:
    world = await both_asked()
    await quietly_change(world, MINIMUM, "TLSv1.2")
    await decide(world)
    assert world.arm.writes == []
    (found,) = await waiting(world)
    assert [change.setting for change in found.approval.changes] == [TLS]


async def test_an_approved_plan_that_was_begun_is_not_finished_on_other_terms() -> None:
    world = await both_asked()
    world.arm.meanwhile = lambda: quietly_change(world, MINIMUM, "TLSv1.1")
    errors = [Busy("busy", 10)]

    def second_fails(_: object, group: object) -> None:
        if len(world.arm.writes) > 1 and errors:
            raise errors.pop()

    world.arm.on_write = second_fails
    await decide(world)
    for _ in range(3):
        await world.later(60)
    assert len(world.arm.writes) == 2
    assert world.state.value(MINIMUM) == "TLSv1.1"
    assert await asked_times(world) == 2


async def test_what_joins_a_plan_under_way_is_not_approved_with_it() -> None:
    """Public access is enforced and joins the approved fix; then the policy wants to be asked about it, too."""
    world = await asked()
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")

    def busy(*_: object) -> None:
        raise Busy("busy", 10)

    world.arm.on_write = busy
    await decide(world)
    world.with_policy(
        replace(asking(), controls=a_policy(**ASKING, public_network_access_disabled=Mode.APPROVE).controls)
    )
    world.arm.on_write = lambda *_: None
    world.arm.calls.clear()
    for _ in range(3):
        await world.later(60)
    assert str(PUBLIC_ACCESS) not in world.arm.writes


async def test_an_approval_that_joins_a_fix_under_way_is_finished_with_it() -> None:
    world = await asked()

    def busy(*_: object) -> None:
        raise Busy("busy", 10)

    world.arm.on_write = busy
    await world.change(PUBLIC_ACCESS, "Enabled")
    await decide(world)
    world.arm.on_write = lambda *_: None
    for _ in range(3):
        await world.later(60)
    assert sorted(set(world.arm.writes)) == [str(TLS), str(PUBLIC_ACCESS)]
    assert world.state.value(TLS) == "on"
    assert await asked_times(world) == 1


# Approved, and still not done


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda world: hold(world), "held by alice@contoso.example: an investigation"),
        (lambda world: hold(world, ""), "held by alice@contoso.example: an investigation"),
        (lambda world: exempt(world, "tls-required"), "exempt until 2025-11-25 09:00 UTC"),
        (lambda world: _with(world, a_policy(Mode.NOTIFY)), "the policy says notify"),
        (lambda world: _with(world, a_policy(tls_required=Mode.OFF)), "the server or the policy has changed since"),
    ],
    ids=["held", "everything held", "exempt", "notify", "off"],
)
async def test_an_approved_plan_is_not_done_where_something_forbids_it_and_people_hear_why(change, reason) -> None:  # type: ignore[no-untyped-def]  # a table of lambdas
    world = await asked()
    await change(world)
    await decide(world)
    assert world.arm.writes == []
    told = [one.report.outcome for one in await world.notices() if one.kind is NoticeKind.APPROVAL_ENDED]
    assert len(told) == 1
    assert told[0].startswith(f"approved by bob@contoso.example (for good reason), and not carried out: {reason}")
    assert await waiting(world) == []


async def test_an_approval_used_up_while_held_is_asked_for_again_after_the_release() -> None:
    world = await asked()
    await hold(world)
    await decide(world)
    await release(world)
    assert world.arm.writes == []
    assert await asked_times(world) == 2


async def test_an_approval_that_waits_while_its_server_is_held_is_withdrawn_and_asked_for_again() -> None:
    world = await asked()
    await hold(world)
    await sweep(world)
    assert await waiting(world) == []
    await release(world)
    assert len(await waiting(world)) == 1


async def _with(world: World, policy: Policy) -> None:
    world.with_policy(policy)


async def test_a_plan_that_was_begun_ends_when_the_policy_only_tells() -> None:
    world = await asked()

    def busy(*_: object) -> None:
        raise Busy("busy", 10)

    world.arm.on_write = busy
    await decide(world)
    world.with_policy(a_policy(Mode.NOTIFY))
    world.arm.on_write = lambda *_: None
    world.arm.calls.clear()
    await world.later(60)
    assert world.arm.writes == []


async def test_an_approved_plan_is_carried_out_though_another_fix_has_just_failed() -> None:
    world = await asked()
    world.arm.accepted, world.arm.operations = Accepted("https://arm/operation", 60), [Progress(True, "no luck")]
    world.arm.ignore_writes = True
    await world.change(PUBLIC_ACCESS, "Enabled")
    world.arm.accepted, world.arm.ignore_writes = Accepted(), False
    await decide(world, run=False)
    await world.later(60)
    assert world.state.value(TLS) == "on"
    assert await ended(world) == ["approved by bob@contoso.example (for good reason), and carried out"]
    assert NoticeKind.REMEDIATION_FAILED in await world.told()


# Denying


async def test_a_denied_plan_is_told_recorded_and_not_asked_about_again() -> None:
    world = await asked()
    await decide(world, Verdict.DENY, reason="we test")
    for _ in range(3):
        await sweep(world)
    assert world.arm.writes == []
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED, NoticeKind.APPROVAL_ENDED]
    assert await ended(world) == ["denied by bob@contoso.example: we test"]
    assert (await world.entries(world.target))[0].report.findings[0].reason == (
        "not approved by bob@contoso.example at 2025-11-24 09:00 UTC: we test"
    )


async def test_a_denial_holds_for_its_plan_and_not_for_another() -> None:
    world = await asked()
    await decide(world, Verdict.DENY)
    await world.change(TLS, "sometimes")
    assert await asked_times(world) == 2


async def test_a_denial_holds_for_its_drift_and_not_for_the_next_one_like_it() -> None:
    world = await asked()
    await decide(world, Verdict.DENY)
    await world.change(TLS, "on")
    await world.change(TLS, "off")
    assert await asked_times(world) == 2


async def test_a_denial_needs_a_reason() -> None:
    world = await asked()
    with pytest.raises(Refused, match="a denial needs a reason"):
        await decide(world, Verdict.DENY, reason=" ")
    assert len(await waiting(world)) == 1


# In time, once, by the right person


async def test_a_plan_that_nobody_decided_about_is_denied_in_its_moment() -> None:
    world = await asked(asking(valid_hours=24))
    await hours_pass(world, 23.9)
    assert len(await waiting(world)) == 1
    await world.later(0.1 * HOUR)
    assert await waiting(world) == []
    assert await ended(world) == ["nobody has decided within 24 hours: not done"]
    await sweep(world)
    assert await asked_times(world) == 1


async def test_a_plan_that_nobody_decided_about_is_escalated_once_and_then_denied() -> None:
    world = await asked(asking(valid_hours=1, at_expiry=AtExpiry.ESCALATE))
    (first,) = await waiting(world)
    await world.later(HOUR)
    (second,) = await waiting(world)
    assert second.approval.id != first.approval.id
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED] * 2
    again = (await world.notices())[1].report
    assert (again.severity, again.escalated, again.approval) == ("critical", True, second.approval.id)
    await world.later(HOUR)
    assert await waiting(world) == []
    assert (await world.told())[2:] == [NoticeKind.APPROVAL_ENDED]


async def test_an_escalated_plan_can_be_approved_and_its_first_link_is_void() -> None:
    world = await asked(asking(valid_hours=1, at_expiry=AtExpiry.ESCALATE))
    (first,) = await waiting(world)
    await world.later(HOUR)
    with pytest.raises(Refused, match="does not wait for a decision any more"):
        await decide(world, approval_id=first.approval.id)
    await decide(world)
    assert world.state.value(TLS) == "on"


@pytest.mark.parametrize("at_expiry", AtExpiry)
async def test_a_plan_whose_drift_is_gone_when_its_time_is_over_bothers_nobody(at_expiry: AtExpiry) -> None:
    world = await asked(asking(valid_hours=1, at_expiry=at_expiry))
    await quietly_change(world, TLS, "on")
    await world.later(HOUR)
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED]
    assert "withdrawn" in (await ended(world))[0]


async def test_no_approval_waits_for_ever_on_a_server_that_cannot_be_read() -> None:
    world = await asked(asking(valid_hours=1))

    def refuse(*_: object) -> None:
        raise Forbidden("flexibleServers/read is missing at pg", "flexibleServers/read", "pg")

    world.arm.on_read = refuse
    await world.later(HOUR)
    assert await waiting(world) == []
    assert await ended(world) == ["nobody has decided within 1 hours: not done"]


async def test_a_deleted_server_takes_its_approvals_along_and_their_records_say_so() -> None:
    world = await asked()
    del world.arm.states[world.target]
    await world.event("delete")
    assert await waiting(world) == []
    assert await world.store.documents("approvals/") == []
    assert "the server does not exist any more" in (await ended(world))[0]


async def test_a_decision_after_the_time_is_over_is_refused() -> None:
    world = await asked(asking(valid_hours=1))
    (found,) = await waiting(world)
    with pytest.raises(Refused, match="the time to decide was over at 2025-11-24 10:00 UTC"):
        await decide(world, at=found.approval.expires_at)
    await world.later(HOUR)
    assert world.arm.writes == []


async def test_a_decision_in_time_counts_though_its_pass_comes_late() -> None:
    world = await asked(asking(valid_hours=1))
    (found,) = await waiting(world)
    await decide(world, at=found.approval.expires_at - timedelta(seconds=1), run=False)
    await world.later(2 * HOUR)
    assert world.state.value(TLS) == "on"


async def test_a_decision_is_made_once() -> None:
    world = await asked()
    await decide(world, run=False)
    (line,) = await world.store.documents("approvals/")
    found = await approvals.find(world.store, line.name.removeprefix("approvals/"))
    assert found is not None
    for verdict in Verdict:
        with pytest.raises(Refused, match=r"already approved by bob@contoso\.example at 2025-11-24 09:00 UTC"):
            await approvals.decide(
                world.store, world.policy, found.approval.id, found.approval.digest, verdict, ALICE, "no", world.clock()
            )
    await world.run_due()
    assert len(world.arm.writes) == 1


async def test_of_many_who_decide_in_one_moment_one_has_decided() -> None:
    world = await asked()
    answers = await asyncio.gather(
        *(decide(world, verdict, run=False) for verdict in [Verdict.APPROVE, Verdict.DENY] * 4), return_exceptions=True
    )
    made = [answer for answer in answers if not isinstance(answer, Exception)]
    assert len(made) == 1
    assert {type(answer) for answer in answers if isinstance(answer, Exception)} == {Refused}


async def test_a_link_to_another_plan_decides_nothing() -> None:
    world = await asked()
    await world.change(MINIMUM, "TLSv1")
    one, other = await waiting(world)
    with pytest.raises(Refused, match="the plan is not the one that was shown"):
        await decide(world, approval_id=one.approval.id, digest=other.approval.digest)
    assert world.arm.writes == []
    assert len(await waiting(world)) == 2


@pytest.mark.parametrize("verdict", Verdict)
async def test_whoever_made_the_change_does_not_decide_about_it(verdict: Verdict) -> None:
    world = await asked()
    with pytest.raises(Refused, match=r"four eyes"):
        await decide(world, verdict, by=DANA)
    await decide(world, verdict, by=BOB)


async def test_without_four_eyes_they_may() -> None:
    world = await asked(asking(four_eyes=False))
    await decide(world, by=DANA)
    assert world.state.value(TLS) == "on"


async def test_whoever_made_the_change_is_not_forgotten_when_the_plan_is_asked_about_anew() -> None:
    world = await asked()
    await quietly_change(world, TLS, "sometimes")
    await sweep(world)
    with pytest.raises(Refused, match=r"four eyes"):
        await decide(world, by=DANA)


async def test_whoever_only_had_the_server_looked_at_made_no_change() -> None:
    world = World(policy=asking())
    await world.baseline()
    await quietly_change(world, TLS, "off")
    await look_again(world)
    (found,) = await waiting(world)
    assert found.approval.caused_by is None
    await decide(world, by=ALICE)
    assert world.state.value(TLS) == "on"


async def test_only_approvers_decide_where_the_policy_names_some() -> None:
    world = await asked(asking(approvers=(DBA_GROUP,)))
    with pytest.raises(Refused, match="is not among the approvers"):
        await decide(world, by=BOB)
    await decide(world, by=replace(BOB, groups=(DBA_GROUP,)))
    assert world.state.value(TLS) == "on"


async def test_nobody_is_no_approver() -> None:
    world = await asked()
    with pytest.raises(Refused, match="nobody is signed in"):
        await decide(world, by=Actor(""))


@pytest.mark.parametrize("step", range(60))
async def test_a_worker_killed_anywhere_on_the_way_from_approval_to_proof_does_it_once(step: int) -> None:
    world = await asked()
    await decide(world, run=False)
    await run_with_a_kill(world, step)
    await sweep(world)
    assert world.arm.writes == [str(TLS)]
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED, NoticeKind.REMEDIATED]
    assert await ended(world) == ["approved by bob@contoso.example (for good reason), and carried out"]
    assert await waiting(world) == []


DANA_AS_HEARD = Actor("dana.fields@contoso.example", "d" * 8, "", "user", "198.51.100.23")
