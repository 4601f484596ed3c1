"""One worker's turn at one server, under its lease: what it works with, and how what it writes down is kept."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared import summaries, usage
from shared.approvals import enlist, unlist
from shared.control import Catalogue, Control
from shared.guard import Guard
from shared.ledger import Ledger
from shared.measures import cards_in_force, judges_here, with_responses
from shared.memory import Consent
from shared.originals import asked_for, named, straightened
from shared.plan import Judge
from shared.policy import Policy
from shared.ports import Arm, Dossier, Store
from shared.scene import Scene
from shared.scope import Place
from shared.select import controls_for, guarded
from shared.state import Facet, State
from shared.summary import Mark, Summary
from shared.target import Target
from shared.telemetry import names, record

_LONGEST_WAIT_SECONDS = 600.0
# The hourly sweep comes by anyway; an appointment before the next one gets a message of its own.
_NEXT_SWEEP = timedelta(minutes=70)


@dataclass(frozen=True, slots=True)
class World:
    """What every turn works with."""

    store: Store
    arm: Arm
    catalogue: Catalogue
    policy: Policy
    clock: Callable[[], datetime]


class Turn:
    """One pass over one target. `consents` are what people agreed to, as far as it was heard. It `glances` where it
    looks only at what an alert is about."""

    def __init__(self, world: World, target: Target, dossier: Dossier, guard: Guard) -> None:
        self.target, self.guard = target, guard
        self.store, self.arm, self.clock = world.store, world.arm, world.clock
        self.policy, self.catalogue = world.policy, world.catalogue
        answers = dossier.memory.answers or any(trigger.alert for trigger in dossier.triggers)
        told_of = with_responses(world.catalogue) if answers else world.catalogue
        self.ledger = Ledger(target, dossier, told_of, world.policy, world.clock)
        self.triggers = dossier.triggers
        self.glances = False
        self.consents: list[Consent] = []
        self._version = dossier.version
        self._lines = {approval.id for approval in dossier.memory.approvals}
        self._uses = usage.ids_in(dossier.memory.uses)
        self._summary = dossier.memory.summary
        self._marks: Mapping[str, Mark] = self._summary.marks if self._summary else {}

    @property
    def controls(self) -> tuple[Control, ...]:
        """Every control, and every response to an alert, that may have something to say about the server; what somebody
        asked for is among them."""
        asked = asked_for(self.ledger.memory.copied)
        controls = controls_for(self.catalogue, self.policy, self.target.kind, asked)
        return (*controls, *cards_in_force(self.ledger.memory, self.target.kind))

    def learn(self, state: State, judges: Sequence[Judge]) -> None:
        """Remember what is good. A glance at what an alert is about shows facets that not everybody has judged."""
        self.ledger.learn(state, () if self.glances else judges)

    def mark(self, marks: Mapping[str, Mark], judged: Collection[str] = ()) -> None:
        """How controls stand, for whoever looks at the fleet; what was `judged` and has no mark does not apply."""
        ids = {control.id for control in self.controls} - set(judged)
        kept = {control: mark for control, mark in self._marks.items() if control in ids}
        self.sum_up({**kept, **marks})

    def mark_proven(self, state: State, judges: Sequence[Judge]) -> None:
        """How controls stand after a change."""
        self.sum_up(summaries.marks_after(self._marks, state, judges))

    def sum_up(self, marks: Mapping[str, Mark] | None = None, trouble: str = "") -> None:
        """Remember how the server stands; without marks as before."""
        self._marks = self._marks if marks is None else marks
        waiting = len(self.ledger.memory.approvals)
        said = Summary(self.clock(), self._marks, waiting, trouble)
        self.ledger.remember(summary=summaries.summed_up(self._summary, said))

    def scene(self) -> Scene:
        """Where the pass takes place, and what has been heard there."""
        return Scene(self.target, self.policy, self.ledger.memory, self.triggers, tuple(self.consents))

    async def observe(self, facets: Iterable[Facet]) -> State:
        """What stands there now, together with what is remembered of it."""
        memory = self.ledger.memory
        with record.span(names.OBSERVE, {"holdfast.target": self.target.id}):
            state = await self.arm.observe(self.target, named(facets, memory.copied))
            state = await straightened(self.arm, self.store, self.catalogue, self.policy, state)
        return replace(state, recalled=memory.last_good().values, guarded=guarded(self.catalogue, self.policy, state))

    def judges(self, place: Place) -> tuple[Judge, ...]:
        """Who judges here: the controls that are not off, those that somebody asked for, and what answers alerts."""
        memory = self.ledger.memory
        return judges_here(self.catalogue, self.policy, place, memory, asked_for(memory.copied))

    async def commit(self, handled: bool = True) -> None:
        """Write everything down at once. What leads here, to an approval or from what the server uses, comes before and
        goes after."""
        self.guard.check()
        waiting = {approval.id: approval for approval in self.ledger.memory.approvals}
        for approval_id in waiting.keys() - self._lines:
            await enlist(self.store, waiting[approval_id], self.target)
        uses = usage.ids_in(self.ledger.memory.uses)
        await usage.enlist(self.store, self.target, uses - self._uses)
        commit, sums = self.ledger.take(handled), self.ledger.sums()
        self._version = await self.store.commit(self.target, self._version, commit)
        for one in sums:
            record.tell(one.metric, one.value, **one.dimensions)
        for approval_id in self._lines - waiting.keys():
            await unlist(self.store, approval_id)
        await usage.unlist(self.store, self.target, self._uses - uses)
        await self._show(handled)
        self._lines, self._uses = set(waiting), uses
        due = self.ledger.memory.due_at
        if handled and due is not None and due - self.clock() < _NEXT_SWEEP:
            await self.wake((due - self.clock()).total_seconds())

    async def _show(self, handled: bool) -> None:
        """Show how the server stands, once the look is over."""
        summary = self.ledger.memory.summary
        if handled and summary != self._summary:
            await summaries.show(self.store, self.target, summary, new=self._summary is None)
            self._summary = summary

    async def wake(self, after_seconds: float = 0) -> None:
        """Have the server looked at again."""
        await self.store.wake(self.target, max(0.0, after_seconds))


def backoff(times: int) -> float:
    """How many seconds to wait after so many vain tries."""
    return min(_LONGEST_WAIT_SECONDS, 2.0 ** min(times, 10))
