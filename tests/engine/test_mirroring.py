"""A server that is made from another is mirrored once: found by its creation, or because a person asks for it."""

from contextlib import suppress
from typing import Any

from shared.errors import Gone
from shared.journal import Actor, NoticeKind, Origin, Request, Stage, Wish
from shared.memory import Copied
from shared.policy import ControlPolicy, Mode, Policy
from shared.ports import Creation
from shared.state import FacetKind, Setting, SettingKind, State
from shared.target import Target
from tests.builders import CATALOGUE, a_rule
from tests.engine.world import World, rules
from tests.remediators.copies import RESTORED, a_one, chosen

OWNER, LOG = Setting(SettingKind.TAG, "owner"), Setting(SettingKind.PARAMETER, "log_duration")
DANA = Actor("dana.fields@contoso.example", "d" * 8)
APPROVED = {FacetKind.PRIVATE_ENDPOINTS: {"app": {"privateLinkServiceConnectionState.status": "Approved"}}}
THEIRS: dict[str, Any] = {
    "server": {"tags": {"owner": "payments"}},
    "firewall_rules": (a_rule(),),
    "parameters": {"log_duration": chosen("log_duration", "on")},
    "children": APPROVED,
}
OURS: dict[str, Any] = {
    "parameters": {"log_duration": chosen("log_duration", "off")},
    "children": {FacetKind.PRIVATE_ENDPOINTS: {}},
}


def a_policy_about_restores(mode: Mode = Mode.ENFORCE) -> Policy:
    return Policy(controls={RESTORED: ControlPolicy(mode=mode, first_sight=mode)})


def a_world(policy: Policy | None = None, **ours: Any) -> World:
    return World(a_one(**{**OURS, **ours}), a_one("pg-source", **THEIRS), policy=policy or a_policy_about_restores())


def source_of(world: World) -> Target:
    return next(target for target in world.arm.states if target.name == "pg-source")


def made_from(world: World, source: str = "", known: bool = True) -> None:
    world.arm.creations[world.target] = Creation(source, known)


async def copied(world: World) -> Copied | None:
    return (await world.store.load(world.target)).memory.copied


async def test_a_restored_server_is_mirrored_by_its_creation() -> None:
    world = a_world()
    before: State = world.arm.states[source_of(world)]
    made_from(world, source_of(world).id)
    await world.event("write")
    assert (world.state.value(OWNER), world.state.value(LOG)) == ("payments", "on")
    assert rules(world.state) == {}
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED, NoticeKind.REMEDIATED]
    assert world.arm.states[source_of(world)] is before


async def test_one_message_says_what_was_copied_and_what_was_not() -> None:
    world = a_world()
    made_from(world, source_of(world).id)
    await world.event("write")
    done = [notice for notice in await world.notices() if notice.kind is NoticeKind.REMEDIATED]
    (report,) = [notice.report for notice in done]
    assert {change.setting for change in report.changes} == {"tags/owner", "configurations/log_duration"}
    verbs = {line.setting: line.verb for line in report.findings}
    assert verbs == {
        "tags/owner": "act",
        "configurations/log_duration": "act",
        "privateEndpointConnections/app": "tell",
    }
    assert report.outcome == "copied from pg-source and proven by reading again"


async def test_it_is_mirrored_once_and_goes_its_own_way_then() -> None:
    world = a_world(firewall_rules=(a_rule(),))
    made_from(world, source_of(world).id)
    await world.event("write")
    await world.event("*")
    found = await copied(world)
    assert found is not None
    assert found.done_at is not None
    written = list(world.arm.writes)
    world.arm.set(world.target, LOG, "off")
    world.arm.calls.clear()
    await world.event("*")
    assert world.arm.writes == []
    assert f"read {FacetKind.METRIC_ALERTS}" not in world.arm.calls
    assert len(written) == 2


async def test_a_server_made_from_nothing_is_asked_about_once() -> None:
    world = a_world()
    made_from(world)
    await world.event("write")
    await world.event("*")
    await world.event("write")
    assert world.arm.calls.count("ask creation") == 1
    assert await copied(world) is None


async def test_a_server_that_was_there_before_is_asked_about_and_nobody_is_told() -> None:
    world = a_world()
    await world.event("*", origin=Origin.SWEEP)
    await world.later(3600)
    assert world.arm.calls.count("ask creation") == 1
    assert await world.told() == []


async def test_the_log_is_asked_again_as_it_fills_up_late() -> None:
    world = a_world()
    await world.event("write")
    assert world.state.value(OWNER) is None
    made_from(world, source_of(world).id)
    await world.later(300)
    assert world.state.value(OWNER) == "payments"


async def test_where_the_log_never_tells_people_get_the_command() -> None:
    world = a_world()
    made_from(world, known=False)
    await world.event("write")
    assert await world.told() == []
    for _ in range(4):
        await world.later(300)
    assert await world.told() == [NoticeKind.CANNOT_OBSERVE]
    (notice,) = await world.notices()
    assert f"`holdfast mirror SOURCE {world.target.name}`" in notice.report.error
    await world.later(3600)
    await world.event("*")
    assert await world.told() == [NoticeKind.CANNOT_OBSERVE]


