"""One look at one server, from waiting triggers to a proven fix. Data flows one way; nothing here knows Azure's URLs.

    lease → load → (settle an open fix) → observe → detect → decide → plan → apply → observe again → record → outbox

Level-triggered: what the event said only chose where to look. A pass that cannot finish leaves its triggers where they
are and asks to be woken; the next pass starts by looking, so it is safe to be killed between any two lines.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from shared.apply import apply
from shared.control import Catalogue, Change
from shared.decide import Verb, decide_all
from shared.errors import Gone, Retry, Stop
from shared.guard import Guard, hold
from shared.journal import Origin, Trigger, now
from shared.ledger import Ledger
from shared.memory import Remediation
from shared.plan import Judge, Plan, checked, make_plan, simulate
from shared.policy import Policy
from shared.ports import Arm, Dossier, Store
from shared.scope import Place
from shared.scribe import Decided
from shared.select import able, facets_of, facets_to_read, judges_for
from shared.state import Facet, State
from shared.target import Target

_HELD_ELSEWHERE_SECONDS = 1.0
_ATTEMPTS = 4
_PATIENCE = timedelta(hours=1)
_LONGEST_WAIT_SECONDS = 600.0


class Engine:
    """Looks at targets and puts them right. Safe to share: all state is in the store."""

    def __init__(
        self,
        store: Store,
        arm: Arm,
        catalogue: Catalogue,
        policy: Policy,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.store = store
        self.arm = arm
        self.catalogue = catalogue
        self.clock = clock
        self.policy = policy

    async def reconcile(self, target: Target) -> None:
        """Look at the target if anything waits for it. Safe to call at any time, any number of times."""
        async with hold(self.store, target.id, self.clock) as guard:
            if guard is None:
                await self.store.wake(target, _HELD_ELSEWHERE_SECONDS)
                return
            dossier = await self.store.load(target)
            if dossier.outbox and _delivery_may_be_asleep(dossier):
                await self.store.wake_delivery(target)
            if dossier.triggers or dossier.memory.open:
                await _Pass(self, target, dossier, guard).run()


class _Pass:
    """One pass over one target, under its lease."""

    def __init__(self, engine: Engine, target: Target, dossier: Dossier, guard: Guard) -> None:
        self._store, self._arm, self._clock = engine.store, engine.arm, engine.clock
        self._judges = judges_for(engine.catalogue, engine.policy, Place(target))
        self._ledger = Ledger(target, dossier, engine.catalogue, engine.clock)
        self._target, self._guard = target, guard
        self._triggers, self._version = dossier.triggers, dossier.version

    async def run(self) -> None:
        """Do the pass, and turn what Azure may answer into waiting or telling."""
        try:
            await self._look()
        except Retry as error:
            times = self._ledger.waited(str(error))
            await self._commit(handled=False)
            await self._store.wake(self._target, max(error.after_seconds, _backoff(times)))
        except Gone as error:
            self._ledger.gone(str(error))
            await self._commit()
        except Stop as error:
            self._ledger.blind(str(error))
            await self._commit()

    async def _look(self) -> None:
        opened = self._ledger.open
        facets = await self._facets(opened)
        failure = ""
        if opened is not None:
            failure, wait = await self._operations(opened)
            if wait is not None:
                await self._store.wake(self._target, wait)
                return
        if not facets:
            await self._commit()
            return
        state = await self._arm.observe(self._target, facets)
        judges = able(self._judges, facets)
        if opened is not None:
            self._settle(opened, state, judges, failure)
        await self._mend(state, judges)

    async def _facets(self, opened: Remediation | None) -> frozenset[Facet]:
        """What to read: what the triggers can have broken, and what the open fix is about."""
        triggers = await self._without_echoes(opened)
        facets = facets_to_read(self._judges, triggers, self._ledger.memory)
        if opened is None:
            return facets
        touched = {change.setting.facet for change in opened.changes}
        return facets | touched | facets_of(judge for judge in self._judges if judge.id in opened.controls)

    async def _without_echoes(self, opened: Remediation | None) -> list[Trigger]:
        """The triggers that are not our own writes coming back: those carry our identity and a fix's correlation id."""
        ids = {*self._ledger.memory.closed, *((opened.id,) if opened else ())}
        if not any(trigger.correlation_id in ids for trigger in self._triggers):
            return list(self._triggers)
        ours = await self._arm.own_identity()
        return [trigger for trigger in self._triggers if not (trigger.correlation_id in ids and _by(trigger, ours))]

    async def _operations(self, opened: Remediation) -> tuple[str, float | None]:
        """Why Azure's operation failed, if it did; or how many seconds to wait for it."""
        for operation in opened.operations:
            progress = await self._arm.progress(operation)
            if progress.error:
                return progress.error, None
            if not progress.done and self._clock() - opened.opened_at < _PATIENCE:
                return "", progress.retry_after_seconds or 10.0
        return "", None

    def _settle(self, opened: Remediation, state: State, judges: Sequence[Judge], failure: str) -> None:
        """Close the fix when it is proven or hopeless; otherwise it stays open, to be continued."""
        about = [judge for judge in judges if judge.id in opened.controls]
        drifting = {setting for judge in about for drift in judge.drifts(state) for setting in drift.settings}
        still = [change.setting for change in opened.changes if change.setting in drifting]
        if not still:
            self._ledger.proven(opened)
        elif failure:
            self._ledger.gave_up(opened, f"Azure accepted the change and then failed it: {failure}")
        elif opened.attempts >= _ATTEMPTS or self._clock() - opened.opened_at > _PATIENCE:
            names = ", ".join(map(str, still))
            self._ledger.gave_up(opened, f"{names} still drifts after {opened.attempts} attempts")

    async def _mend(self, state: State, judges: Sequence[Judge]) -> None:
        ledger = self._ledger
        plan, decided = self._decide(state, judges)
        act = [pair for pair in decided if pair[1].verb is Verb.ACT]
        ledger.resolved(decided, judges)
        ledger.tell(self._left_over(state, judges, plan, decided), plan)
        if not act and ledger.open is not None:
            ledger.gave_up(ledger.open, "the policy or the server changed while the fix was under way")
        ledger.learn(state, judges)
        if not act or ledger.failed:
            await self._commit()
            return
        await self._fix(act, _carried_out(plan, decided).changes, state.facets())

    def _left_over(
        self, state: State, judges: Sequence[Judge], plan: Plan, decided: Sequence[Decided]
    ) -> list[Decided]:
        """The drifts that are not mended, less those that go away with what is."""
        after = simulate(state, _carried_out(plan, decided).changes)
        left = {(drift.control, drift.setting) for judge in judges for drift in judge.drifts(after)}
        rest = [pair for pair in decided if pair[1].verb is not Verb.ACT]
        return [(drift, decision) for drift, decision in rest if (drift.control, drift.setting) in left]

    def _decide(self, state: State, judges: Sequence[Judge]) -> tuple[Plan, list[Decided]]:
        """The plan, and what is done about every drift. A part of a plan that would do harm by itself is not done."""
        last_good = self._ledger.memory.last_good()
        plan = make_plan(state, judges, last_good)
        decided = decide_all(state, judges, plan, last_good)
        part = _carried_out(plan, decided)
        alone = checked(state, part, judges)
        if alone == part:
            return plan, decided
        kept = tuple(change for change in plan.changes if change not in part.changes)
        plan = Plan(kept, alone.refusals)
        return plan, decide_all(state, judges, plan, last_good)

    async def _fix(self, act: Sequence[Decided], changes: tuple[Change, ...], facets: frozenset[Facet]) -> None:
        remediation = self._ledger.begin(act, changes)
        # The intent is in the store before the first write leaves.
        await self._commit(handled=False)
        applied = await apply(self._arm, self._target, remediation, changes, self._guard)
        self._ledger.went_on(applied.remediation)
        if applied.failed:
            self._ledger.gave_up(applied.remediation, applied.failed, quiet=applied.moot)
            await self._commit()
        elif applied.wait_seconds is None:
            await self._prove(applied.remediation, facets)
        else:
            self._ledger.waits(applied.remediation)
            await self._commit()
            await self._store.wake(self._target, applied.wait_seconds)

    async def _prove(self, remediation: Remediation, facets: frozenset[Facet]) -> None:
        """Look again, with the same checks that found the drift."""
        state = await self._arm.observe(self._target, facets)
        judges = able(self._judges, facets)
        self._settle(remediation, state, judges, "")
        self._ledger.learn(state, judges)
        await self._commit()
        if self._ledger.open is not None:
            await self._store.wake(self._target, _backoff(remediation.attempts))

    async def _commit(self, handled: bool = True) -> None:
        self._guard.check()
        self._version = await self._store.commit(self._target, self._version, self._ledger.take(handled))


def _delivery_may_be_asleep(dossier: Dossier) -> bool:
    """A worker killed between its commit and its wake-up call leaves an outbox nobody empties; a look finds it."""
    return not dossier.triggers or any(trigger.origin is Origin.SWEEP for trigger in dossier.triggers)


def _carried_out(plan: Plan, decided: Sequence[Decided]) -> Plan:
    return plan.only(setting for drift, decision in decided if decision.verb is Verb.ACT for setting in drift.settings)


def _by(trigger: Trigger, ours: frozenset[str]) -> bool:
    actor = trigger.actor
    return actor is not None and bool({actor.object_id, actor.app_id} & ours)


def _backoff(times: int) -> float:
    return min(_LONGEST_WAIT_SECONDS, 2.0 ** min(times, 10))
