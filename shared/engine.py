"""Looks at servers and puts them right: takes the lease, loads what is known, and has one pass made.

    lease → load → look (hear → observe → detect → decide → plan → apply → observe again → record → outbox)

Nothing here knows Azure's URLs. Safe to share between tasks: all state is in the store.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from shared.circumstances import asked_about, circumstances_at
from shared.control import Catalogue
from shared.deliberate import Outcome, deliberate
from shared.guard import hold
from shared.journal import Origin, now
from shared.look import appointment, look
from shared.measures import cards_in_force, judges_here
from shared.memory import Consent, Copied, Memory
from shared.originals import asked_for, named, straightened
from shared.policy import Policy
from shared.ports import Arm, Dossier, Store
from shared.scene import Scene, place_of, place_under
from shared.scope import Place
from shared.select import able, controls_for, facets_of, guarded
from shared.standing import orders_of
from shared.state import SERVER
from shared.target import Target
from shared.telemetry import names, record
from shared.turn import Turn, World

_HELD_ELSEWHERE_SECONDS = 1.0
_FAILOVER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a look would find and do now; nothing was written anywhere."""

    place: Place
    outcome: Outcome


class Engine:
    """Looks at targets and puts them right. `policy` gives the policy in force, each time it is asked."""

    def __init__(
        self,
        store: Store,
        arm: Arm,
        catalogue: Catalogue,
        policy: Callable[[], Awaitable[Policy]],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._store, self._arm, self._catalogue = store, arm, catalogue
        self._policy, self._clock = policy, clock

    async def reconcile(self, target: Target) -> None:
        """Look at the target if anything waits for it. Safe to call at any time, any number of times."""
        policy = await self._policy()
        async with hold(self._store, target.id, self._clock) as guard:
            if guard is None:
                await self._store.wake(target, _HELD_ELSEWHERE_SECONDS)
                return
            dossier = await self._store.load(target)
            if dossier.outbox and _delivery_may_be_asleep(dossier):
                await self._store.wake_delivery(target)
            if dossier.memory.failover and await self._kept_away(target, dossier.memory):
                await self._store.wake(target, _FAILOVER_SECONDS)
                return
            due = dossier.memory.due_at
            if due is not None and due <= self._clock():
                dossier = replace(dossier, triggers=(*dossier.triggers, appointment(target, due)))
            if dossier.triggers or dossier.memory.ends or dossier.memory.open:
                world = World(self._store, self._arm, self._catalogue, policy, self._clock)
                await self._look(Turn(world, target, dossier, guard))

    async def _look(self, turn: Turn) -> None:
        reasons, outcome = turn.triggers, "failed"
        for oldest in sorted(trigger.received_at for trigger in reasons)[:1]:
            record.tell(names.QUEUE_AGE, max(0.0, (self._clock() - oldest).total_seconds()), queue="reconcile")
        last = reasons[-1] if reasons else None
        said = {"holdfast.target": turn.target.id, names.CORRELATION: last.correlation_id if last else ""}
        try:
            with record.span(names.RECONCILE, said, last.trace if last else "", (one.trace for one in reasons[:-1])):
                await look(turn)
            outcome = "ok"
        finally:
            record.tell(names.LOOKS, origin=str(last.origin) if last else "none", outcome=outcome)

    async def _kept_away(self, target: Target, memory: Memory) -> bool:
        """Whether a failover is under way in which the server has another part than to be promoted."""
        # Few servers ever need it.
        from shared.failover.members import failover_here, keeps_away

        failover = await failover_here(self._store, target, memory)
        return failover is not None and failover.new != target and keeps_away(failover, self._clock())

    async def preview(
        self, target: Target, consents: tuple[Consent, ...] = (), copied: Copied | None = None
    ) -> Preview:
        """What a look at everything would find and do, if people agreed like this, and if the server was `copied` so.
        Reads only; the errors are those of reading."""
        policy, at = await self._policy(), self._clock()
        memory = (await self._store.load(target)).memory
        memory = replace(memory, copied=copied or memory.copied)
        wished = asked_for(memory.copied)
        controls = (
            *controls_for(self._catalogue, policy, target.kind, wished),
            *cards_in_force(memory, target.kind),
        )
        facets = facets_of(controls) | {SERVER}
        state = await self._arm.observe(target, named(facets, memory.copied))
        state = await straightened(self._arm, self._store, self._catalogue, policy, state)
        names = guarded(self._catalogue, policy, state)
        state = replace(state, recalled=memory.last_good().values, guarded=names)
        scene = Scene(target, policy, memory, (), consents)
        place = await place_of(self._arm, scene, state)
        judges = judges_here(self._catalogue, policy, place, memory, wished)
        judges = able(judges, (facets | state.facets()) - state.unread.keys())
        orders = await orders_of(self._store)
        place = await place_under(self._arm, policy, place, orders)
        known = circumstances_at(scene, place, orders, at)
        outcome = deliberate(state, judges, memory.last_good(), known)
        asked = await asked_about(self._arm, scene, state, outcome.decided, known)
        return Preview(place, outcome if asked == known else deliberate(state, judges, memory.last_good(), asked))


def _delivery_may_be_asleep(dossier: Dossier) -> bool:
    """A worker killed between its commit and its wake-up call leaves an outbox nobody empties; a look finds it."""
    return not dossier.triggers or any(trigger.origin is Origin.SWEEP for trigger in dossier.triggers)