async def test_a_policy_that_is_silent_about_copies_asks_nothing() -> None:
    world = a_world(Policy())
    await world.event("write")
    assert "ask creation" not in world.arm.calls


async def test_a_source_that_is_deleted_meanwhile_ends_the_mirror_and_is_told() -> None:
    world = a_world()
    made_from(world, source_of(world).id)
    del world.arm.states[source_of(world)]
    await world.event("write")
    assert world.arm.writes == []
    assert await world.told() == [NoticeKind.CANNOT_OBSERVE]
    assert "does not exist any more" in (await world.notices())[0].report.error
    assert await copied(world) is None


# -- by hand ----------------------------------------------------------------------------------------------------------


async def asked(world: World, source: Target | None = None, only: tuple[str, ...] = ()) -> str:
    """Dana asks for all that a mirror would change, as the command does."""
    source = source or source_of(world)
    what = Copied(source.id, world.clock(), by=DANA.name)
    outcome = (await world.engine.preview(world.target, copied=what)).outcome
    found = [pair for pair in outcome.decided if pair[0].control == RESTORED]
    changes = tuple(one for one in outcome.part(found).changes if not only or str(one.setting) in only)
    wish = Request(Wish.MIRROR, DANA, changes, source=source.id)
    trigger = await world.event("*", origin=Origin.PERSON, request=wish, id=f"mirror-{world.clock():%H%M%S}")
    return trigger.id


async def test_what_a_person_asks_for_is_copied_whatever_the_policy_says() -> None:
    world = a_world(Policy())
    await world.baseline()
    await asked(world)
    assert (world.state.value(OWNER), world.state.value(LOG)) == ("payments", "on")
    assert rules(world.state) == {"app": ("203.0.113.10", "203.0.113.10")}
    assert NoticeKind.REMEDIATED in await world.told()


async def test_exactly_what_was_shown_is_copied_or_nothing() -> None:
    world = a_world(Policy())
    await world.baseline()
    world.arm.set(source_of(world), LOG, "on")
    what = Copied(source_of(world).id, world.clock(), by=DANA.name)
    outcome = (await world.engine.preview(world.target, copied=what)).outcome
    changes = outcome.part(pair for pair in outcome.decided if pair[0].control == RESTORED).changes
    world.arm.set(source_of(world), LOG, "off")
    wish = Request(Wish.MIRROR, DANA, changes, source=source_of(world).id)
    await world.event("*", origin=Origin.PERSON, request=wish, id="mirror-1")
    assert world.arm.writes == []
    assert Stage.FAILED in {entry.stage for entry in await world.entries()}
    assert await copied(world) is None


async def test_a_part_may_be_asked_for_and_nothing_else_is_done() -> None:
    world = a_world(Policy())
    await world.baseline()
    await asked(world, only=("tags/owner",))
    assert world.arm.writes == ["tags/owner"]
    assert world.state.value(LOG) == "off"
    for _ in range(2):
        await world.event("*")
    assert world.arm.writes == ["tags/owner"]


async def test_a_mirror_can_be_undone() -> None:
    world = a_world(Policy())
    await world.baseline()
    before = world.state
    await asked(world)
    record = (await world.entries())[0].record
    wish = Request(Wish.UNDO, DANA, record=record, reason="it was the wrong source")
    await world.event("*", origin=Origin.PERSON, request=wish, id="undo-1")
    assert world.state == before


async def test_a_killed_worker_goes_on_with_what_was_asked_for() -> None:
    world = a_world(Policy())
    await world.baseline()
    killed = [True]

    def once() -> None:
        if killed.pop() if killed else False:
            raise KeyboardInterrupt

    world.arm.after_write = once
    with suppress(KeyboardInterrupt):
        await asked(world)
    await world.later(120)
    await world.engine.reconcile(world.target)
    assert (world.state.value(OWNER), world.state.value(LOG)) == ("payments", "on")


async def test_a_copy_that_goes_while_it_is_mirrored_is_forgotten() -> None:
    world = a_world(Policy())
    await world.baseline()

    def gone(target: Target, group: object) -> None:
        del world.arm.states[target]
        raise Gone(f"{target} was not found")

    world.arm.on_write = gone
    await asked(world)
    assert NoticeKind.REMEDIATION_FAILED in await world.told()
    await world.event("*")
    assert await copied(world) is None


async def test_the_catalogue_asks_a_person_before_a_restored_server_is_mirrored() -> None:
    world = a_world(
        Policy(mode=Mode.ENFORCE, controls={RESTORED: ControlPolicy(mode=Mode.APPROVE, first_sight=Mode.APPROVE)})
    )
    made_from(world, source_of(world).id)
    await world.event("write")
    assert world.arm.writes == []
    notices = [notice for notice in await world.notices() if notice.kind is NoticeKind.APPROVAL_NEEDED]
    (asking,) = [one for one in notices if any(line.control == RESTORED for line in one.report.findings)]
    verbs = {line.setting: line.verb for line in asking.report.findings}
    assert verbs["privateEndpointConnections/app"] == "tell"
    assert CATALOGUE[RESTORED].control.fresh.value == "approval"
