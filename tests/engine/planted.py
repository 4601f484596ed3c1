"""Bugs that are planted into the product, to see that the laws of the fleet find them.

A plant changes the product where a careless change might: it leaves out a step, a fence, a record or a word. It names
the law that has to speak.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from shared import claims, deliberate, judging, lifting, look, plan, standing, witnesses, writing
from shared.control import Change, Risk, Source
from shared.guard import Guard
from shared.journal import NoticeKind, Origin, Stage, Trigger
from shared.ledger import Ledger
from shared.memory import Memory
from shared.orders import Orders
from shared.policy import Mode, Policy
from shared.ports import Accepted, Commit, Lease, Store
from shared.state import Setting, SettingKind, Value
from shared.target import Target
from shared.turn import Turn
from tests.engine.fleet_azure import LOGGED, MortalArm
from tests.engine.world import INTERNET
from tests.fakes.store import MemoryStore

type Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Bug:
    """A planted bug. `law` is how what is found begins; a `cheap` one is found within seconds."""

    name: str
    plant: Plant
    law: str
    cheap: bool = True


def _the_lease_is_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    async def confirm(_guard: Guard) -> None:
        return

    patch.setattr(Guard, "check", lambda _guard: None)
    patch.setattr(Guard, "confirm", confirm)


def _a_lease_is_never_given_back(patch: pytest.MonkeyPatch) -> None:
    async def release(_guard: Guard) -> None:
        return

    keep = MemoryStore._keep

    def for_ever(store: MemoryStore, name: str, token: str, seconds: float) -> Lease:
        return keep(store, name, token, timedelta(days=3650).total_seconds())

    patch.setattr(Guard, "release", release)
    patch.setattr(MemoryStore, "_keep", for_ever)


def _orders_without(patch: pytest.MonkeyPatch, **gone: tuple[()]) -> None:
    before = standing.orders_of

    async def forgetful(store: Store) -> Orders:
        return replace(await before(store), **gone)  # type: ignore[arg-type]  # names of its fields

    for module in (judging, writing, lifting):
        patch.setattr(module, "orders_of", forgetful)


def _holds_are_overlooked(patch: pytest.MonkeyPatch) -> None:
    _orders_without(patch, holds=())


def _exemptions_are_overlooked(patch: pytest.MonkeyPatch) -> None:
    _orders_without(patch, exemptions=())


def _the_intent_comes_after_the_write(patch: pytest.MonkeyPatch) -> None:
    commit = Turn.commit

    async def late(turn: Turn, handled: bool = True) -> None:
        opened = turn.ledger.open
        if handled or opened is None or opened.attempts > 1:
            await commit(turn, handled)

    patch.setattr(Turn, "commit", late)


def _a_list_is_put_back_as_it_was(patch: pytest.MonkeyPatch) -> None:
    def as_it_was(good: Value, _found: Value, _wished: Sequence[Value]) -> Value:
        return good

    patch.setattr(plan, "with_neighbours", as_it_was)


def _a_fix_opens_a_door(patch: pytest.MonkeyPatch) -> None:
    """Twice careless: the plan is wrong, and nobody judges what it would do."""
    carried_out = deliberate.Outcome.carried_out.fget  # type: ignore[attr-defined]  # it is a property
    helper = Setting(SettingKind.FIREWALL_RULE, "helper")

    def careless(outcome: deliberate.Outcome) -> plan.Plan:
        found: plan.Plan = carried_out(outcome)
        door = Change(helper, None, INTERNET, Source.POLICY, Risk.SAFE)
        return replace(found, changes=(*found.changes, door)) if found.changes else found

    patch.setattr(deliberate.Outcome, "carried_out", property(careless))
    patch.setattr(deliberate, "checked", lambda _state, found, _judges: found)


def _another_setting_is_written_along(patch: pytest.MonkeyPatch) -> None:
    write = MortalArm.write

    async def careless(arm: MortalArm, target: Target, group: Sequence[Change], correlation_id: str) -> Accepted:
        accepted = await write(arm, target, group, correlation_id)
        if LOGGED.name in arm.states[target].parameters and LOGGED not in {change.setting for change in group}:
            arm.set(target, LOGGED, "reset by us")
        return accepted

    patch.setattr(MortalArm, "write", careless)


def _a_watched_server_is_mended(patch: pytest.MonkeyPatch) -> None:
    rules = Policy.rules

    def blind(policy: Policy, place: Any) -> Callable[[Any], Any]:
        found = rules(policy, place)
        return lambda control: replace(found(control), fresh=Mode.ENFORCE, first_sight=Mode.ENFORCE)

    patch.setattr(Policy, "rules", blind)


def _written(patch: pytest.MonkeyPatch, change: Callable[..., tuple[Any, ...]]) -> None:
    write = Ledger.write

    def written(ledger: Ledger, entry: Any, *notices: Any) -> None:
        entry, *notices = change(entry, *notices)  # type: ignore[assignment]
        write(ledger, entry, *notices)

    patch.setattr(Ledger, "write", written)


def _nobody_is_told(patch: pytest.MonkeyPatch) -> None:
    _written(patch, lambda entry, *notices: (entry, *(one for one in notices if one.kind is not NoticeKind.REMEDIATED)))


def _people_are_told_twice(patch: pytest.MonkeyPatch) -> None:
    def twice(entry: Any, *notices: Any) -> tuple[Any, ...]:
        return entry, *notices, *(replace(one, id=f"{one.id}.again", number=one.number + 500) for one in notices)

    _written(patch, twice)


def _a_message_is_sent_again_and_again(patch: pytest.MonkeyPatch) -> None:
    finish = MemoryStore.finish_notice
    kept: set[str] = set()

    async def finish_at_the_second(store: MemoryStore, target: Any, notice: Any, entry: Any) -> None:
        if notice.id in kept:
            await finish(store, target, notice, entry)
        else:
            kept.add(notice.id)
            await store.wake_delivery(target)

    patch.setattr(MemoryStore, "finish_notice", finish_at_the_second)


def _a_failure_is_told_as_a_success(patch: pytest.MonkeyPatch) -> None:
    def glad(entry: Any, *notices: Any) -> tuple[Any, ...]:
        failed = entry.stage is Stage.FAILED and bool(entry.report.changes)
        return entry, *(replace(one, kind=NoticeKind.REMEDIATED) if failed else one for one in notices)

    _written(patch, glad)


def _the_end_is_not_recorded(patch: pytest.MonkeyPatch) -> None:
    take = Ledger.take

    def without_ends(ledger: Ledger, handled: bool) -> Commit:
        commit = take(ledger, handled)
        return replace(commit, entries=tuple(one for one in commit.entries if one.stage is not Stage.PROVEN))

    patch.setattr(Ledger, "take", without_ends)


def _each_attempt_is_another_intent(patch: pytest.MonkeyPatch) -> None:
    take = Ledger.take

    def with_two(ledger: Ledger, handled: bool) -> Commit:
        commit = take(ledger, handled)
        return replace(commit, entries=tuple(replace(one, number=one.number * 2) for one in commit.entries))

    patch.setattr(Ledger, "take", with_two)


def _what_is_done_stays_on_the_list(patch: pytest.MonkeyPatch) -> None:
    take = Ledger.take
    patch.setattr(Ledger, "take", lambda ledger, handled: replace(take(ledger, handled), handled=()))


def _the_sweep_looks_at_nothing(patch: pytest.MonkeyPatch) -> None:
    remember = MemoryStore.remember

    async def deaf(store: MemoryStore, trigger: Trigger) -> None:
        if trigger.origin is not Origin.SWEEP:
            await remember(store, trigger)

    patch.setattr(MemoryStore, "remember", deaf)


def _every_claim_is_believed(patch: pytest.MonkeyPatch) -> None:
    async def proof(_witnesses: Any, _setting: Setting) -> str:
        return witnesses.BY_DELIVERY

    patch.setattr(witnesses.Witnesses, "proof", proof)
    patch.setattr(claims, "only", lambda *_: True)


def _answers_to_alerts_never_end(patch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any) -> bool:
        return False

    patch.setattr(look, "lift", never)
    patch.setattr(Memory, "ends", property(lambda _memory: False))


BUGS = (
    Bug("the lease is not looked at", _the_lease_is_not_looked_at, "is_leased", cheap=False),
    Bug("a lease is never given back", _a_lease_is_never_given_back, "is_drained", cheap=False),
    Bug("holds are overlooked", _holds_are_overlooked, "is_not_held", cheap=False),
    Bug("exemptions are overlooked", _exemptions_are_overlooked, "is_not_exempt"),
    Bug("the intent comes after the write", _the_intent_comes_after_the_write, "is_intended"),
    Bug("a list is put back as it was", _a_list_is_put_back_as_it_was, "keeps_entries"),
    Bug("a fix opens a door", _a_fix_opens_a_door, "opens_nothing"),
    Bug("another setting is written along", _another_setting_is_written_along, "leaves_neighbours_alone"),
    Bug("a watched server is mended", _a_watched_server_is_mended, "is_not_only_watched"),
    Bug("nobody is told of a fix", _nobody_is_told, "each_fix_is_told"),
    Bug("people are told of a fix twice", _people_are_told_twice, "nobody_is_told_twice"),
    Bug("a message is sent twice", _a_message_is_sent_again_and_again, "nobody_is_told_twice"),
    Bug("a failure is told as a success", _a_failure_is_told_as_a_success, "each_fix_is_told", cheap=False),
    Bug("the end is not recorded", _the_end_is_not_recorded, "each_fix_has_one_chain"),
    Bug("the numbers of a record have gaps", _each_attempt_is_another_intent, "each_fix_has_one_chain"),
    Bug("what is done stays on the list", _what_is_done_stays_on_the_list, "is_drained"),
    Bug("the sweep looks at nothing", _the_sweep_looks_at_nothing, "converges"),
    Bug("every claim is believed", _every_claim_is_believed, "converges", cheap=False),
    Bug("answers to alerts never end", _answers_to_alerts_never_end, "measures_are_over|because of an alert"),
)
