"""A fleet of servers of all kinds, an Azure and receivers that fail, and workers that die: a world for laws.

What may never happen is noted at the moment in which it happens (`violations`).
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared import approvals
from shared.approvals import Verdict
from shared.control import Change
from shared.engine import Engine
from shared.errors import (
    Busy,
    DeliveryFailed,
    HoldfastError,
    LeaseLost,
    Refused,
    StoreUnavailable,
    Throttled,
    Unreachable,
)
from shared.journal import Actor, Notice, Origin, Trigger, new_id
from shared.notify.deliver import Delivery
from shared.orders import Exemption, Hold
from shared.policy import AlertMatch, ControlPolicy, Mode, Playbook, Policy, Scope, Trusted
from shared.ports import Accepted, Creation, Progress
from shared.standing import orders_of
from shared.state import Setting, Value
from shared.stewardship import exempt, hold, release
from shared.target import Kind, Resource, Subject, Target
from tests.builders import CATALOGUE, a_policy, a_target, a_trigger
from tests.engine.alarms import CLOSE, LOG, a_step, an_alert
from tests.engine.fleet_azure import MortalArm, a_public_state
from tests.engine.fleet_laws import AT_EVERY_WRITE, WATCHED, Written, orders_in_force
from tests.engine.people import ALICE, BOB
from tests.engine.world import steadily
from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore, Wake

ROBOT_ID = "77777777-7777-4777-8777-777777777777"
ROBOT = Actor("deploy", ROBOT_ID, "", "application")
# How often each thing was done to a fleet, and each fault struck, in this process.
COUNTS: Counter[str] = Counter()
# How long a queue hides a message whose worker died.
_HIDDEN_SECONDS = 30
# What failed so often is poison; its server is looked at again in a while.
_TRIES, _AFTER_POISON_SECONDS = 5, 600
_ROUNDS = 400


class Killed(BaseException):
    """The worker is gone in the middle of what it did."""


class Receiver:
    """Somebody who is told, unless it is `down`. `got` are the notices, as they came; of the next `mute` nobody hears
    that they arrived. `interrupt` may raise before and after each."""

    name = "chat"

    def __init__(self) -> None:
        self.down = False
        self.mute = 0
        self.interrupt: Callable[[str], None] = lambda _point: None
        self.got: list[Notice] = []

    def wants(self, notice: Notice) -> bool:
        return not notice.quiet

    async def send(self, notice: Notice) -> None:
        self.interrupt("before a message")
        if self.down:
            raise DeliveryFailed("the receiver is down")
        self.got.append(notice)
        self.interrupt("after a message")
        if self.mute:
            self.mute -= 1
            COUNTS["fault: the receiver took it and did not say so"] += 1
            raise DeliveryFailed("the answer was lost")

    async def close(self) -> None:
        """Nothing is open."""


class Fleet:
    """Servers, those who look after them, and everything that can go wrong."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock)
        kinds = {"pg-orders": Kind.FLEXIBLE, "pg-single": Kind.SINGLE, "pg-citus": Kind.CITUS, WATCHED: Kind.FLEXIBLE}
        self.arm = MortalArm(*(a_public_state(a_target(name, kind)) for name, kind in kinds.items()))
        self.receiver = Receiver()
        self.violations: list[str] = []
        # How many of the next looks two workers begin at once: one of them has to step back.
        self.rivals = 0
        self._events = 0
        # How often it was cut short that people are told: each of these may have them told once more.
        self.cut_short = 0
        # What a pipeline has really deployed, and what the activity log does not show yet.
        self.deployed: set[tuple[Target, Setting]] = set()
        self.late_log: list[tuple[Target, datetime, str, frozenset[str]]] = []
        # Events that are on their way.
        self.mail: list[Trigger] = []
        self._failed: Counter[Target] = Counter()
        self.policy = self._policy(Mode.ENFORCE)
        self.arm.write = self._written(self.arm.write)  # type: ignore[method-assign, assignment]  # looks at what came of it

    # -- what it is made of ---------------------------------------------------------------------------------------

    def _policy(self, mode: Mode) -> Policy:
        """Servers may be public here; one is only watched."""
        named = dict.fromkeys(("resource_lock_present", "pgaudit_loaded", "log_connections_on"), mode)
        base = a_policy(mode, public_network_access_disabled=Mode.OFF, **named)
        watched = Scope(scope=a_target(WATCHED).id.lower(), mode=Mode.AUDIT)
        # What happens at once to many servers is what this world is about.
        blast = base.blast_radius.model_copy(update={"servers": 0})
        steps = a_step(LOG, hours=1), a_step(CLOSE, hours=2)
        return replace(
            base,
            scopes=(watched,),
            blast_radius=blast,
            trusted=(Trusted(name="deploy", ids=frozenset({ROBOT_ID})),),
            playbooks=(Playbook("mine", AlertMatch(), steps, "policy.yaml:5"),),
            default_playbooks=Mode.OFF,
        )

    def decide(self, mode: Mode) -> None:
        """The owner writes another policy."""
        self.policy = self._policy(mode)

    def switch_off(self, control: str) -> None:
        """The owner does not care about one control any more."""
        self.policy = replace(self.policy, controls={**self.policy.controls, control: ControlPolicy(mode=Mode.OFF)})

    @property
    def engine(self) -> Engine:
        """A worker, as it starts anew."""
        return Engine(self.store, self.arm, CATALOGUE, steadily(self.policy), self.clock)

    @property
    def targets(self) -> list[Target]:
        return sorted(self.arm.states, key=lambda target: target.id)

    # -- the laws of a single write ---------------------------------------------------------------------------------

    def _written(self, write: Callable[..., object]) -> Callable[..., object]:
        async def watched(target: Target, group: Sequence[Change], correlation_id: str) -> Accepted:
            opened, orders, before = self.store.memory_of(target).open, orders_in_force(self), self._settings(target)
            writes = len(self.arm.writes)
            try:
                return await write(target, group, correlation_id)  # type: ignore[no-any-return, misc]
            finally:
                if len(self.arm.writes) > writes:
                    self._judge(Written(target, group, opened, orders, before, self._settings(target)))

        return watched

    def _settings(self, target: Target) -> dict[Setting, Value]:
        return self.arm.states[target].settings() if target in self.arm.states else {}

    def _judge(self, written: Written) -> None:
        COUNTS["writes"] += 1
        for law in AT_EVERY_WRITE:
            if said := law(self, written):
                self.violations.append(f"{law.__name__}: {said}: {written.group}")

    # -- events, workers, time --------------------------------------------------------------------------------------

    def event(self, target: Target, setting: Setting, value: Value, **changes: Any) -> Trigger:
        """The event of such a change."""
        self._events += 1
        child, verb = setting.path(target.kind), "write" if value is not None else "delete"
        operation = f"{Resource(target, child).collection}/{verb}".lstrip("/")
        at = self.clock()
        given = {"id": f"event-{self._events}", "at": at, "received_at": at, **changes}
        return a_trigger(target, operation, child, **given)

    async def deploys(self, target: Target, setting: Setting, value: Value, late: bool) -> None:
        """A pipeline changes a setting; the activity log confirms who it was, perhaps late."""
        # What it shows in the same second as our last look may have been before it.
        self.clock.advance(1)
        self.arm.set(target, setting, value)
        event = self.event(target, setting, value, actor=ROBOT)
        self.deployed.add((target, setting))
        (self.late_log if late else self.arm.log).append((target, self.clock(), event.child, frozenset({ROBOT_ID})))
        await self.arrives(event)

    def the_log_fills_up(self) -> None:
        """The activity log shows what it did not yet."""
        self.arm.log += self.late_log
        self.late_log = []

    def restored(self, source: Target, target: Target) -> None:
        """Somebody restores a server from a backup: a new one, as the other one is now."""
        self.arm.states[target] = replace(self.arm.states[source], target=target)
        self.arm.creations[target] = Creation(source.id)

    async def alarm(self, target: Target) -> None:
        """Defender raises an alert."""
        self._events += 1
        at, alert = self.clock(), an_alert(id=f"alert-{self._events}", resource=target.id)
        id_ = f"alert:{alert.id}:{alert.status}"
        await self.arrives(Trigger(id_, target.id, "", "", at, Origin.ALERT, received_at=at, alert=alert))

    async def held(self, target: Target) -> None:
        """Somebody holds a server, if the store takes it."""
        order = Hold(new_id(self.clock()), target.id.lower(), "an investigation", ALICE.name, self.clock())
        with suppress(StoreUnavailable, Killed):
            await hold(self.store, order, ALICE)

    async def let_go(self) -> None:
        """Somebody lifts every hold, if the store lets them."""
        with suppress(StoreUnavailable, Killed):
            orders = await orders_of(self.store)
            if orders.holds:
                await release(self.store, [one.id for one in orders.holds], ALICE, "it is over", self.clock())

    async def exempt(self, target: Target, *controls: str) -> None:
        """Somebody exempts a server for a day, if the store takes it."""
        until = self.clock() + timedelta(hours=24)
        order = Exemption(new_id(self.clock()), target.id.lower(), controls, "a move", ALICE.name, until, by=ALICE.name)
        with suppress(StoreUnavailable, Killed):
            await exempt(self.store, self.policy, order, ALICE, self.clock())

    async def decided(self, which: int, verdict: Verdict) -> None:
        """Somebody decides about one of the plans that wait, if the store takes it."""
        with suppress(StoreUnavailable, Killed, Refused):
            waiting = await approvals.waiting(self.store)
            if waiting:
                plan, at = waiting[which % len(waiting)].approval, self.clock()
                await approvals.decide(self.store, self.policy, plan.id, plan.digest, verdict, BOB, "it is good so", at)

    async def post_arrives(self, seed: int) -> None:
        """What was on its way arrives, in any order."""
        events, self.mail = self.mail, []
        random.Random(seed).shuffle(events)  # noqa: S311  # an order, not a secret
        for event in events:
            await self.arrives(event)

    async def sweep(self) -> None:
        """The hourly timer."""
        self._events += 1
        for target in self.targets:
            at = self.clock()
            trigger = Trigger(f"sweep-{self._events}", target.id, "*", "", at, Origin.SWEEP, received_at=at)
            await self.arrives(trigger)
        await self.work()

    async def arrives(self, trigger: Trigger) -> None:
        """A door takes it in, if it can; what it cannot comes again, or the sweep finds it."""
        with suppress(StoreUnavailable, Killed):
            await self.store.remember(trigger)

    async def work(self) -> None:
        """Two workers empty both queues, as far as anything is due."""
        for _ in range(_ROUNDS):
            looks, tells = self.store.take_due(self.store.reconcile), self.store.take_due(self.store.deliver)
            if not looks and not tells:
                return
            rivals, self.rivals = looks[: self.rivals], 0
            await asyncio.gather(*map(self._look, dict.fromkeys(looks)), *map(self._rival, rivals))
            for subject in dict.fromkeys(tells):
                await self._tell(subject)
        raise AssertionError("the queues do not drain")

    async def later(self, seconds: float) -> None:
        """Time passes, and what falls due is done when it falls due."""
        end = self.clock() + timedelta(seconds=seconds)
        await self.work()
        while waiting := [wake.due for wake in (*self.store.reconcile, *self.store.deliver) if wake.due <= end]:
            self.clock.advance_to(min(waiting))
            await self.work()
        self.clock.advance_to(end)
        await self.work()

    async def _look(self, target: Target) -> None:
        """What the host does: a message whose handling failed comes back; after five times it is poison."""
        try:
            await self.engine.reconcile(target)
        except (LeaseLost, StoreUnavailable, Killed):
            self._comes_back(target)
        except HoldfastError as error:
            self.violations.append(f"a look broke down: {error}")

    async def _rival(self, target: Target) -> None:
        """Another worker with the same message; whatever becomes of it, the first one has its own."""
        with suppress(LeaseLost, StoreUnavailable, Killed):
            await self.engine.reconcile(target)

    def _comes_back(self, target: Target) -> None:
        self._failed[target] += 1
        poison = self._failed[target] % _TRIES == 0
        hidden = timedelta(seconds=_AFTER_POISON_SECONDS if poison else _HIDDEN_SECONDS)
        self.store.reconcile.append(Wake(self.clock() + hidden, target))

    async def _tell(self, subject: Subject) -> None:
        try:
            await Delivery(self.store, [self.receiver], self.clock).deliver(subject)
        except (LeaseLost, StoreUnavailable, Killed):
            self.cut_short += 1
            hidden = timedelta(seconds=_AFTER_POISON_SECONDS)
            self.store.deliver.append(Wake(self.clock() + hidden, subject))

    # -- faults -----------------------------------------------------------------------------------------------------

    def azure_fails(self, kind: str, times: int) -> None:
        """The next writes fail like this."""
        left = [times]

        def fails() -> bool:
            left[0] -= 1
            return left[0] >= 0

        def before(_target: Target, _group: Sequence[Change]) -> None:
            if kind in _BEFORE and fails():
                COUNTS[f"fault: {kind}"] += 1
                raise _BEFORE[kind]()

        def after() -> None:
            if kind == "answer lost" and fails():
                COUNTS["fault: answer lost"] += 1
                raise Unreachable("the connection was dropped", 1)

        self.arm.on_write, self.arm.after_write = before, after
        if kind in _ENDS:
            COUNTS[f"fault: {kind} (from then on)"] += 1
            self.arm.accepted = Accepted("https://arm/operation", 30)
            self.arm.operations = [Progress(done=False, retry_after_seconds=20), _ENDS[kind]]
            self.arm.ignore_writes = kind == "half done"

    def azure_is_well(self) -> None:
        """Whatever it was, it is over."""
        self.arm.on_write, self.arm.after_write = lambda _target, _group: None, lambda: None
        self.arm.accepted, self.arm.operations, self.arm.ignore_writes = Accepted(), [], False
        self.arm.on_read = lambda _target, _facet: None

    def kill_at(self, point: int) -> None:
        """A worker dies at this of the next points of store, Azure and receivers."""
        self._interrupted(point, "killed", Killed)

    def store_loses_answer(self, point: int) -> None:
        """What the store does at this of its next points it does, and nobody hears of it."""
        self._interrupted(point, "fault: answer of the store lost", lambda: StoreUnavailable("no answer"), "after ")

    def _interrupted(self, point: int, what: str, error: Callable[[], BaseException], only: str = "") -> None:
        left = [point]

        def interrupt(at: str) -> None:
            left[0] -= at.startswith(only)
            if left[0] == 0 and at.startswith(only):
                COUNTS[f"{what} {at}"] += 1
                raise error()

        self.store.interrupt = interrupt
        if not only:
            self.arm.interrupt = self.receiver.interrupt = interrupt

    def nobody_dies(self) -> None:
        """No worker is killed any more, and the store says what it does."""
        self.store.interrupt = self.arm.interrupt = self.receiver.interrupt = lambda _point: None

    def told(self) -> Counter[tuple[str, str]]:
        """How often each record was told, by the kind of message."""
        return Counter((notice.kind.value, notice.report.record) for notice in self.receiver.got)


_BEFORE: dict[str, Callable[[], HoldfastError]] = {
    "busy": lambda: Busy("ServerIsBusy", 10),
    "throttled": lambda: Throttled("429", 30),
    "unreachable": lambda: Unreachable("503", 5),
}
_ENDS = {"slow": Progress(done=True), "half done": Progress(done=True, error="InternalServerError: no luck")}
FAULTS = (*_BEFORE, "answer lost", *_ENDS)
