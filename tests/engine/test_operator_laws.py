"""A server, its people and all that can go wrong, in any order: what may never happen does not, and it ends well.

Strangers change things, events get lost or come twice or are forged, people hold, exempt, approve, deny and take back,
time passes, workers are killed in the middle, the store fails.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.approvals import Verdict
from shared.control import Change, Risk
from shared.decide import Verb
from shared.errors import Refused, StoreUnavailable
from shared.journal import Actor, Stage, decode
from shared.memory import Purpose
from shared.orders import Orders, exemption_for
from shared.scope import Place
from shared.standing import orders_of
from shared.state import Setting, SettingKind, Value
from shared.target import Target
from tests.engine.people import decide, end, exempt, hold, release, shown_plan, sweep, undo, waiting
from tests.engine.world import INTERNET, PUBLIC_ACCESS, RULE, TLS, World
from tests.examples import examples
from tests.fakes.arm import IDENTITY

STRANGE_RULE = Setting(SettingKind.FIREWALL_RULE, "everybody")
AUTH = Setting(SettingKind.AUTHENTICATION)
PASSWORDS = {"activeDirectoryAuth": "Disabled", "passwordAuth": "Enabled"}
DRIFTS: Sequence[tuple[Setting, Value]] = (
    (TLS, "off"),
    (RULE, INTERNET),
    (RULE, None),
    (STRANGE_RULE, INTERNET),
    (PUBLIC_ACCESS, "Enabled"),
    (AUTH, PASSWORDS),
)
_WIDENS = (Risk.WIDENS_ACCESS, Risk.CUTS_ONLY_DOOR, Risk.NEEDS_RESTART)


class Killed(BaseException):
    """The worker is gone in the middle of what it did."""


class Operation(RuleBasedStateMachine):
    """One server and those who work on it. `violations` is what must stay empty."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.world = World()
        self.violations: list[str] = []
        self.agreed: set[str] = set()
        self.exemptions: list[Any] = []
        self.world.arm.on_write = self._watch

    def do[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def _watch(self, target: Target, group: Sequence[Change]) -> None:
        """What may not be written, at the moment in which it is."""
        opened = self.world.store.memory_of(target).open
        body = self.world.store.body_of("orders")
        orders, place, at = decode(Orders, body) if body else Orders(), Place(target), self.world.clock()
        if orders.hold(place) is not None:
            self.violations.append(f"written while held: {group}")
        fix = opened is not None and opened.purpose is Purpose.FIX
        if fix and exemption_for(orders.exemptions, place, "any-control", at):
            self.violations.append(f"written while exempt: {group}")
        if fix and any(change.risk in _WIDENS and change.key not in self.agreed for change in group):
            self.violations.append(f"written without anybody's consent: {group}")

    @initialize()
    def baseline(self) -> None:
        self.do(self.world.baseline())

    # -- strangers, and Event Grid ------------------------------------------------------------------------------

    @rule(drift=st.sampled_from(DRIFTS))
    def somebody_changes_something(self, drift: tuple[Setting, Value]) -> None:
        self.do(self.world.change(*drift))

    @rule(drift=st.sampled_from(DRIFTS))
    def an_event_gets_lost(self, drift: tuple[Setting, Value]) -> None:
        self.world.arm.set(self.world.target, *drift)

    @rule(actor=st.sampled_from([Actor("us", IDENTITY, IDENTITY, "application"), Actor("nobody"), None]))
    def an_event_is_forged(self, actor: Actor | None) -> None:
        self.do(self.world.event("write", actor=actor))

    @rule()
    def the_sweep_comes_by(self) -> None:
        self.do(sweep(self.world))

    @rule(hours=st.sampled_from([0.01, 1, 5, 30]))
    def time_passes(self, hours: float) -> None:
        self.do(self.world.later(hours * 3600))

    # -- people -----------------------------------------------------------------------------------------------

    @rule()
    def alice_holds(self) -> None:
        self.do(hold(self.world))

    @rule()
    def alice_holds_everything(self) -> None:
        self.do(hold(self.world, scope=""))

    @rule()
    def alice_releases(self) -> None:
        with suppress(Refused):
            self.do(release(self.world))

    @rule(hours=st.sampled_from([1, 12]))
    def alice_exempts(self, hours: float) -> None:
        self.exemptions.append(self.do(exempt(self.world, hours=hours)))

    @precondition(lambda self: self.exemptions)
    @rule()
    def alice_ends_an_exemption(self) -> None:
        with suppress(Refused):
            self.do(end(self.world, self.exemptions.pop()))

    @rule(verdict=st.sampled_from(Verdict))
    def bob_decides(self, verdict: Verdict) -> None:
        found = self.do(waiting(self.world))
        if found:
            self.agreed |= {change.key for change in found[0].approval.changes}
            with suppress(Refused):
                self.do(decide(self.world, verdict))

    @rule()
    def alice_takes_a_fix_back(self) -> None:
        fixes = [entry for entry in self.do(self.world.entries(self.world.target)) if entry.stage is Stage.PROVEN]
        if fixes:
            self.do(undo(self.world, fixes[0].record, reason="needed", exempt_hours=2))

    @rule()
    def somebody_looks_what_would_be_done(self) -> None:
        before = self._everything()
        self.do(shown_plan(self.world))
        assert self._everything() == before

    def _everything(self) -> object:
        world = self.world
        wakes = (list(world.store.reconcile), list(world.store.deliver))
        return dict(world.arm.states), len(world.arm.writes), self.do(world.store.load(world.target)), wakes

    # -- what goes wrong --------------------------------------------------------------------------------------

    @rule(drift=st.sampled_from(DRIFTS), points=st.integers(1, 25))
    def a_worker_is_killed(self, drift: tuple[Setting, Value], points: int) -> None:
        left = [points]

        def interrupt(_point: str) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

        self.world.store.interrupt = interrupt
        with suppress(Killed):
            self.do(self.world.change(*drift))
        self.world.store.interrupt = lambda _point: None
        # Its lease runs out, and its message comes back.
        self.world.clock.advance(60)
        self.do(self.world.store.wake(self.world.target))
        self.do(self.world.run_due())

    @rule(drift=st.sampled_from(DRIFTS))
    def the_store_is_down_for_a_while(self, drift: tuple[Setting, Value]) -> None:
        self.world.arm.set(self.world.target, *drift)
        self.world.store.down = True
        written = len(self.world.arm.writes)
        with suppress(StoreUnavailable):
            self.do(self.world.event("*"))
        assert len(self.world.arm.writes) == written
        self.world.store.down = False

    # -- what has to hold -------------------------------------------------------------------------------------

    @invariant()
    def nothing_forbidden_was_written(self) -> None:
        assert self.violations == []

    def teardown(self) -> None:
        try:
            self._ends_well()
        finally:
            self.loop.close()

    def _ends_well(self) -> None:
        """Once everybody lets go: what is left has a reason, nothing hangs, and nobody is asked for ever."""
        with suppress(Refused):
            self.do(release(self.world))
        for _ in range(4):
            self.do(self.world.later(25 * 3600))
            self.do(sweep(self.world))
        dossier = self.do(self.world.store.load(self.world.target))
        assert dossier.memory.open is None
        assert dossier.triggers == ()
        assert self.violations == []
        orders = self.do(orders_of(self.world.store))
        preview = self.do(self.world.engine.preview(self.world.target))
        assert preview.outcome.of(Verb.ACT) == [] or orders.holds
        assert all(approval.expires_at > self.world.clock() for approval in dossier.memory.approvals)


TestOperation = Operation.TestCase
TestOperation.settings = settings(max_examples=examples(30), stateful_step_count=15)
