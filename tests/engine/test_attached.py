"""What hangs on a server, from the event that took it away to the proof that it is back: locks, for all of them."""

from dataclasses import replace

from shared.journal import Actor, NoticeKind, Stage
from shared.policy import Mode, Policy, Trusted
from shared.state import FacetKind, Setting, SettingKind
from shared.target import Kind
from tests.builders import a_policy, a_state, a_target
from tests.engine.world import World

ROBOT_ID = "77777777-7777-4777-8777-777777777777"
ROBOT = Actor("deploy", ROBOT_ID, "", "application")
LOCK = Setting(SettingKind.LOCK, "keep (prod)")
CHILD = "providers/microsoft.authorization/locks/keep (prod)"
VALUE = {"level": "CanNotDelete", "notes": "production"}


async def a_locked_world(mode: Mode = Mode.ENFORCE, kind: Kind = Kind.FLEXIBLE, policy: Policy | None = None) -> World:
    """A server whose lock Holdfast has seen; nothing else of it is looked at."""
    state = a_state(a_target(kind=kind), children={FacetKind.LOCKS: {LOCK.name: VALUE}})
    world = World(state, policy=policy or a_policy(Mode.OFF, resource_lock_present=mode))
    await world.baseline()
    world.clock.advance(60)
    return world


async def test_the_event_costs_one_read_one_write_and_the_proof() -> None:
    for kind in Kind:
        world = await a_locked_world(kind=kind)
        await world.change(LOCK, None)
        assert world.arm.calls == ["read locks", f"write {LOCK}", "read locks"]
        assert world.state.value(LOCK) == VALUE
        assert Stage.PROVEN in await world.stages()
        assert await world.told() == [NoticeKind.REMEDIATED]


async def test_who_took_it_away_is_named() -> None:
    world = await a_locked_world(Mode.NOTIFY)
    await world.change(LOCK, None)
    (notice,) = await world.notices()
    assert notice.report.trigger is not None
    assert notice.report.trigger.child == CHILD


async def test_what_waits_for_a_person_keeps_the_value_that_was_there() -> None:
    world = await a_locked_world(Mode.APPROVE)
    await world.change(LOCK, None)
    await world.event("*")
    (line,) = (await world.notices())[0].report.changes
    assert (line.setting, line.after) == (str(LOCK), VALUE)
    assert (await world.store.load(world.target)).memory.values[str(LOCK)] == VALUE


async def test_a_trusted_identity_that_the_log_confirms_may_take_it_away() -> None:
    trusted = Trusted(name="deploy", ids=frozenset({ROBOT_ID}))
    policy = replace(a_policy(Mode.OFF, resource_lock_present=Mode.ENFORCE), trusted=(trusted,))
    world = await a_locked_world(policy=policy)
    world.arm.set(world.target, LOCK, None)
    world.arm.activity.append((world.clock(), CHILD, frozenset({ROBOT_ID})))
    await world.event("microsoft.authorization/locks/delete", CHILD, actor=ROBOT)
    assert world.arm.writes == []
    (entry,) = await world.entries()
    assert entry.report.findings[0].reason == "changed by deploy, a trusted identity, confirmed by the activity log"
