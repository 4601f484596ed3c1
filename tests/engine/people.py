"""What people do around a server while an engine test runs: hold, exempt, decide, ask, take back; and time passes."""

from datetime import timedelta
from typing import Any

from shared import approvals, stewardship
from shared.approvals import Found, Ruling, Verdict
from shared.control import Change
from shared.journal import Actor, NoticeKind, Origin, Request, Trigger, Wish, new_id
from shared.orders import Exemption, Hold
from shared.standing import orders_of
from shared.state import Setting, Value
from shared.target import FLEET
from tests.engine.world import World

ALICE = Actor("alice@contoso.example", "a" * 8, kind="user")
BOB = Actor("bob@contoso.example", "b" * 8, kind="user")
HOUR = 3600.0
DAY = 24 * HOUR


def an_exemption(world: World, *controls: str, hours: float = 24, **changes: Any) -> Exemption:
    given: dict[str, Any] = {
        "id": f"exemption-{hours:g}",
        "scope": world.target.id.lower(),
        "reason": "a migration",
        "owner": "owner@contoso.example",
        "expires_at": world.clock() + timedelta(hours=hours),
        "by": ALICE.name,
    }
    return Exemption(controls=controls, **(given | changes))


async def exempt(world: World, *controls: str, hours: float = 24, **changes: Any) -> Exemption:
    """Alice exempts the server by a command."""
    exemption = an_exemption(world, *controls, hours=hours, **changes)
    await stewardship.exempt(world.store, world.policy, exemption, ALICE, world.clock())
    return exemption


async def end(world: World, exemption: Exemption) -> None:
    """Alice ends an exemption, and the server is looked at."""
    await stewardship.end_exemption(world.store, exemption.id, ALICE, "done", world.clock())
    await look_again(world)


async def hold(world: World, scope: str | None = None, control: str = "") -> Hold:
    """Alice holds a scope; the server, where none is given."""
    where = world.target.id.lower() if scope is None else scope
    order = Hold(new_id(world.clock()), where, "an investigation", ALICE.name, world.clock(), control)
    await stewardship.hold(world.store, order, ALICE)
    return order


async def release(world: World, *holds: Hold) -> None:
    """Alice lifts holds (all of them, where none is named), and the server is looked at."""
    ids = [order.id for order in holds or (await orders_of(world.store)).holds]
    await stewardship.release(world.store, ids, ALICE, "it is over", world.clock())
    await look_again(world)


async def look_again(world: World) -> None:
    await stewardship.look_again(world.store, [world.target], ALICE, world.clock())
    await world.run_due()


async def waiting(world: World) -> list[Found]:
    return await approvals.waiting(world.store)


async def decide(
    world: World, verdict: Verdict = Verdict.APPROVE, by: Actor = BOB, reason: str = "for good reason", **given: Any
) -> Ruling:
    """Somebody decides about the oldest plan that waits, and the server is looked at."""
    (found, *_) = await waiting(world)
    digest = given.get("digest", found.approval.digest)
    approval_id = given.get("approval_id", found.approval.id)
    ruling = await approvals.decide(
        world.store, world.policy, approval_id, digest, verdict, by, reason, given.get("at", world.clock())
    )
    if given.get("run", True):
        await world.run_due()
    return ruling


async def ask_for(world: World, wish: Wish, run: bool = True, **request: Any) -> Trigger:
    """Alice asks for something, and the server is looked at."""
    at = world.clock()
    wanted = Request(wish, ALICE, **request)
    trigger = Trigger(new_id(at), world.target.id, "*", "", at, Origin.PERSON, ALICE, received_at=at, request=wanted)
    await world.store.remember(trigger)
    if run:
        await world.run_due()
    return trigger


async def apply(world: World, *changes: Change, **request: Any) -> Trigger:
    return await ask_for(world, Wish.APPLY, changes=changes, **request)


async def undo(world: World, record: str, **request: Any) -> Trigger:
    return await ask_for(world, Wish.UNDO, record=record, **request)


async def shown_plan(world: World) -> tuple[Change, ...]:
    """What a dry run shows."""
    return (await world.engine.preview(world.target)).outcome.plan.changes


async def sweep(world: World) -> None:
    """The hourly look at everything; nobody is named in it."""
    await world.event("*", origin=Origin.SWEEP, actor=None)


async def hours_pass(world: World, hours: float) -> None:
    """Time passes with its hourly sweeps."""
    left = hours * HOUR
    while left > 0:
        await world.later(min(HOUR, left))
        left -= HOUR
        if left >= 0:
            await sweep(world)


class Killed(BaseException):
    """The process is gone."""


async def run_with_a_kill(world: World, step: int) -> None:
    """Do what is due, and be killed at the store's so-manieth point (0, or more than there are: not at all). The lease
    runs out, the message comes back, and another worker goes on."""
    count = 0

    def kill(point: str) -> None:
        nonlocal count
        count += 1
        if count == step:
            raise Killed(point)

    world.store.interrupt = kill
    try:
        await world.run_due()
    except Killed:
        world.store.interrupt = lambda _point: None
        world.clock.advance(61)
        await world.store.wake(world.target)
        await world.run_due()
        await world.later(120)
    world.store.interrupt = lambda _point: None


async def quietly_change(world: World, setting: Setting, value: Value) -> None:
    """A change of which no event ever arrives."""
    world.arm.set(world.target, setting, value)


async def reasons(world: World) -> list[str]:
    """The reasons of the decisions in all records of the server, oldest first."""
    entries = [entry for entry in await world.entries(world.target) if entry.report.findings]
    return [entry.report.findings[0].reason for entry in reversed(entries)]


async def outcomes(world: World, *kinds: NoticeKind) -> list[str]:
    """How what people are told ended, in order; only of these kinds, if any are named."""
    return [one.report.outcome for one in await world.notices() if not kinds or one.kind in kinds]


async def told_of_the_fleet(world: World) -> list[NoticeKind]:
    return [notice.kind for notice in (await world.store.load(FLEET)).outbox if not notice.quiet]
