"""A whole fleet under everything that can go wrong at once, in any order: once the faults stop, it ends well.

Servers of all kinds drift, come, move and go; pipelines deploy, alerts come in, people hold and exempt; events get
lost, come late, twice, in another order or forged; Azure refuses, drops answers and leaves work half done; the
receiver, the store and workers fail; the clock jumps; the policy changes. The laws are in fleet_laws.py.
"""

import asyncio
import logging
import re
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.approvals import Verdict
from shared.errors import Forbidden, Throttled
from shared.journal import Actor
from shared.policy import Mode
from shared.state import Facet, Setting, SettingKind, Value
from shared.target import Kind, Target
from tests.builders import STRANGER, TENANT, a_target
from tests.engine.fleet import COUNTS, FAULTS, ROBOT, Fleet
from tests.engine.fleet_azure import LIBRARIES, LOCK, LOGGED, a_public_state
from tests.engine.fleet_laws import AFTERWARDS, AT_EVERY_WRITE
from tests.engine.world import INTERNET
from tests.examples import examples
from tests.fakes.arm import IDENTITY

RULE = Setting(SettingKind.FIREWALL_RULE, "app")
STRANGE = Setting(SettingKind.FIREWALL_RULE, "everybody")
NEIGHBOUR = Setting(SettingKind.FIREWALL_RULE, "branch")
TLS = Setting(SettingKind.PARAMETER, "require_secure_transport")
EVE = Setting(SettingKind.ADMINISTRATOR, STRANGER)
LOGIN = Setting(SettingKind.AUTHENTICATION)
BRANCH = {"startIpAddress": "203.0.113.11", "endIpAddress": "203.0.113.12"}
DRIFTS: tuple[tuple[Setting, Value], ...] = (
    (RULE, INTERNET), (RULE, None), (STRANGE, INTERNET), (NEIGHBOUR, BRANCH), (TLS, "off"),
    (LIBRARIES, "pg_stat_statements,timescaledb"), (LIBRARIES, "pgaudit,pg_cron"), (LIBRARIES, "pg_cron"),
    (LOGGED, "off"), (LOCK, None), (EVE, {"principalName": "eve", "principalType": "User", "tenantId": TENANT}),
    (LOGIN, {"activeDirectoryAuth": "Enabled", "passwordAuth": "Enabled", "tenantId": TENANT}),
)  # fmt: skip
WHERE = st.integers(0, 9)
BORN, RESTORED = a_target("pg-born", Kind.FLEXIBLE), a_target("pg-restored", Kind.FLEXIBLE)
# Whom a forged event names: a person, ourselves, a pipeline that is trusted, nobody.
CLAIMED = (Actor("dana.fields@contoso.example", "d" * 8), Actor("us", IDENTITY, IDENTITY, "application"), ROBOT, None)


def _has(target: Target, setting: Setting) -> bool:
    return target.kind is not Kind.CITUS or setting.kind in (SettingKind.FIREWALL_RULE, SettingKind.LOCK)


