"""One look at one server, under its lease, from waiting triggers to a proven fix.

    hear → observe → detect → decide → plan → apply → observe again → record → outbox

Level-triggered: what the event said only chose where to look. A pass that cannot finish leaves its triggers where they
are and asks to be woken; the next pass starts by looking, so it is safe to be killed between any two lines.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared import asking, telling
from shared.apply import apply
from shared.approvals import enlist, ruling_on, unlist
from shared.breaker import hold_back
from shared.circumstances import Scene, asked_about, circumstances_at, place_of, still_accepted
from shared.control import Catalogue, Change
from shared.decide import Assent, Circumstances, Consent, Verb
from shared.deliberate import Outcome, deliberate
from shared.diary import due_at
from shared.errors import Gone, Refused, Retry, Stop
from shared.guard import Guard
from shared.journal import Origin, Report, Request, Trigger, Wish
from shared.ledger import Ledger
from shared.memory import Purpose, Remediation
from shared.orders import Orders, exemption_for
from shared.plan import Judge
from shared.policy import Policy
from shared.ports import Arm, Dossier, Store
from shared.scope import Place
from shared.select import able, controls_for, facets_of, facets_to_read, judges_for
from shared.standing import change_orders, orders_of
from shared.state import SERVER, Facet, State
from shared.stewardship import after_undo, with_exemption
from shared.target import Target
from shared.undo import touched, undoing, written_in

_ATTEMPTS = 4
_PATIENCE = timedelta(hours=1)
_LONGEST_WAIT_SECONDS = 600.0
# The hourly sweep comes by anyway; an appointment before the next one gets a message of its own.
_NEXT_SWEEP = timedelta(minutes=70)


@dataclass(frozen=True, slots=True)
class World:
    """What a pass works with."""

    store: Store
    arm: Arm
    catalogue: Catalogue
    policy: Policy
    clock: Callable[[], datetime]


class Look:
    """One pass over one target, under its lease."""

    def __init__(self, world: World, target: Target, dossier: Dossier, guard: Guard) -> None:
        self._world, self._target, self._guard = world, target, guard
        self._store, self._arm, self._clock = world.store, world.arm, world.clock
        self._ledger = Ledger(target, dossier, world.catalogue, world.policy, world.clock)
        self._triggers, self._version = dossier.triggers, dossier.version
        self._controls = controls_for(world.catalogue, world.policy, target.kind)
        self._consents: list[Consent] = []
        self._lines = {approval.id for approval in dossier.memory.approvals}

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
        await self._hear()
        undo = await self._undo_wanted()
        facets = await self._facets(opened, undo)
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
        scene = self._scene()
        place = await place_of(self._arm, scene, state)
        self._ledger.tags = _spoken_of(self._world.policy, place)
        judges = able(judges_for(self._world.catalogue, self._world.policy, place), facets)
        if opened is not None:
            self._settle(opened, state, judges, failure)
        if undo is not None:
            if self._ledger.open is None:
                await self._undo(undo, state, place)
                return
            self._ledger.postpone([undo.trigger])
        await self._mend(scene, state, judges, place)

    def _scene(self) -> Scene:
        return Scene(self._target, self._world.policy, self._ledger.memory, self._triggers, tuple(self._consents))

    # -- what people have said --------------------------------------------------------------------------------------

    async def _hear(self) -> None:
        """Take in rulings on plans that wait, and requests."""
        opened = self._ledger.open
        if opened is not None and opened.agreed:
            self._consents.append(Consent(opened.id, opened.changes, opened.agreed, Assent.BEGUN))
        rulings = [(approval, await ruling_on(self._store, approval.id)) for approval in self._ledger.memory.approvals]
        self._consents += asking.hear(self._ledger, rulings)
        for trigger in self._triggers:
            request = trigger.request
            if request is not None and request.wish is Wish.APPLY:
                by = f"{request.by.name} ({request.reason})" if request.reason else request.by.name
                self._consents.append(Consent(trigger.id, request.changes, by, Assent.ASKED_FOR))

    async def _undo_wanted(self) -> "_Undo | None":
        """The first undo that somebody asked for; others wait for their own pass."""
        wanted = [
            (trigger, trigger.request)
            for trigger in self._triggers
            if trigger.request is not None and trigger.request.wish is Wish.UNDO
        ]
        self._ledger.postpone(trigger for trigger, _ in wanted[1:])
        for trigger, request in wanted[:1]:
            try:
                return _Undo(trigger, request, written_in(await self._store.record(request.record)))
            except Refused as error:
                self._ledger.refused(trigger, str(error))
        return None

    # -- looking ----------------------------------------------------------------------------------------------------

    async def _facets(self, opened: Remediation | None, undo: "_Undo | None") -> frozenset[Facet]:
        """What to read: what the triggers can have broken, and what the open fix is about."""
        triggers = await self._without_echoes(opened)
        facets = facets_to_read(self._controls, triggers, self._ledger.memory)
        if opened is not None:
            facets |= {change.setting.facet for change in opened.changes}
            facets |= facets_of(control for control in self._controls if control.id in opened.controls)
        if undo is not None:
            facets |= touched(undo.report)
        return facets | {SERVER} if facets and self._world.policy.needs_tags else facets

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
        """Close the writing when it is proven or hopeless; otherwise it stays open, to be continued."""
        still = _still_wrong(opened, state, judges)
        if not still:
            self._ledger.proven(opened)
        elif failure:
            self._ledger.gave_up(opened, f"Azure accepted the change and then failed it: {failure}")
        elif opened.attempts >= _ATTEMPTS or self._clock() - opened.opened_at > _PATIENCE:
            names = ", ".join(str(change.setting) for change in still)
            self._ledger.gave_up(opened, f"{names} still drifts after {opened.attempts} attempts")

    # -- mending ----------------------------------------------------------------------------------------------------

    async def _mend(self, scene: Scene, state: State, judges: Sequence[Judge], place: Place) -> None:
        ledger = self._ledger
        outcome, known = await self._decide(scene, state, judges, place)
        self._conclude(outcome)
        act = outcome.of(Verb.ACT)
        if not act and ledger.open is not None:
            ledger.gave_up(ledger.open, "the policy or the server changed while the fix was under way")
        ledger.learn(state, judges)
        ledger.remember(
            accepted={str(setting): acceptance for setting, acceptance in known.accepted.items()},
            due_at=due_at(ledger.memory, outcome, known.at),
        )
        if not act or ledger.failed:
            await self._commit()
            return
        await self._fix(ledger.begin(act, outcome.carried_out.changes), outcome.carried_out.changes, place, state)

    async def _decide(
        self, scene: Scene, state: State, judges: Sequence[Judge], place: Place
    ) -> tuple[Outcome, Circumstances]:
        """Decide with what is known, then with what has to be asked for, then with the brakes."""
        at = self._clock()
        self._ledger.remember(accepted=await still_accepted(self._arm, scene, at))
        scene = self._scene()
        last_good = scene.memory.last_good()
        drifting = any(judge.drifts(state) for judge in judges)
        orders = await orders_of(self._store) if drifting else Orders()
        known = circumstances_at(scene, place, orders, at)
        outcome = deliberate(state, judges, last_good, known)
        asked = await asked_about(self._arm, scene, state, outcome.decided, known)
        if asked != known:
            outcome = deliberate(state, judges, last_good, asked)
        stopped = await hold_back(self._store, scene.policy, self._target, outcome, at)
        if stopped is not None:
            asked = replace(asked, orders=stopped)
            outcome = deliberate(state, judges, last_good, asked)
        return outcome, asked

    def _conclude(self, outcome: Outcome) -> None:
        """Write down what the decisions mean for everybody who waits or has been told."""
        ledger = self._ledger
        asking.close(ledger, outcome, [one for one in self._consents if one.how is Assent.APPROVED])
        for trigger_id, reason in asking.unmet(self._consents, outcome).items():
            trigger = next(trigger for trigger in self._triggers if trigger.id == trigger_id)
            ledger.refused(trigger, reason)
        telling.resolved(ledger, outcome.decided, {judge.id for judge in outcome.judges})
        telling.tell(ledger, outcome)
        telling.keep_waiting(ledger, outcome)

    async def _undo(self, undo: "_Undo", state: State, place: Place) -> None:
        """Put back what was there before a change of ours, or say why not."""
        self._ledger.postpone(trigger for trigger in self._triggers if trigger.id != undo.trigger.id)
        held = (await orders_of(self._store)).hold(place)
        try:
            if held is not None:
                raise Refused(f"held by {held.by}: {held.reason}; release it first")
            changes = undoing(state, undo.report)
        except Refused as error:
            self._ledger.refused(undo.trigger, str(error))
            await self._commit()
        else:
            remediation = self._ledger.begin_undo(undo.trigger, undo.request, changes, undo.report)
            if undo.request.exempt_hours:
                exemption = after_undo(self._world.policy, self._target, remediation, undo.request, self._clock())
                await change_orders(self._store, lambda orders: with_exemption(orders, exemption))
            await self._fix(remediation, changes, place, state)
        await self._store.wake(self._target)

    async def _fix(self, remediation: Remediation, changes: tuple[Change, ...], place: Place, before: State) -> None:
        # The intent is in the store before the first write leaves.
        await self._commit(handled=False)

        async def permit() -> str:
            self._guard.check()
            return await self._forbidden(remediation, place)

        applied = await apply(self._arm, self._target, remediation, changes, permit)
        self._ledger.went_on(applied.remediation)
        if applied.failed:
            self._ledger.gave_up(applied.remediation, applied.failed, quiet=applied.moot)
            await self._commit()
        elif applied.wait_seconds is None:
            await self._prove(applied.remediation, before.facets(), place)
        else:
            self._ledger.waits(applied.remediation)
            await self._commit()
            await self._store.wake(self._target, applied.wait_seconds)

    async def _forbidden(self, remediation: Remediation, place: Place) -> str:
        """Why the next write may not be sent: somebody may have said stop since it was decided."""
        orders, at = await orders_of(self._store), self._clock()
        for control in ("", *remediation.controls):
            hold = orders.hold(place, control)
            if hold is not None:
                return f"held by {hold.by}: {hold.reason}; stopped before the next write"
            exemption = exemption_for(orders.exemptions, place, control, at) if control else None
            if exemption is not None and remediation.purpose is Purpose.FIX:
                said = f"exempted by {exemption.by or exemption.owner} meanwhile: {exemption.reason}"
                return f"{said}; stopped before the next write"
        return ""

    async def _prove(self, remediation: Remediation, facets: frozenset[Facet], place: Place) -> None:
        """Look again, with the same checks that found the drift."""
        state = await self._arm.observe(self._target, facets)
        judges = able(judges_for(self._world.catalogue, self._world.policy, place), facets)
        self._settle(remediation, state, judges, "")
        self._ledger.learn(state, judges)
        await self._commit()
        if self._ledger.open is not None:
            await self._store.wake(self._target, _backoff(remediation.attempts))

    async def _commit(self, handled: bool = True) -> None:
        """Write everything down at once. Lines that lead to approvals come before, and go after."""
        self._guard.check()
        waiting = {approval.id: approval for approval in self._ledger.memory.approvals}
        for approval_id in waiting.keys() - self._lines:
            await enlist(self._store, waiting[approval_id], self._target)
        self._version = await self._store.commit(self._target, self._version, self._ledger.take(handled))
        for approval_id in self._lines - waiting.keys():
            await unlist(self._store, approval_id)
        self._lines = set(waiting)
        due = self._ledger.memory.due_at
        if handled and due is not None and due - self._clock() < _NEXT_SWEEP:
            await self._store.wake(self._target, max(0.0, (due - self._clock()).total_seconds()))


@dataclass(frozen=True, slots=True)
class _Undo:
    trigger: Trigger
    request: Request
    report: Report


def appointment(target: Target, at: datetime) -> Trigger:
    """The trigger of a look for which no event comes: something was to be decided anew at this moment."""
    return Trigger(f"appointment-{at:%Y%m%dT%H%M%S}", target.id, "*", "", at, Origin.APPOINTMENT, received_at=at)


def _still_wrong(opened: Remediation, state: State, judges: Sequence[Judge]) -> list[Change]:
    if opened.purpose is Purpose.UNDO:
        return [change for change in opened.changes if state.value(change.setting) != change.after]
    about = [judge for judge in judges if judge.id in opened.controls]
    drifting = {setting for judge in about for drift in judge.drifts(state) for setting in drift.settings}
    return [change for change in opened.changes if change.setting in drifting]


def _spoken_of(policy: Policy, place: Place) -> dict[str, str]:
    return {name: value for name in sorted(policy.tag_names) if (value := place.tag(name)) is not None}


def _by(trigger: Trigger, ours: frozenset[str]) -> bool:
    actor = trigger.actor
    return actor is not None and bool({actor.object_id, actor.app_id} & ours)


def _backoff(times: int) -> float:
    return min(_LONGEST_WAIT_SECONDS, 2.0 ** min(times, 10))
