"""What is over is dropped when it is old, as long as the policy says; nothing that anybody still needs."""

from datetime import timedelta

from shared.approvals import Ruling, Verdict, ruling_on
from shared.journal import Actor, DeadLetter, Entry, Stage, encode, new_id
from shared.memory import Memory
from shared.orders import Hold, Orders
from shared.policy import Retention
from shared.ports import Commit
from shared.retention import prune
from shared.standing import change_orders, orders_of
from tests.builders import NOON, a_target
from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore
from tests.store.things import a_report

ALICE = Actor("alice@contoso.example", "a" * 8)
RULE = Retention(records_days=400, dead_letters_days=90)


async def with_records(store: MemoryStore, days: int) -> None:
    """A record for each of so many days before NOON."""
    target, version = a_target(), ""
    for day in range(days):
        at = NOON - timedelta(days=day)
        record = new_id(at)
        entry = Entry(record, 0, Stage.DETECTED, at, a_report(target, record))
        version = await store.commit(target, version, Commit(Memory(), (entry,)))


async def test_records_are_kept_as_long_as_the_policy_says() -> None:
    store = MemoryStore(FakeClock())
    await with_records(store, 1000)
    assert await prune(store, RULE, NOON) == 1000 - 401
    assert len(await store.history(limit=2000)) == 401
    assert await prune(store, RULE, NOON) == 0


async def test_one_run_has_an_end() -> None:
    store = MemoryStore(FakeClock())
    await with_records(store, 6000)
    assert await prune(store, Retention(records_days=30), NOON) == 5000


async def test_dead_letters_have_a_time_of_their_own() -> None:
    store = MemoryStore(FakeClock())
    for days in (1, 89, 91):
        await store.bury(DeadLetter(f"{days} days old", "event", "not JSON", "?", NOON - timedelta(days=days)))
    assert await prune(store, RULE, NOON) == 1
    assert [letter.id for letter in await store.dead_letters()] == ["1 days old", "89 days old"]


async def test_decisions_go_when_their_plans_are_long_over() -> None:
    store = MemoryStore(FakeClock())
    for name, days in (("old", 401), ("young", 399)):
        ruling = Ruling(name, "digest", Verdict.APPROVE, ALICE, NOON - timedelta(days=days))
        await store.write_document(f"decisions/{name}", encode(ruling))
    assert await prune(store, RULE, NOON) == 1
    assert (await ruling_on(store, "old"), await ruling_on(store, "young") is not None) == (None, True)


async def test_a_hold_is_never_too_old() -> None:
    store = MemoryStore(FakeClock())
    ancient = Hold("hold", "", "nobody remembers", ALICE.name, NOON - timedelta(days=4000))
    await change_orders(store, lambda _: Orders(holds=(ancient,)))
    await prune(store, RULE, NOON)
    assert (await orders_of(store)).holds == (ancient,)