class Operation(RuleBasedStateMachine):
    """A fleet and all that happens to it."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.fleet = Fleet()

    def do[T](self, work: Coroutine[Any, Any, T]) -> T:
        COUNTS["steps"] += 1
        return self.loop.run_until_complete(work)

    def server(self, where: int) -> Target:
        return self.fleet.targets[where % len(self.fleet.targets)]

    @initialize(drifts=st.lists(st.tuples(WHERE, st.sampled_from(DRIFTS)), max_size=8))
    def the_fleet_is_seen_once(self, drifts: list[tuple[int, tuple[Setting, Value]]]) -> None:
        """Then something happens to it of which no event tells."""
        self.do(self.fleet.sweep())
        for where, drift in drifts:
            if _has(self.server(where), drift[0]):
                self.fleet.arm.set(self.server(where), *drift)

    # -- people, pipelines, Event Grid ------------------------------------------------------------------------------

    @rule(where=WHERE, drift=st.sampled_from(DRIFTS), copies=st.integers(0, 3), late=st.sampled_from([0, 0, 300]))
    def somebody_changes_a_server(self, where: int, drift: tuple[Setting, Value], copies: int, late: float) -> None:
        """Its event comes so many times: not at all, once, twice; and perhaps late."""
        target, fleet = self.server(where), self.fleet
        if not _has(target, drift[0]):
            return
        fleet.arm.set(target, *drift)
        event = fleet.event(target, *drift)
        if late:
            self.do(fleet.later(late))
        for _ in range(copies):
            self.do(self.fleet.arrives(event))
        self.do(fleet.work())

    @rule(where=WHERE, drift=st.sampled_from(DRIFTS), true=st.booleans(), by=st.sampled_from(CLAIMED))
    def an_event_is_forged(self, where: int, drift: tuple[Setting, Value], true: bool, by: Actor | None) -> None:
        """Nothing happened, or something did, and somebody else is named for it."""
        target = self.server(where)
        if true and _has(target, drift[0]):
            self.fleet.arm.set(target, *drift)
        self.do(self.fleet.arrives(self.fleet.event(target, *drift, actor=by)))
        self.do(self.fleet.work())

    @rule(where=WHERE, drift=st.sampled_from(DRIFTS))
    def an_event_is_on_its_way(self, where: int, drift: tuple[Setting, Value]) -> None:
        target = self.server(where)
        if _has(target, drift[0]):
            self.fleet.arm.set(target, *drift)
            self.fleet.mail.append(self.fleet.event(target, *drift))

    @rule(seed=st.integers(0, 9))
    def what_was_on_its_way_arrives_in_any_order(self, seed: int) -> None:
        self.do(self.fleet.post_arrives(seed))
        self.do(self.fleet.work())

    @rule(where=WHERE, drift=st.sampled_from(DRIFTS), late=st.booleans())
    def a_pipeline_deploys(self, where: int, drift: tuple[Setting, Value], late: bool) -> None:
        target = self.server(where)
        if _has(target, drift[0]):
            self.do(self.fleet.deploys(target, *drift, late=late))
            self.do(self.fleet.work())

    @rule()
    def the_activity_log_fills_up(self) -> None:
        self.fleet.the_log_fills_up()

    @rule(where=WHERE)
    def defender_raises_an_alert(self, where: int) -> None:
        self.do(self.fleet.alarm(self.server(where)))
        self.do(self.fleet.work())

    @rule(which=WHERE, verdict=st.sampled_from(Verdict))
    def somebody_decides_about_a_plan(self, which: int, verdict: Verdict) -> None:
        self.do(self.fleet.decided(which, verdict))
        self.do(self.fleet.work())

    @rule(where=WHERE)
    def somebody_holds_a_server(self, where: int) -> None:
        self.do(self.fleet.held(self.server(where)))

    @rule()
    def every_hold_is_lifted(self) -> None:
        self.do(self.fleet.let_go())

    @rule(where=WHERE, controls=st.sampled_from([(), ("pgaudit-loaded",), ("firewall-no-public-range",)]))
    def somebody_exempts_a_server(self, where: int, controls: tuple[str, ...]) -> None:
        self.do(self.fleet.exempt(self.server(where), *controls))

    @precondition(lambda self: BORN in self.fleet.arm.states)
    @rule()
    def a_server_is_moved(self) -> None:
        moved = replace(BORN, resource_group="rg-moved")
        if moved in self.fleet.arm.states:
            return
        self.fleet.arm.states[moved] = replace(self.fleet.arm.states.pop(BORN), target=moved)
        for target, value in ((BORN, None), (moved, "new")):
            self.do(self.fleet.arrives(self.fleet.event(target, Setting(SettingKind.PROPERTY, "x"), value)))
        self.do(self.fleet.work())

    @precondition(lambda self: BORN not in self.fleet.arm.states)
    @rule(naked=st.booleans())
    def a_server_is_born(self, naked: bool) -> None:
        self.fleet.arm.states[BORN] = a_public_state(BORN)
        if naked:
            self.fleet.arm.set(BORN, STRANGE, INTERNET)
        self.do(self.fleet.arrives(self.fleet.event(BORN, Setting(SettingKind.PROPERTY, "x"), "new")))
        self.do(self.fleet.work())

    @precondition(lambda self: RESTORED not in self.fleet.arm.states)
    @rule(where=WHERE)
    def a_server_is_restored(self, where: int) -> None:
        source = self.server(where)
        if source.kind is Kind.FLEXIBLE:
            self.fleet.restored(source, RESTORED)
            self.do(self.fleet.arrives(self.fleet.event(RESTORED, Setting(SettingKind.PROPERTY, "x"), "new")))
            self.do(self.fleet.work())

    @rule(which=st.sampled_from([BORN, RESTORED]))
    def a_server_is_deleted(self, which: Target) -> None:
        if self.fleet.arm.states.pop(which, None):
            self.do(self.fleet.arrives(self.fleet.event(which, Setting(SettingKind.PROPERTY, "x"), None)))
            self.do(self.fleet.work())

    @rule(mode=st.sampled_from([Mode.ENFORCE, Mode.NOTIFY, Mode.APPROVE]))
    def the_owner_changes_the_policy(self, mode: Mode) -> None:
        self.fleet.decide(mode)

    @rule()
    def the_sweep_comes_by(self) -> None:
        self.do(self.fleet.sweep())

    @rule(seconds=st.sampled_from([1, 30, 700, 4000, 90_000]))
    def time_passes(self, seconds: float) -> None:
        self.do(self.fleet.later(seconds))

    # -- what goes wrong --------------------------------------------------------------------------------------------

    @rule(fault=st.sampled_from(FAULTS), times=st.integers(1, 4), where=WHERE, drift=st.sampled_from(DRIFTS))
    def azure_fails(self, fault: str, times: int, where: int, drift: tuple[Setting, Value]) -> None:
        """Just when there is something to mend."""
        self.fleet.azure_fails(fault, times)
        self.somebody_changes_a_server(where=where, drift=drift, copies=1, late=0)

    @rule(missing=st.booleans())
    def azure_cannot_be_read(self, missing: bool) -> None:
        def refuse(target: Target, facet: Facet) -> None:
            raise Forbidden("no right to read", "read", target.id) if missing else Throttled("429", 20)

        self.fleet.arm.on_read = refuse

    @rule()
    def azure_is_well_again(self) -> None:
        self.fleet.azure_is_well()

    @rule(seconds=st.sampled_from([-90, -1, 3600]))
    def the_clock_jumps(self, seconds: float) -> None:
        self.fleet.clock.advance(seconds)

    @rule(rivals=st.integers(1, 3))
    def two_workers_take_the_same_server(self, rivals: int) -> None:
        self.fleet.rivals = rivals

    @rule()
    def a_worker_sleeps_through_its_lease(self) -> None:
        slept: list[bool] = []

        def sleep(_target: Target, _facet: Facet) -> None:
            if not slept:
                slept.append(True)
                self.fleet.clock.advance(120)

        self.fleet.arm.on_read = sleep

    @rule(down=st.booleans())
    def the_receiver_fails(self, down: bool) -> None:
        self.fleet.receiver.down = down
        COUNTS["fault: the receiver is down"] += down

    @rule(times=st.integers(1, 3))
    def the_receiver_takes_messages_and_does_not_say_so(self, times: int) -> None:
        self.fleet.receiver.mute += times
        self.fleet.cut_short += times

    @rule(down=st.booleans())
    def the_store_fails(self, down: bool) -> None:
        self.fleet.store.down = down
        COUNTS["fault: the store is down"] += down

    @rule(point=st.integers(1, 20))
    def an_answer_of_the_store_is_lost(self, point: int) -> None:
        self.fleet.store_loses_answer(point)

    @rule(point=st.integers(1, 40))
    def a_worker_is_going_to_be_killed(self, point: int) -> None:
        self.fleet.kill_at(point)

    # -- what has to hold -------------------------------------------------------------------------------------------

    @invariant()
    def nothing_happened_that_may_never_happen(self) -> None:
        assert self.fleet.violations == []

    def teardown(self) -> None:
        COUNTS["fleets"] += 1
        try:
            self._ends_well()
        finally:
            self.loop.close()

    def _ends_well(self) -> None:
        fleet = self.fleet
        fleet.azure_is_well()
        fleet.store.down, fleet.receiver.down, fleet.receiver.mute = False, False, 0
        fleet.nobody_dies()
        fleet.decide(Mode.ENFORCE)
        for _ in range(3):
            self.do(fleet.later(13 * 3600))
            self.do(fleet.let_go())
            self.do(fleet.sweep())
        assert fleet.violations == []
        for target in fleet.targets:
            for law in AFTERWARDS:
                said: str = self.do(law(fleet, target))  # type: ignore[arg-type]  # each is a coroutine function
                assert not said, f"{law.__name__}: {target.name}: {said}"


@pytest.fixture(scope="module", autouse=True)
def counted() -> Iterator[None]:
    """What was done, printed at the end (`make faults`). What is logged of so many faults is no help to anybody."""
    logging.getLogger("holdfast").setLevel(logging.CRITICAL)
    yield
    logging.getLogger("holdfast").setLevel(logging.NOTSET)
    print("\n" + "\n".join(f"{count:>9,}  {what}" for what, count in sorted(COUNTS.items())))


TestOperation = Operation.TestCase
TestOperation.settings = settings(max_examples=examples(100), stateful_step_count=25, deadline=None)


def test_the_documentation_lists_every_law() -> None:
    page = Path(__file__).parents[2] / "docs" / "faults.md"
    laws = [law.__name__ for law in (*AFTERWARDS, *AT_EVERY_WRITE)]
    assert re.findall(r"\| `(\w+)` \| (?:afterwards|at every write) \|", page.read_text()) == laws
